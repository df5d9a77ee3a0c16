// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// nightly is the chain 1, 2 → 3 → 4 (success), 5 (failure), 6 (completion), 7 (disabled).
func nightly() *chain.Definition {
	after := func(c chain.Condition) map[string]chain.Condition { return map[string]chain.Condition{"transform": c} }
	return &chain.Definition{Version: chain.Version, Name: "nightly", Apps: map[string]chain.Step{
		"extract_sales": {ID: chaintest.AppID(1), Enabled: true},
		"extract_hr":    {ID: chaintest.AppID(2), Enabled: true},
		"transform": {ID: chaintest.AppID(3), Enabled: true, After: map[string]chain.Condition{
			"extract_sales": chain.ConditionSuccess, "extract_hr": chain.ConditionSuccess,
		}},
		"dashboard": {
			ID: chaintest.AppID(4), Enabled: true, After: after(chain.ConditionSuccess),
			Partial: true, Weight: 7, Variables: map[string]string{"mode": "full"},
		},
		"fallback": {ID: chaintest.AppID(5), Enabled: true, After: after(chain.ConditionFailure)},
		"audit":    {ID: chaintest.AppID(6), Enabled: true, After: after(chain.ConditionCompletion)},
		"archive":  {ID: chaintest.AppID(7), After: after(chain.ConditionSuccess)},
	}}
}
