// SPDX-License-Identifier: MPL-2.0

package draw_test

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// after makes a step of the nth app that starts after its upstreams' success.
func after(n int, upstreams ...string) chain.Step {
	s := chain.Step{App: chaintest.AppID(n), Enabled: true}
	for _, key := range upstreams {
		if s.After == nil {
			s.After = map[string]chain.Condition{}
		}
		s.After[key] = chain.ConditionSuccess
	}
	return s
}

// nightly is a chain with every condition, a join and a disabled step.
func nightly() *chain.Definition {
	fallback, audit, archive := after(5), after(6), after(7, "transform")
	fallback.After = map[string]chain.Condition{"transform": chain.ConditionFailure}
	audit.After = map[string]chain.Condition{"transform": chain.ConditionCompletion}
	archive.Enabled = false
	return &chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{
		"extract_sales": after(1), "extract_hr": after(2), "transform": after(3, "extract_sales", "extract_hr"),
		"dashboard": after(4, "transform"),
		"fallback":  fallback, "audit": audit, "archive": archive,
	}}
}

// durable is a chain in which a step waits, is asked, is delayed and is tried again.
func durable() *chain.Definition {
	d := nightly()
	d.Timezone = "Europe/Berlin"
	extract, transform, publish := d.Steps["extract_sales"], d.Steps["transform"], after(8, "dashboard", "audit")
	extract.Retry = &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(5 * time.Minute)}
	transform.WaitFor, transform.CarryOver = chain.WaitForAllStarted,
		map[string]chain.Duration{"extract_hr": chain.Duration(35 * 24 * time.Hour)}
	transform.When, transform.Delay = `weekday in 1..5 and upstream != "extract_hr"`, chain.Duration(90*time.Minute)
	publish.WaitFor, publish.Retry = chain.WaitForAny, &chain.Retry{MaxAttempts: 2}
	d.Steps["extract_sales"], d.Steps["transform"], d.Steps["publish"] = extract, transform, publish
	return d
}
