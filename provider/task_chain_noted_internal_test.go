// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestCheckPlanned checks that attributes that differ from the plan are reported by name. What the plan left unknown may become anything.
func TestCheckPlanned(t *testing.T) {
	t.Parallel()
	text := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	object := func(id, url, name tftypes.Value) tftypes.Value {
		kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"webhook_id": tftypes.String, "invoke_url": tftypes.String,
			"name": tftypes.String}}
		return tftypes.NewValue(kind, map[string]tftypes.Value{"webhook_id": id, "invoke_url": url, "name": name})
	}
	planned := object(text("w1"), text(tftypes.UnknownValue), text("nightly"))
	for name, test := range map[string]struct {
		reached tftypes.Value
		want    []string
	}{
		"as planned":     {object(text("w1"), text("https://a"), text("nightly")), nil},
		"another":        {object(text("w2"), text("https://a"), text("nightly")), []string{"webhook_id"}},
		"one is gone":    {object(text(nil), text("https://a"), text("nightly")), []string{"webhook_id"}},
		"two are others": {object(text("w2"), text(nil), text("weekly")), []string{"name", "webhook_id"}},
	} {
		var diags diag.Diagnostics
		checkPlanned(planned, test.reached, &diags)
		var got []string
		for _, d := range diags.Errors() {
			attribute, _, _ := strings.Cut(strings.SplitN(d.Detail(), "the plan: ", 2)[1], " ")
			got = append(got, attribute)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q instead of %q", name, got, test.want)
		}
	}
}

// TestResolvePins checks that the argument overrides its environment variable. A variable without an ID is refused: it would allow
// everything.
func TestResolvePins(t *testing.T) {
	ids := func(texts ...string) types.Set { return textSetOrNull(texts) }
	for name, test := range map[string]struct {
		argument types.Set
		variable string
		want     []string
		unknown  bool
		error    string
	}{
		"neither":         {argument: ids()},
		"argument":        {argument: ids("b", "a"), variable: "e", want: []string{"a", "b"}},
		"variable":        {argument: ids(), variable: "a, b,c", want: []string{"a", "b", "c"}},
		"empty variable":  {argument: ids(), variable: " , ", error: "which has no ID"},
		"unknown":         {argument: types.SetUnknown(types.StringType), variable: "e", unknown: true},
		"unknown element": {argument: types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}), unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			for argument, variable := range map[string]string{"allowed_tenant_ids": envAllowedTenantIDs,
				"allowed_account_ids": envAllowedAccountIDs} {
				t.Setenv(variable, test.variable)
				var diags diag.Diagnostics
				s := &settings{}
				got := s.resolvePin(argument, variable, test.argument, &diags)
				if !slices.Equal(got.ids, test.want) || s.unknown != test.unknown {
					t.Errorf("%s: %q, unknown %v; want %q, %v", argument, got.ids, s.unknown, test.want, test.unknown)
				}
				if text := details(diags); (test.error == "") != (text == "") || !strings.Contains(text, test.error) {
					t.Errorf("%s: says %q, want %q", argument, text, test.error)
				}
			}
		})
	}
}

// notes is a resource's private state.
type notes map[string][]byte

func (n notes) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return n[key], nil }

func (n notes) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	n[key] = value
	return nil
}

// TestSettle checks that an update uses the notes of the refresh, whatever the apply's environment has. The exception is what the plan
// leaves to the apply.
func TestSettle(t *testing.T) {
	t.Parallel()
	before := &noted{
		CredentialsFingerprint: "a", DefaultTags: map[string]string{"job": "plan"}, TenantURL: "https://plan.example.com",
		Endpoints: map[string]string{"ENDPOINT_SSM": "https://ssm-fips.eu-central-1.amazonaws.com"},
	}
	here := noted{
		CredentialsFingerprint: "b", DefaultTags: map[string]string{"job": "apply"}, TenantURL: "https://apply.example.com",
		Endpoints: map[string]string{"ENDPOINT_SSM": "https://ssm.eu-central-1.amazonaws.com"},
	}
	other := *before
	other.CredentialsFingerprint, other.DefaultTags = "b", here.DefaultTags
	keeps := &taskChainModel{CredentialsFingerprint: types.StringValue("a"), TagsAll: stringMap(before.DefaultTags)}
	leaves := func() *taskChainModel {
		return &taskChainModel{CredentialsFingerprint: types.StringUnknown(), TagsAll: types.MapUnknown(types.StringType)}
	}
	for name, test := range map[string]struct {
		a    *applying
		want *noted
	}{
		"an update that keeps":  {&applying{plan: keeps, before: keeps}, before},
		"an update that leaves": {&applying{plan: leaves(), before: keeps}, &other},
		"a create":              {&applying{plan: leaves()}, &here},
	} {
		var diags diag.Diagnostics
		private := notes{}
		before.write(t.Context(), private, &diags)
		a := test.a
		a.private, a.diags = private, &diags
		fresh := here
		if got := a.completePlan(t.Context(), &fresh); !reflect.DeepEqual(got, test.want) || diags.HasError() {
			t.Errorf("%s: %+v, want %+v; %v", name, got, test.want, diags)
		}
	}
}
