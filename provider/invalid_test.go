// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// says matches text that Terraform has wrapped to its own width and drawn a line beside.
func says(words string) *regexp.Regexp {
	var pattern strings.Builder
	for i, word := range strings.Fields(words) {
		if i > 0 {
			pattern.WriteString(`[\s│]+`)
		}
		pattern.WriteString(regexp.QuoteMeta(word))
	}
	return regexp.MustCompile(pattern.String())
}

// TestAccInvalidChain: every refusal, several at once, each at its attribute; nothing is called.
func TestAccInvalidChain(t *testing.T) {
	t.Parallel()
	variables := make([]string, 21)
	for i := range variables {
		variables[i] = fmt.Sprintf("v%d = \"x\"", i)
	}
	tests := map[string]struct {
		apps string
		want []string
	}{
		"unknown key": {
			`extract = { id = "` + sandbox.AppExtract + `" }
			 load = { id = "` + sandbox.AppTransform + `", after = { extrct = "success" } }`,
			[]string{`apps["load"].after["extrct"]`, "extract"},
		},
		"self reference": {
			`load = { id = "` + sandbox.AppExtract + `", after = { load = "success" } }`,
			[]string{`apps["load"].after["load"]`},
		},
		"cycle": {
			`a = { id = "` + sandbox.AppExtract + `", after = { c = "success" } }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "success" } }
			 c = { id = "` + sandbox.AppArchive + `", after = { b = "failure" } }`,
			[]string{"a → b → c → a"},
		},
		"the same app twice": {
			`a = { id = "` + sandbox.AppExtract + `" }
			 b = { id = "` + strings.ToUpper(sandbox.AppExtract) + `" }`,
			[]string{`apps["b"].id`, `"a"`},
		},
		"not a UUID": {`a = { id = "sales" }`, []string{`apps["a"].id`, "UUID"}},
		"condition": {
			`a = { id = "` + sandbox.AppExtract + `" }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "succeeded" } }`,
			[]string{`apps["b"].after["a"]`, "completion"},
		},
		"too many variables": {
			`a = { id = "` + sandbox.AppExtract + `", variables = { ` + strings.Join(variables, ", ") + ` } }`,
			[]string{`apps["a"].variables`, "20"},
		},
		"long variable": {
			`a = { id = "` + sandbox.AppExtract + `", variables = { v = "` + strings.Repeat("x", 257) + `" } }`,
			[]string{`apps["a"].variables["v"]`, "256"},
		},
		"weight":      {`a = { id = "` + sandbox.AppExtract + `", weight = 11 }`, []string{`apps["a"].weight`, "10"}},
		"weight zero": {`a = { id = "` + sandbox.AppExtract + `", weight = 0 }`, []string{`apps["a"].weight`}},
		"no apps":     {``, []string{"apps"}},
		"several at once": {
			`a = { id = "sales", weight = 0 }
			 b = { id = "` + sandbox.AppExtract + `", after = { z = "success", b = "failure" } }`,
			[]string{`apps["a"].id`, `apps["a"].weight`, `apps["b"].after["z"]`, `apps["b"].after["b"]`},
		},
		"too large": {largeChain(40), []string{"what stores it holds"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newHarness(t, nil).refuses(chainResource(test.apps), test.want...)
		})
	}
}

