// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

// TestSimulateUnknowns checks that only ids may be unknown.
func TestSimulateUnknowns(t *testing.T) {
	t.Parallel()
	steps := map[string]any{"a": map[string]any{"app": types.StringUnknown()}, "b": map[string]any{"app": types.StringUnknown(),
		"after": map[string]any{"a": "success"}}}
	result, err := simulate(t, steps, map[string]any{})
	if err != nil || strings.Join(wordsOf(result.Attributes()["started"]), ", ") != "a, b" {
		t.Errorf("%v, %v", result, err)
	}
	steps["b"] = map[string]any{"app": types.StringUnknown(), "after": map[string]any{"a": types.StringUnknown()}}
	if result, err := simulate(t, steps, map[string]any{}); err != nil || !result.IsUnknown() {
		t.Errorf("%v, %v", result, err)
	}
	if result, err := simulate(t, types.DynamicUnknown(), map[string]any{}); err != nil || !result.IsUnknown() {
		t.Errorf("%v, %v", result, err)
	}
}

// TestSimulateIsThePlay checks with random chains that simulate returns what a play with the same beginnings has.
func TestSimulateIsThePlay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	words := map[string]string{"SUCCEEDED": "success", "FAILED": "failure", "EXCEEDED_LIMIT": "exceeded_limit", "CANCELED": "canceled"}
	for seed := range uint64(200) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 1)), 12, 3)
		endings := chaintest.Endings(seed, d)
		const most = 3 * chain.MaxAttempts
		script := play.Script{Definition: d, Ending: func(step string, n int) play.Ending {
			return play.Ending{Status: endings(step, min(n, most)), Duration: time.Minute}
		}}
		starts, outcomes := map[string]any{}, map[string]any{}
		for _, root := range chaintest.Roots(d) {
			starts[root] = "00:00"
			script.Events = append(script.Events, play.Begin{At: at, Steps: []string{root}})
		}
		for key := range d.Steps {
			var all []any
			for n := range most {
				all = append(all, words[endings(key, n+1)])
			}
			outcomes[key] = all
		}
		played, err := play.Of(script)
		if err != nil {
			t.Fatal(err)
		}
		model := &taskChainModel{Name: types.StringValue(d.Name)}
		model.setChain(d)
		result, failure := simulate(t, model.Steps, outcomes, map[string]any{"start": starts})
		if failure != nil {
			t.Fatalf("seed %d: %v", seed, failure)
		}
		var want []string
		for _, r := range played.Reloads {
			want = append(want, fmt.Sprintf("%s %d %s", r.Step, r.Attempt, words[r.Status]))
		}
		lines := reloadLines(t, result)
		for i := range lines {
			lines[i] = strings.Join(strings.Fields(lines[i])[:3], " ")
		}
		if !slices.Equal(lines, want) {
			t.Fatalf("seed %d: %q\nwant %q", seed, lines, want)
		}
		started, missing := wordsOf(result.Attributes()["started"]), 0
		if m, ok := result.Attributes()["not_started"].(types.Map); ok {
			missing = len(m.Elements())
		}
		if len(started)+missing != len(d.Steps) {
			t.Fatalf("seed %d: %d started, %d not, of %d", seed, len(started), missing, len(d.Steps))
		}
		for _, line := range runLines(t, result) {
			if status := strings.Fields(line)[1]; status == "under_way" || status == "waiting" {
				t.Fatalf("seed %d: a run does not end: %s", seed, line)
			}
		}
	}
}
