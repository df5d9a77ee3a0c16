// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// appID returns the nth app's id.
func appID(n int) string {
	return fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n)
}

// after makes a step of the nth app that starts after its upstreams' success.
func after(n int, upstream ...string) chain.Step {
	s := chain.Step{App: appID(n), Enabled: true}
	for _, key := range upstream {
		if s.After == nil {
			s.After = map[string]chain.Condition{}
		}
		s.After[key] = chain.ConditionSuccess
	}
	return s
}

// nightly is a chain with a bit of everything.
func nightly() *chain.Definition {
	fallback := after(5)
	fallback.After = map[string]chain.Condition{"transform": chain.ConditionFailure}
	audit := after(6)
	audit.After = map[string]chain.Condition{"transform": chain.ConditionCompletion}
	archive := after(7, "transform")
	archive.Enabled = false
	dashboard := after(4, "transform")
	dashboard.Partial, dashboard.Weight = true, 10
	dashboard.Variables = map[string]string{"mode": "<full> & {{quick}}", "day": "{{{1}}}"}
	return &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "Europe/Zurich", Steps: map[string]chain.Step{
		"extract_sales": after(1),
		"extract_hr":    after(2),
		"transform":     after(3, "extract_sales", "extract_hr"),
		"dashboard":     dashboard,
		"fallback":      fallback,
		"audit":         audit,
		"archive":       archive,
	}}
}

// durable is a chain in which a step waits, is asked, is delayed and is tried again.
func durable() *chain.Definition {
	d := nightly()
	d.Timezone, d.HistoryDays = "Europe/Berlin", 90
	extract := d.Steps["extract_sales"]
	extract.Retry = &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(5 * time.Minute), BackoffRate: 1.5,
		RetryOn: []chain.RetryOn{chain.RetryOnFailed}}
	d.Steps["extract_sales"] = extract
	transform := d.Steps["transform"]
	transform.CarryOver = map[string]chain.Duration{"extract_hr": chain.Duration(35 * 24 * time.Hour)}
	transform.When, transform.Delay = `weekday in 1..5 and upstream != "extract_hr"`, chain.Duration(90*time.Minute)
	d.Steps["transform"] = transform
	publish := after(8, "dashboard", "audit")
	publish.WaitFor, publish.Retry = chain.WaitForAny, &chain.Retry{MaxAttempts: 2}
	d.Steps["publish"] = publish
	return d
}
