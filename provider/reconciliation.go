// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// These are the limits of reconciliation. A sweep gives an event two minutes to arrive by itself. It looks back two weeks at most, which is
// longer than the engine remembers what a window or a wait needs.
const (
	minInterval = 5 * time.Minute
	maxInterval = 24 * time.Hour
	minMaxAge   = 15 * time.Minute
	maxMaxAge   = 7 * 24 * time.Hour
)

var defaultReconciliation = stack.Reconciliation{Enabled: true, Interval: 15 * time.Minute, MaxAge: 6 * time.Hour}

var reconciliationTypes = map[string]attr.Type{
	"enabled": types.BoolType, "enable_webhook": types.BoolType, "interval": types.StringType, "max_age": types.StringType,
}

func reconciliationValue(r stack.Reconciliation) types.Object {
	return types.ObjectValueMust(reconciliationTypes, map[string]attr.Value{
		"enabled": types.BoolValue(r.Enabled), "enable_webhook": types.BoolValue(r.EnableWebhook),
		"interval": types.StringValue(chain.FormatDuration(r.Interval)), "max_age": types.StringValue(chain.FormatDuration(r.MaxAge)),
	})
}

// reconciliation returns the attribute's value for the stack.
func (m *taskChainModel) reconciliation() stack.Reconciliation {
	values := m.Reconciliation.Attributes()
	flag := func(name string) bool { value, _ := values[name].(types.Bool); return value.ValueBool() }
	duration := func(name string) time.Duration {
		value, _ := values[name].(types.String)
		d, err := chain.ParseDuration(value.ValueString())
		if err != nil {
			return 0 // the schema's validator has refused it, or it is unknown
		}
		return d
	}
	return stack.Reconciliation{
		Enabled: flag("enabled"), EnableWebhook: flag("enable_webhook"), Interval: duration("interval"), MaxAge: duration("max_age"),
	}
}

// setReconciliation stores what was found. A duration with the same meaning stays as the user wrote it.
func (m *taskChainModel) setReconciliation(found *stack.Reconciliation) {
	if found != nil && (m.Reconciliation.IsNull() || m.reconciliation() != *found) {
		m.Reconciliation = reconciliationValue(*found)
	}
}

func reconciliationAttribute() schema.SingleNestedAttribute {
	every, oldest := chain.FormatDuration(defaultReconciliation.Interval), chain.FormatDuration(defaultReconciliation.MaxAge)
	return schema.SingleNestedAttribute{
		Optional: true, Computed: true, Default: objectdefault.StaticValue(reconciliationValue(defaultReconciliation)),
		MarkdownDescription: "Sweeps that compare Qlik Cloud's own record of the apps' reloads with the chain's, and see to what no event has " +
			"told: Qlik Cloud sends an " +
			"event once, and none while the webhook is disabled. Each end of a reload is seen to once, whichever of the two tells it. With " +
			"`event_type` " +
			"`com.qlik.v1.app.reload.finished`, only the webhook and its failed deliveries are looked at. Default: a sweep every " + every +
			". Changed in place.",
		Attributes: map[string]schema.Attribute{
			"enabled": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether there are sweeps. Default: `true`.",
			},
			"enable_webhook": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether a sweep that finds the webhook disabled, by Qlik Cloud after too many failed deliveries or by " +
					"an administrator, enables it again. The function's log reports it either way. The function's credentials have to be the " +
					"webhook's owner's, or a TenantAdmin's. Default: `false`.",
			},
			"interval": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(every),
				Validators: []validator.String{durationBetween{minInterval, maxInterval, true}},
				MarkdownDescription: "Time from one sweep to the next: " +
					durations(chain.Duration(minInterval), chain.Duration(maxInterval)) + " In whole minutes. Default: `" + every + "`.",
			},
			"max_age": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(oldest),
				Validators: []validator.String{durationBetween{minMaxAge, maxMaxAge, false}},
				MarkdownDescription: "How old the end of a reload may be for a sweep to go on from it: " +
					durations(chain.Duration(minMaxAge), chain.Duration(maxMaxAge)) + " An older one is written into the " +
					"record, and nothing is started. Default: `" + oldest + "`.",
			},
		},
	}
}

// durationBetween requires a duration within limits.
type durationBetween struct {
	least, most  time.Duration
	wholeMinutes bool
}

var _ validator.String = durationBetween{}

// Description implements validator.String.
func (v durationBetween) Description(context.Context) string {
	return "must be a duration from " + chain.FormatDuration(v.least) + " to " + chain.FormatDuration(v.most)
}

// MarkdownDescription implements validator.String.
func (v durationBetween) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v durationBetween) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	d, err := chain.ParseDuration(text)
	switch {
	case err != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", sentence(err))
	case d < v.least || d > v.most:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s is not from %s to %s.", text, chain.FormatDuration(v.least), chain.FormatDuration(v.most)))
	case v.wholeMinutes && d%time.Minute != 0:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s is not in whole minutes, which is how EventBridge Scheduler keeps time. Use %s.", text,
				chain.FormatDuration(d.Round(time.Minute))))
	}
}
