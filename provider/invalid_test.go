// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

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

// TestAccInvalidChain checks every refusal, several at once, each at its attribute. Nothing is called.
func TestAccInvalidChain(t *testing.T) {
	t.Parallel()
	variables := make([]string, 21)
	for i := range variables {
		variables[i] = fmt.Sprintf("v%d = \"x\"", i)
	}
	tests := map[string]struct {
		steps string
		want  []string
	}{
		"unknown key": {
			`extract = { app = "` + sandbox.AppExtract + `" }
			 load = { app = "` + sandbox.AppTransform + `", after = { extrct = "success" } }`,
			[]string{`steps["load"].after["extrct"]`, "extract"},
		},
		"self reference": {
			`load = { app = "` + sandbox.AppExtract + `", after = { load = "success" } }`,
			[]string{`steps["load"].after["load"]`},
		},
		"cycle": {
			`a = { app = "` + sandbox.AppExtract + `", after = { c = "success" } }
			 b = { app = "` + sandbox.AppTransform + `", after = { a = "success" } }
			 c = { app = "` + sandbox.AppArchive + `", after = { b = "failure" } }`,
			[]string{"a → b → c → a"},
		},
		"the same app twice": {
			`a = { app = "` + sandbox.AppExtract + `" }
			 b = { app = "` + strings.ToUpper(sandbox.AppExtract) + `" }`,
			[]string{`steps["b"].app`, `"a"`},
		},
		"not a UUID": {`a = { app = "sales" }`, []string{`steps["a"].app`, "UUID"}},
		"condition": {
			`a = { app = "` + sandbox.AppExtract + `" }
			 b = { app = "` + sandbox.AppTransform + `", after = { a = "succeeded" } }`,
			[]string{`steps["b"].after["a"]`, `Did you mean "success"?`},
		},
		"too many variables": {
			`a = { app = "` + sandbox.AppExtract + `", variables = { ` + strings.Join(variables, ", ") + ` } }`,
			[]string{`steps["a"].variables`, "20"},
		},
		"long variable": {
			`a = { app = "` + sandbox.AppExtract + `", variables = { v = "` + strings.Repeat("x", 257) + `" } }`,
			[]string{`steps["a"].variables["v"]`, "256"},
		},
		"weight":      {`a = { app = "` + sandbox.AppExtract + `", weight = 11 }`, []string{`steps["a"].weight`, "10"}},
		"weight zero": {`a = { app = "` + sandbox.AppExtract + `", weight = 0 }`, []string{`steps["a"].weight`}},
		"no steps":    {``, []string{"steps"}},
		"several at once": {
			`a = { app = "sales", weight = 0 }
			 b = { app = "` + sandbox.AppExtract + `", after = { z = "success", b = "failure" } }`,
			[]string{`steps["a"].app`, `steps["a"].weight`, `steps["b"].after["z"]`, `steps["b"].after["b"]`},
		},
		"too large": {largeChain(40), []string{"what stores it holds"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newHarness(t, nil).refuses(chainResource(test.steps), test.want...)
		})
	}
}