// TestAccInvalidDurableChain: the same of joins, guards, delays, retries and what stands beside apps.
func TestAccInvalidDurableChain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		apps string
		want []string
		more []string // arguments of the chain
	}{
		"chain": {nightlyApps, []string{
			`timezone: There is no time zone "Europe/Belin". Did you mean "Europe/Berlin"?`, `history_days: history_days is 366.`,
			`max_depth: max_depth is 0. Give it a value, or leave it out.`, "is not the ARN of a KMS key.",
		}, []string{`timezone = "Europe/Belin"`, "history_days = 366", "max_depth = 0", `kms_key_arn = "mine"`}},
		"depth": {nightlyApps, []string{`max_depth: From "extract" to "archive" there are 3 steps in a row, and max_depth is 2. Raise it to 3`},
			[]string{"max_depth = 2"}},
		"steps": {`
			 a = { id = "` + sandbox.AppExtract + `", delay = "10m", when = "hour > 3", retry = { max_attempts = 1, interval = "5s", retry_on = ["canceled"] } }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "success" }, wait_for = "all", window = "yesterday", when = "weekdy in 1..5" }
			 c = { id = "` + sandbox.AppDashboard + `", after = { a = "success", b = "failure" }, wait_for = "any", window = "1h", when = "hour" }
			 d = { id = "` + sandbox.AppArchive + `", after = { a = "success" }, retry = { max_attempts = 5, interval = "6h" } }`, []string{
			`apps["a"].delay: There is nothing to delay`, `apps["a"].when: Nothing ever asks this guard`, `apps["a"].retry.max_attempts: max_attempts is 1.`,
			`apps["a"].retry.interval: The interval 5s is out of range. Use 1m to 24h.`, `apps["a"].retry.retry_on: "canceled" is not a way to fail.`,
			`apps["b"].wait_for: wait_for says how a step waits for several others`, `apps["b"].window: "yesterday" is not a duration`,
			`apps["b"].when: The guard is wrong at line 1, column 1. There is no variable "weekdy". Did you mean "weekday"?`,
			`apps["c"].window: A step that starts after any of its upstreams has no window.`, `apps["c"].when: The guard is wrong at line 1, column 1. Expected bool`,
			`apps["d"].retry.interval: With max_attempts 5 and backoff_rate 2, the wait before the last attempt is 48 hours, more than 24h.`,
		}, nil},
		"schedules": {`
			 a = { id = "` + sandbox.AppExtract + `", schedule = { cron = "cron(0 5 * * ? *)" } }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "success" }, schedule = { rate = "30s" } }
			 c = { id = "` + sandbox.AppDashboard + `", schedule = { cron = "0 5 * * 1-5", rate = "90m", timezone = "zurich" } }
			 d = { id = "` + sandbox.AppArchive + `", schedule = {} }`, []string{
			`apps["a"].schedule.cron: The expression stands in cron(…). Write what is between the brackets alone, such as "0 5 * * ? *".`,
			`apps["b"].schedule: A schedule is for a step where a chain begins`, `apps["b"].schedule.rate: The rate 30s is out of range. Use 1m to 8760h.`,
			`apps["c"].schedule.cron: The expression has five fields, as in Unix.`, `Did you mean "0 5 ? * MON-FRI *"?`,
			`apps["c"].schedule.rate: The schedule has both cron and rate.`,
			`apps["c"].schedule.timezone: There is no time zone "zurich". Did you mean "Europe/Zurich"?`,
			`apps["d"].schedule: The schedule says no time.`,
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newHarness(t, nil).refuses(chainResource(test.apps, test.more...), test.want...)
		})
	}
}

// TestAccKMSKeyElsewhere: that a key is in another region is found when the plan is made.
func TestAccKMSKeyElsewhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config:   h.chain(nightlyApps, `kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"`),
		PlanOnly: true, ExpectError: says("is in eu-west-1 (aws), and the chain is in eu-central-1 (aws)."),
	})
}

// refuses checks that a plan is refused in all of these words, and that nothing was called.
func (h *harness) refuses(config string, words ...string) {
	h.t.Helper()
	for _, each := range words {
		h.run(resource.TestStep{Config: h.providerConfig() + config, PlanOnly: true, ExpectError: says(each)})
	}
	if calls := h.Cloud.Calls(); len(calls) > 0 {
		h.t.Errorf("AWS was called: %v", calls)
	}
	if calls := h.Tenant.Calls(); len(calls) > 0 {
		h.t.Errorf("the tenant was called: %v", calls)
	}
}

// largeChain makes n steps with as many variables as there can be, of a text that does not get smaller by much.
func largeChain(n int) string {
	random := rand.NewChaCha8([32]byte{})
	var apps strings.Builder
	for i := range n {
		fmt.Fprintf(&apps, "app_number_%03d = { id = \"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4%03d\", variables = {\n", i, i)
		for v := range 20 {
			text := make([]byte, 192)
			_, _ = random.Read(text) // never fails
			fmt.Fprintf(&apps, "v%d = \"%s\"\n", v, base64.StdEncoding.EncodeToString(text))
		}
		apps.WriteString("} }\n")
	}
	return apps.String()
}
