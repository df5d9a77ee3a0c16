// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
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

// These are the defaults of reconciliation.
const (
	defaultInterval = 15 * time.Minute
	defaultMaxAge   = 6 * time.Hour
)

// objectSettings are the objects among the resource's attributes that are no part of the definition.
type objectSettings struct {
	Credentials    *qlik.Credentials    `json:"credentials_wo"` // only a configuration has them
	Events         *stack.Events        `json:"events"`
	Reconciliation stack.Reconciliation `json:"reconciliation"`
	Throttle       *stack.Throttle      `json:"throttle"`
}

// settingFields returns the attributes in objectSettings.
func settingFields() []field {
	return []field{
		{name: "credentials_wo", kind: anObject, writeOnly: true, fields: credentialFields(), doc: "Qlik Cloud credentials that the Lambda " +
			"function starts the reloads with: an API key, or an OAuth client's ID and secret. They are written to an encrypted SSM parameter, " +
			"and are in neither plan nor state. The function gets new ones when `credentials_wo_version` changes. Default: the provider's own " +
			"credentials, and new ones whenever these change. Needs Terraform 1.11."},
		{name: "events", kind: anObject, fields: eventsFields(), doc: "Where the function reports what has ended: it puts the events " +
			"`StepEnded` and `RunEnded` on an EventBridge bus. Other chains, also of other tenants, and anything else in AWS can start by them. " +
			"Default: no events. Changed in place."},
		{name: "reconciliation", kind: anObject, fields: reconciliationFields(), doc: "Sweeps that compare Qlik Cloud's own record of the " +
			"apps' reloads with the chain's, and handle what no event has reported: Qlik Cloud sends an event once, and none while the webhook is " +
			"disabled. Each end of a reload is handled once, whichever of the two reports it. With `event_type` " +
			"`com.qlik.v1.app.reload.finished`, only the webhook and its failed deliveries are looked at. Default: a sweep every " +
			chain.FormatDuration(defaultInterval) + ". Changed in place."},
		{name: "throttle", kind: anObject, fields: throttleFields(), doc: "Limit of the requests to the chain's API. One above it is answered " +
			"`429`, and Qlik Cloud is not known to repeat a delivery: leave room for the events of all the tenant's apps. Default: the account's " +
			"limit. Changed in place."},
	}
}

func credentialFields() []field {
	return []field{
		{name: "api_key", kind: aText, doc: "API key of a Qlik Cloud user. Either this, or `client_id` and `client_secret`."},
		{name: "client_id", kind: aText, doc: "ID of a Qlik Cloud OAuth client that may use client credentials (machine-to-machine)."},
		{name: "client_secret", kind: aText, doc: "Secret of the OAuth client."},
	}
}

func reconciliationFields() []field {
	return []field{
		{name: "enabled", kind: aFlag, byDefault: true, doc: "Whether there are sweeps. Default: `true`."},
		{name: "enable_webhook", kind: aFlag, doc: "Whether a sweep that finds the webhook disabled, by Qlik Cloud after too many failed " +
			"deliveries or by an administrator, enables it again. The function's log reports it either way. The function's credentials have to " +
			"be the webhook's owner's, or a TenantAdmin's. Default: `false`."},
		{name: "interval", kind: aDuration, byDefault: defaultInterval, check: checkInterval, doc: "Time from one sweep to the next: " +
			durations(chain.Duration(minInterval), chain.Duration(maxInterval)) + " In whole minutes. Default: `" +
			chain.FormatDuration(defaultInterval) + "`."},
		{name: "max_age", kind: aDuration, byDefault: defaultMaxAge, check: checkMaxAge, doc: "How old the end of a reload may be for a sweep " +
			"to go on from it: " + durations(chain.Duration(minMaxAge), chain.Duration(maxMaxAge)) + " An older one is written into the record, " +
			"and nothing is started. Default: `" + chain.FormatDuration(defaultMaxAge) + "`."},
	}
}

func throttleFields() []field {
	return []field{
		{name: "burst_limit", kind: aNumber, required: true, check: checkLimit, doc: "Requests at once, `1` or more."},
		{name: "rate_limit", kind: aDecimal, required: true, check: checkLimit, doc: "Requests a second that go on for longer, `1` or more."},
	}
}