// TestAccInvalidDurableChain checks the same for joins, guards, delays, retries and what is beside the steps.
func TestAccInvalidDurableChain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		steps string
		want  []string
		more  []string // arguments of the chain
	}{
		"chain": {nightlySteps, []string{
			`timezone: There is no time zone "Europe/Belin". Did you mean "Europe/Berlin"?`, `history_days: history_days is 366.`,
			`max_running: max_running is 0. Give it a value, or leave it out.`, "is not the ARN of a KMS key.",
			`cycle.every: A cycle of 5h does not divide a day.`, `schedule.cron: The hours field has 25. Use 0 to 23.`,
			`schedule.except: "25.12.2026" is no date.`,
			`max_duration.on_exceeded: "kill" is not what can happen`, `overlap: "wait" is none of the ways to overlap.`,
			`notify_on: "failed" is none of the ends of a run`,
		}, []string{
			`timezone = "Europe/Belin"`, "history_days = 366", "max_running = 0", `kms_key_arn = "mine"`, `cycle = { every = "5h" }`,
			`overlap = "wait"`,
			`schedule = { cron = "0 25 * * ? *", except = ["25.12.2026"] }`, `max_duration = { after = "8h", on_exceeded = "kill" }`,
			`notify_on = ["failed"]`,
		}},
		"no timezone": {`
			 a = { app = "` + sandbox.AppExtract + `" }
			 b = { app = "` + sandbox.AppTransform + `" }
			 c = { app = "` + sandbox.AppDashboard + `", after = { a = "success", b = "success" } }`, []string{
			`timezone: The step "c" waits for several steps, and the time zone decides which of their reloads belong to the same day. Set timezone`,
		}, []string{"timezone = null"}},
		"steps": {`
			 a = { app = "` + sandbox.AppExtract + `", delay = "10m", when = "hour > 3", retry = { max_attempts = 1, interval = "5s", retry_on = ["canceled"] } }
			 b = { app = "` + sandbox.AppTransform + `", after = { a = "success" }, wait_for = "all", max_duration = { after = "yesterday" }, when = "weekdy in 1..5" }
			 c = { app = "` + sandbox.AppDashboard + `", after = { a = "success", b = "failure" }, wait_for = "any", carry_over = { a = "35d" }, max_starts_per_hour = 0, when = "hour" }
			 d = { app = "` + sandbox.AppArchive + `", after = { a = "success" }, retry = { max_attempts = 5, interval = "6h" } }`, []string{
			`steps["a"].delay: There is nothing to delay`, `steps["a"].when: Nothing ever asks this guard`,
			`steps["a"].retry.max_attempts: max_attempts is 1.`,
			`steps["a"].retry.interval: The interval 5s is out of range. Use 1m to 24h.`,
			`steps["a"].retry.retry_on: "canceled" is not a way to fail.`,
			`steps["b"].wait_for: wait_for says how a step waits for several others`, `steps["b"].max_duration.after: "yesterday" is not a duration`,
			`steps["b"].when: The guard is wrong at line 1, column 1. There is no variable "weekdy". Did you mean "weekday"?`,
			`steps["c"].carry_over: A step that starts after any of its upstreams waits for no result of an earlier cycle.`,
			`steps["c"].max_starts_per_hour: max_starts_per_hour is 0.`, `steps["c"].when: The guard is wrong at line 1, column 1. Expected bool`,
			`steps["d"].retry.interval: With max_attempts 5 and backoff_rate 2, the wait before the last attempt is 48 hours, more than 24h.`,
		}, nil},
		"schedules": {`
			 a = { app = "` + sandbox.AppExtract + `", schedule = { cron = "cron(0 5 * * ? *)" } }
			 b = { app = "` + sandbox.AppTransform + `", after = { a = "success" }, schedule = { rate = "30s" } }
			 c = { app = "` + sandbox.AppDashboard + `", schedule = { cron = "0 5 * * 1-5", rate = "90m", timezone = "zurich" } }
			 d = { app = "` + sandbox.AppArchive + `", schedule = {} }`, []string{
			`steps["a"].schedule.cron: The expression stands in cron(…). Write what is between the brackets alone, such as "0 5 * * ? *".`,
			`steps["b"].schedule: A schedule is for a step where a chain begins`,
			`steps["b"].schedule.rate: The rate 30s is out of range. Use 1m to 365d.`,
			`steps["c"].schedule.cron: The expression has five fields, as in Unix.`, `Did you mean "0 5 ? * MON-FRI *"?`,
			`steps["c"].schedule.rate: The schedule has both cron and rate.`,
			`steps["c"].schedule.timezone: There is no time zone "zurich". Did you mean "Europe/Zurich"?`,
			`steps["d"].schedule: The schedule says no time.`,
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newHarness(t, nil).refuses(chainResource(test.steps, test.more...), test.want...)
		})
	}
}

// TestAccInvalidStepAtItsLine checks that Terraform shows the line of the step, also if the chain has an argument with the step's name.
func TestAccInvalidStepAtItsLine(t *testing.T) {
	t.Parallel()
	for problem, step := range map[string]string{
		`steps["b"].schedule: A schedule is for a step`:    `after = { a = "success" }, schedule = { rate = "30m" }`,
		`steps["b"].schedule.timezone: There is no`:        `schedule = { cron = "0 5 * * ? *", timezone = "zurich" }`,
		`steps["b"].expect_by.time: "6" is no time of day`: `after = { a = "success" }, expect_by = { time = "6" }`,
		`steps["b"].max_duration.after: "x" is not a`:      `after = { a = "success" }, max_duration = { after = "x" }`,
		`steps["b"].when: The guard is wrong`:              `after = { a = "success" }, when = "weekdy == 1"`,
		`steps["b"].after["x"]: There is no`:               `after = { x = "success" }`,
	} {
		line := `b = { app = "` + sandbox.AppTransform + `", ` + step + ` }`
		t.Run(problem, func(t *testing.T) {
			t.Parallel()
			newHarness(t, nil).refuses(chainResource("a = { app = \""+sandbox.AppExtract+"\" }\n"+line, `schedule = { cron = "0 4 * * ? *" }`,
				`max_duration = { after = "8h" }`, `expect_by = { time = "06:00" }`), ": "+line+" "+problem)
		})
	}
	t.Run("cycle.every: A cycle of 5h", func(t *testing.T) {
		t.Parallel()
		newHarness(t, nil).refuses(chainResource(`a = { app = "`+sandbox.AppExtract+`" }`, `cycle = { every = "5h" }`),
			`: cycle = { every = "5h" } cycle.every: A cycle of 5h does not divide a day.`)
	})
}

// TestAccKMSKeyElsewhere checks that the plan reports a key in another region.
func TestAccKMSKeyElsewhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config:   h.chain(nightlySteps, `kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"`),
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
	var steps strings.Builder
	for i := range n {
		fmt.Fprintf(&steps, "app_number_%03d = { app = \"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4%03d\", variables = {\n", i, i)
		for v := range 20 {
			text := make([]byte, 192)
			_, _ = random.Read(text) // never fails
			fmt.Fprintf(&steps, "v%d = \"%s\"\n", v, base64.StdEncoding.EncodeToString(text))
		}
		steps.WriteString("} }\n")
	}
	return steps.String()
}
