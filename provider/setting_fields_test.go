// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// TestReconciliationByDefault checks that null means the default, for the object and for each attribute in it, and that a refresh writes
// only what differs from the default.
func TestReconciliationByDefault(t *testing.T) {
	t.Parallel()
	byDefault := stack.Reconciliation{Enabled: true, Interval: 15 * time.Minute, MaxAge: 6 * time.Hour}
	off, slow := byDefault, byDefault
	off.Enabled, slow.Interval = false, 2*time.Hour
	null := types.ObjectNull(map[string]attr.Type{"interval": types.StringType})
	for name, test := range map[string]struct {
		written, refreshed attr.Value // refreshed: what is found over something else; nil for null
		want               stack.Reconciliation
	}{
		"null":         {written: types.DynamicNull(), want: byDefault},
		"a typed null": {written: types.DynamicValue(null), want: byDefault},
		"empty":        {written: dynamic(map[string]any{}), want: byDefault},
		"null inside":  {written: dynamic(map[string]any{"enabled": nil, "interval": nil}), want: byDefault},
		"the default":  {written: dynamic(map[string]any{"interval": "900s"}), want: byDefault},
		"off":          {written: dynamic(map[string]any{"enabled": "false"}), refreshed: dynamic(map[string]any{"enabled": false}), want: off},
		"slow": {
			written: dynamic(map[string]any{"interval": "120m"}), refreshed: dynamic(map[string]any{"interval": "2h"}), want: slow,
		},
	} {
		model := taskChainModel{}
		model.Reconciliation, _ = test.written.(types.Dynamic)
		got, read := model.readSettings()
		if len(read.problems) > 0 || got.Reconciliation != test.want {
			t.Errorf("%s: %+v, %v", name, got.Reconciliation, read.problems)
		}
		if model.setSettings(&stack.State{Reconciliation: &test.want}); !model.Reconciliation.Equal(test.written) {
			t.Errorf("%s: the refresh has made %v of %v", name, model.Reconciliation, test.written)
		}
		model.Reconciliation = dynamic(map[string]any{"interval": "5m"}) // another one was found
		want := test.refreshed
		if want == nil {
			want = types.DynamicNull()
		}
		if model.setSettings(&stack.State{Reconciliation: &test.want}); !model.Reconciliation.Equal(want) {
			t.Errorf("%s: the refresh has found %v instead of %v", name, model.Reconciliation, want)
		}
	}
}

func dynamic(members map[string]any) types.Dynamic { return types.DynamicValue(valueOf(members)) }