func checkInterval(value any) string {
	interval, _ := value.(time.Duration)
	if problem := outside(interval, minInterval, maxInterval); problem != "" || interval%time.Minute == 0 {
		return problem
	}
	return fmt.Sprintf("%s is not in whole minutes, which is how EventBridge Scheduler keeps time. Use %s.", chain.FormatDuration(interval),
		chain.FormatDuration(interval.Round(time.Minute)))
}

func checkMaxAge(value any) string {
	age, _ := value.(time.Duration)
	return outside(age, minMaxAge, maxMaxAge)
}

// outside describes a duration that is not within the limits.
func outside(d, least, most time.Duration) string {
	if d >= least && d <= most {
		return ""
	}
	return fmt.Sprintf("%s is not from %s to %s.", chain.FormatDuration(d), chain.FormatDuration(least), chain.FormatDuration(most))
}

func checkLimit(value any) string {
	if number := reflect.ValueOf(value); number.CanInt() && number.Int() >= 1 || number.CanFloat() && number.Float() >= 1 {
		return ""
	}
	return "This must be 1 or more."
}

// readSettings decodes the objects among the attributes that are no part of the definition.
func (m *taskChainModel) readSettings() (*objectSettings, *decoder) {
	values := map[string]attr.Value{}
	for _, f := range settingFields() {
		values[f.name], _ = attributeOf(m, f.name).Interface().(attr.Value)
	}
	read, settings := &decoder{}, &objectSettings{}
	read.object(nil, settingFields(), values, reflect.ValueOf(settings).Elem())
	return settings, read
}

// checkSettings reports everything that is wrong with the known part of these objects.
func (m *taskChainModel) checkSettings(diags *diag.Diagnostics) {
	settings, read := m.readSettings()
	addProblems(diags, "Invalid task chain", read.problems)
	if t := settings.Throttle; t != nil && *t == stack.UnsetThrottle { // each plan would show a change
		diags.AddAttributeError(path.Root("throttle"), "Not a limit",
			fmt.Sprintf("API Gateway reports %s for an API without a limit. Remove throttle, or change one of its values.", t))
	}
	credentials, known := m.writeOnlyCredentials()
	switch hasCredentials := given(m.CredentialsWO); {
	case isUnknown(m.CredentialsWO): // perhaps null
	case hasCredentials && m.CredentialsWOVersion.IsNull():
		diags.AddAttributeError(path.Root("credentials_wo"), "Credentials without a version", "Set credentials_wo_version, for example to 1. "+
			"Terraform cannot see when credentials_wo changes: the function gets new ones when the version changes.")
	case !hasCredentials && !m.CredentialsWOVersion.IsNull() && !m.CredentialsWOVersion.IsUnknown():
		diags.AddAttributeError(path.Root("credentials_wo_version"), "A version without credentials",
			"Set credentials_wo, or remove credentials_wo_version.")
	case hasCredentials && known:
		checkCredentials(diags, credentials)
	}
}

// writeOnlyCredentials returns the write-only credentials of a configuration. known is false while one of them is known only after apply.
func (m *taskChainModel) writeOnlyCredentials() (credentials qlik.Credentials, known bool) {
	settings, read := m.readSettings()
	if settings.Credentials != nil {
		credentials = *settings.Credentials
	}
	return credentials, !read.lacks("credentials_wo")
}

// setSettings stores the objects that were found. If the user wrote the same in other words, for example "60m" for "1h", the user's words
// stay.
func (m *taskChainModel) setSettings(state *stack.State) {
	said, read := m.readSettings()
	found := *said
	if state.InvokeURL != "" {
		found.Throttle = state.Throttle
	}
	if state.FunctionARN != "" {
		found.Events = state.Events
	}
	if state.Reconciliation != nil {
		found.Reconciliation = *state.Reconciliation
	}
	for _, f := range settingFields() {
		before, after := fieldOf(reflect.ValueOf(*said), f.name), fieldOf(reflect.ValueOf(found), f.name)
		if read.lacks(f.name) || !reflect.DeepEqual(before.Interface(), after.Interface()) {
			attributeOf(m, f.name).Set(reflect.ValueOf(dynamicOf(&f, after)))
		}
	}
}
