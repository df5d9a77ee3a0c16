// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/explain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// TestAccExplainPlan explains real plans: a create with an unknown app, changes of steps and settings, a replacement and a destroy.
func TestAccExplainPlan(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	explained := func(args ...string) explain.Planned {
		t.Helper()
		if _, err := l.plan(args...); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := l.run(&text, "show", "-json", "plan"); err != nil {
			t.Fatal(err)
		}
		chains, err := provider.ExplainPlan(text.Bytes())
		if err != nil || len(chains) != 1 || chains[0].Address != chainAddress {
			t.Fatalf("%v: %+v", err, chains)
		}
		return chains[0]
	}
	expect := func(got explain.Planned, action explain.Action, want ...string) {
		t.Helper()
		all := slices.Concat(got.Steps, got.Settings, got.Runs)
		if got.Action != action || !slices.Equal(all, want) {
			t.Errorf("the plan is explained as %s: %q, want %s: %q", got.Action, all, action, want)
		}
	}
	unknown := strings.Replace(nightlySteps, `"`+sandbox.AppExtract+`"`, "terraform_data.app.output", 1)
	l.configure(h.chain(unknown) + `resource "terraform_data" "app" { input = "` + sandbox.AppExtract + `" }`)
	expect(explained(), explain.ActionCreate, "The chain has 5 steps. It begins at extract.",
		`Known after the apply: steps["extract"].app.`)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(`{ transform = "failure" }`, `{ transform = "completion" }`,
		`weight = 5`, `weight = "7"`).Replace(nightlySteps)
	l.configure(h.chain(changed, "memory_size = 512", `throttle = { rate_limit = 5, burst_limit = 10 }`))
	update := explained()
	expect(update, explain.ActionUpdate, "dashboard has weight = 7 (before: 5).", "fallback starts on any end of transform.",
		"memory_size changes from 256 to 512.", `throttle changes from nothing to {"burst_limit":10,"rate_limit":5}.`,
		"fallback now runs when everything succeeds.")
	markdown := explain.Markdown([]explain.Planned{update})
	for _, want := range []string{explain.Marker + "\n### `qlik_task_chain.test` is changed\n", "- fallback starts on any end of transform.\n",
		"```mermaid\nflowchart LR\n", "completion, CHANGED"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("there is no %q in %s", want, markdown)
		}
	}
	l.configure(strings.Replace(h.chain(nightlySteps), `"nightly"`, `"nightly-2"`, 1))
	expect(explained(), explain.ActionReplace, `The chain has name = "nightly-2" (before: "nightly").`)
	l.configure(h.chain(nightlySteps))
	expect(explained("-destroy"), explain.ActionDestroy, "Its 5 steps no longer start, and the record of its runs is deleted.")
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
