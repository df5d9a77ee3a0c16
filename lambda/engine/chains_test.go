// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// nightly is the chain 1, 2 → 3 → 4 (success), 5 (failure), 6 (completion), 7 (disabled).
func nightly() *chain.Definition {
	after := func(c chain.Condition) map[string]chain.Condition { return map[string]chain.Condition{"transform": c} }
	return &chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{
		"extract_sales": {App: chaintest.AppID(1), Enabled: true},
		"extract_hr":    {App: chaintest.AppID(2), Enabled: true},
		"transform": {App: chaintest.AppID(3), Enabled: true, After: map[string]chain.Condition{
			"extract_sales": chain.ConditionSuccess, "extract_hr": chain.ConditionSuccess,
		}},
		"dashboard": {
			App: chaintest.AppID(4), Enabled: true, After: after(chain.ConditionSuccess),
			Partial: true, Weight: 7, Variables: map[string]string{"mode": "full"},
		},
		"fallback": {App: chaintest.AppID(5), Enabled: true, After: after(chain.ConditionFailure)},
		"audit":    {App: chaintest.AppID(6), Enabled: true, After: after(chain.ConditionCompletion)},
		"archive":  {App: chaintest.AppID(7), After: after(chain.ConditionSuccess)},
	}}
}
