// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
)

// TestTimerNames: whatever a timer's name is made of, EventBridge Scheduler takes it as a schedule's name and as a ClientToken.
func TestTimerNames(t *testing.T) {
	t.Parallel()
	var rules []*constraint.Rule
	for _, member := range []string{"Name", "ClientToken"} {
		rule, err := constraint.RuleOf("scheduler", "CreateSchedule", member)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, rule)
	}
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aZ09-_.:/ #äé世\n")
	seen := map[string]string{}
	for range 20_000 {
		var parts []string
		for range 1 + random.IntN(3) {
			part := make([]rune, random.IntN(40))
			for i := range part {
				part[i] = alphabet[random.IntN(len(alphabet))]
			}
			parts = append(parts, string(part))
		}
		name, meant := timerName(parts...), strings.Join(parts, "-")
		for _, rule := range rules {
			if broken := rule.Broken(name); broken != nil {
				t.Fatalf("%q is named %q: %v", parts, name, broken)
			}
		}
		if other, taken := seen[name]; taken && other != meant {
			t.Fatalf("%q and %q are both named %q", other, meant, name)
		}
		seen[name] = meant
	}
	for _, readable := range []string{"release-20261130T052024-174", "cancel-20261130T020000Z-0a1b2c3d-020001", "0123456789abcdef-01-000"} {
		if name := timerName(readable); name != readable {
			t.Errorf("%q is named %q", readable, name)
		}
	}
}
