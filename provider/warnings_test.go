// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// planText returns the text of a plan.
func (l *life) planText() string {
	l.t.Helper()
	output, err := l.terraform("plan", "-no-color", "-input=false")
	if err != nil {
		l.t.Fatalf("%v: %s", err, output)
	}
	return output
}

// expectWords fails unless a text has the first words and none of the others.
func expectWords(t *testing.T, what, text string, with, without []string) {
	t.Helper()
	for _, words := range with {
		if !strings.Contains(text, words) {
			t.Errorf("%s: %q is missing: %s", what, words, text)
		}
	}
	for _, words := range without {
		if strings.Contains(text, words) {
			t.Errorf("%s: it says %q: %s", what, words, text)
		}
	}
}

// TestAccPlanWarns of what is allowed and rarely meant: times that the clocks change, and notifications that go nowhere.
func TestAccPlanWarns(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	const clocks, unheard = "Warning: A time that the clocks change", "Warning: No notification"
	l.configure(h.chain(nightlySteps, `timezone = "Europe/Zurich"`, `schedule = { cron = "30 2 * * ? *" }`, `expect_by = { time = "02:15" }`,
		`notify_on = ["success"]`))
	expectWords(t, "by night", l.planText(), []string{
		clocks, "schedule.cron: In Europe/Zurich, the clocks leave out 02:30 on",
		"expect_by.time: In Europe/Zurich, the clocks leave out 02:15 on", unheard,
		"The chain has expect_by and notify_on, and no alarm_actions",
	}, nil)
	limited := strings.Replace(nightlySteps, "extract   = { ", `extract   = { max_duration = { after = "1h" }, `, 1)
	l.configure(h.chain(limited, `timezone = "Europe/Zurich"`, `schedule = { cron = "30 3 * * ? *" }`))
	expectWords(t, "later", l.planText(), []string{unheard, `The chain has steps["extract"].max_duration, and no alarm_actions`},
		[]string{clocks})
	l.configure(h.chain(limited, `timezone = "UTC"`, `schedule = { cron = "30 2 * * ? *" }`, tellTopic))
	expectWords(t, "as it should be", l.planText(), nil, []string{"Warning: "})
}

// TestAccAppInTwoChains checks that a plan warns if an app that is new to the chain is also in another one, however long its definition is.
// It looks at the other chains only then, and shows nothing if it may not.
func TestAccAppInTwoChains(t *testing.T) {
	t.Parallel()
	d := newDeployerLife(t)
	long, ids := longChain(twoParts, 7)
	d.h.addApps(ids)
	deploy, options := readPolicyFile(t, "policy.json"), readPolicyFile(t, "options.json")
	for _, p := range []policyFile{deploy, options} {
		if err := d.h.allowDeployer(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	other := func(name, steps string) string {
		return strings.Replace(strings.Replace(chainResource(steps), `"nightly"`, fmt.Sprintf("%q", name), 1), `"test"`, fmt.Sprintf("%q", name),
			1)
	}
	looked := func(do func()) bool {
		before := len(d.h.Cloud.Calls())
		do()
		for _, call := range d.h.Cloud.Calls()[before:] {
			if call.Operation == "DescribeParameters" {
				return true
			}
		}
		return false
	}
	const warning = "Warning: An app in two chains"
	provider := d.h.providerWith(d.credentials())
	d.configure(provider + other("first", shortChain) + other("long", long))
	if err := d.apply(); err != nil {
		t.Fatal(err)
	}

	shared := fmt.Sprintf("a = { app = %q }\n b = { app = %q, after = { a = \"success\" } }\n c = { app = %q }\n", sandbox.AppArchive,
		strings.ToUpper(sandbox.AppTransform), ids[0])
	deployed := provider + other("first", shortChain) + other("long", long)
	d.configure(deployed + other("second", shared))
	expectWords(t, "a new chain", d.planText(), []string{
		warning, `Other task chains in this account and region have what steps of this one start: "first" has b; "long" has c.`,
	}, nil)
	if err := d.apply(); err != nil {
		t.Fatal(err)
	}
	if looked(func() { expectWords(t, "nothing new", d.planText(), nil, []string{warning}) }) {
		t.Error("a plan without a new app looked at the other chains")
	}
	d.configure(deployed + other("second", shared+fmt.Sprintf("d = { app = %q }\n", sandbox.AppExtract)))
	expectWords(t, "one more app", d.planText(), []string{warning, `of this one start: "first" has d.`}, nil)

	if err := d.h.allowDeployer(t.Context(), policyFile{name: "options.json",
		text: strings.Replace(options.text, forAWarning, "ssm:GetParameters", 1)}); err != nil {
		t.Fatal(err)
	}
	if !looked(func() { expectWords(t, "it may not look", d.planText(), nil, []string{warning, "Error"}) }) {
		t.Error("it did not even try to look")
	}
	d.configure(deployed + other("second", shared))
	if err := errors.Join(d.apply(), d.destroy()); err != nil {
		t.Error(err)
	}
}

// TestAccAppWithNativeTask checks that a plan warns if an enabled task of Qlik Cloud's scheduler reloads an app that is new to the chain.
// It makes one request, and none for a chain without a new app. It shows nothing if Qlik Cloud refuses.
func TestAccAppWithNativeTask(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	for _, task := range []tenant.ScheduledTask{
		{Name: "Hourly", AppID: sandbox.AppExtract, Enabled: true, Recurrence: "RRULE:FREQ=HOURLY", StartAt: "2026-11-30T00:00:00"},
		{Name: "Daily", AppID: sandbox.AppExtract, Enabled: true, Recurrence: "RRULE:FREQ=DAILY", StartAt: "2026-11-30T02:00:00"},
		{Name: "Switched off", AppID: sandbox.AppTransform, Recurrence: "RRULE:FREQ=DAILY", StartAt: "2026-11-30T02:00:00"},
		{Name: "Later", AppID: sandbox.AppArchive, Enabled: true, Recurrence: "RRULE:FREQ=DAILY", StartAt: "2026-11-30T02:00:00"},
	} {
		if _, err := h.Tenant.AddScheduledTask(task); err != nil {
			t.Fatal(err)
		}
	}
	const operation = "GET /api/scheduling/tasks"
	const warning = "Warning: An app with a task in Qlik Cloud"
	asked := func() (n int) {
		for _, count := range h.Tenant.Statuses(operation) {
			n += count
		}
		return n
	}
	steps := fmt.Sprintf("a = { app = %q }\n b = { app = %q, after = { a = \"success\" } }\n", strings.ToUpper(sandbox.AppExtract),
		sandbox.AppTransform)
	l.configure(h.chain(steps))
	expectWords(t, "a new chain", l.planText(), []string{
		warning, `Enabled tasks in Qlik Cloud also reload apps of this chain: a ("Daily", "Hourly").`,
	}, []string{"Switched off", "Later"})
	if n := asked(); n != 1 {
		t.Errorf("a plan asked for tasks %d times", n)
	}
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	before := asked()
	expectWords(t, "nothing new", l.planText(), nil, []string{warning})
	if asked() != before {
		t.Error("a plan without a new app asked for tasks")
	}
	l.configure(h.chain(steps + fmt.Sprintf("c = { app = %q, after = { b = \"success\" } }\n", sandbox.AppArchive)))
	expectWords(t, "one more app", l.planText(), []string{warning, `c ("Later").`}, []string{"Daily"})
	h.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Pattern == operation {
			return &tenant.Fault{Status: http.StatusForbidden}
		}
		return nil
	})
	before = asked()
	expectWords(t, "it may not look", l.planText(), nil, []string{warning, "Error"})
	if asked() == before {
		t.Error("it did not even try to look")
	}
}
