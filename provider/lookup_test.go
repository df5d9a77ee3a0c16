// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// oddNames are names of apps that a query, HCL or a reader may misread. The last one is stored with a separate accent, while Terraform has
// the letter and its accent in one character.
var oddNames = []string{
	`He said "yes"`, `50% & more = ?`, `a/b\c`, "emoji 🏆", "ünïcödé", " blank at both ends ", "${not} %{HCL}", "UPPER", "upper",
	"one, two", "#+;", "Cafe\u0301",
}

// crowd fills the tenant with n apps in a space of each kind and returns the shared one's id.
func (h *harness) crowd(n int) (shared string) {
	shared, managed := h.Tenant.AddSpace("Sales (EMEA)", "shared"), h.Tenant.AddSpace("Sales", "managed")
	for i := range n {
		h.Tenant.AddApp(tenant.App{Name: fmt.Sprintf("crowd %03d", i), SpaceID: shared})
	}
	h.Tenant.AddApp(tenant.App{Name: "twin", SpaceID: shared})
	h.Tenant.AddApp(tenant.App{Name: "twin", SpaceID: managed})
	h.Tenant.AddApp(tenant.App{Name: "twin"})
	return shared
}

// read runs a configuration of data sources. Nothing of AWS may be called.
func (h *harness) read(step resource.TestStep) {
	h.t.Helper()
	step.Config = h.providerConfig() + step.Config
	before := len(h.Cloud.Calls())
	resource.Test(h.t, resource.TestCase{IsUnitTest: true, ProtoV6ProviderFactories: providers, Steps: []resource.TestStep{step}})
	if after := len(h.Cloud.Calls()); after != before {
		h.t.Errorf("AWS was called %d times", after-before)
	}
}

// TestAccAppByOddNames checks that each app is found among hundreds by exactly its name, and by its id.
func TestAccAppByOddNames(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	shared := h.crowd(330)
	want := map[string]string{}
	var names []string
	for _, name := range oddNames {
		names = append(names, strings.NewReplacer("${", "$${", "%{", "%%{").Replace(hclText(t, name)))
		key := strings.ReplaceAll(name, "e\u0301", "é")
		want[key] = h.Tenant.AddApp(tenant.App{Name: name, SpaceID: shared})
	}
	var got struct {
		IDs      map[string]string
		Odd      []string
		InSpace  map[string]any `json:"in_space"`
		Personal map[string]any
	}
	h.outputs(fmt.Sprintf(`
data "qlik_app" "by_name" {
  for_each = toset([%s])
  name     = each.key
}
data "qlik_app" "by_id" {
  for_each = { for name, app in data.qlik_app.by_name : name => app.id }
  id       = upper(each.value)
}
data "qlik_app" "in_space" {
  name  = "twin"
  space = "Sales"
}
data "qlik_app" "personal" {
  name     = "twin"
  space_id = "personal"
}
output "ids" { value = { for name, app in data.qlik_app.by_name : name => app.id } }
output "odd" { value = [for name, app in data.qlik_app.by_id : name if app.name != name || app.space_id != %q || app.owner_id == ""] }
output "in_space" { value = data.qlik_app.in_space }
output "personal" { value = data.qlik_app.personal }
`, strings.Join(names, ", "), shared), &got)
	if !maps.Equal(got.IDs, want) || len(got.Odd) > 0 {
		t.Errorf("found %v, want %v; odd: %q", got.IDs, want, got.Odd)
	}
	if space, _ := got.InSpace["space_id"].(string); space == "" || space == shared {
		t.Errorf("in the space: %v", got.InSpace)
	}
	if got.Personal["space_id"] != "personal" || got.Personal["sub_type"] != nil || got.Personal["id"] == got.InSpace["id"] {
		t.Errorf("in the personal space: %v", got.Personal)
	}
}

// outputs applies a configuration that needs nothing of AWS, and reads its outputs.
func (h *harness) outputs(config string, into any) {
	h.t.Helper()
	before := len(h.Cloud.Calls())
	l := newLife(h.t, 10*time.Second, 60)
	l.configure(h.providerConfig() + config)
	var text bytes.Buffer
	for _, run := range []func() error{func() error { return l.apply() }, l.expectNoChange,
		func() error { return l.run(&text, "output", "-json") }} {
		if err := run(); err != nil {
			h.t.Fatal(err)
		}
	}
	var outputs map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal(text.Bytes(), &outputs); err != nil {
		h.t.Fatal(err)
	}
	values := map[string]json.RawMessage{}
	for name, output := range outputs {
		values[name] = output.Value
	}
	whole, err := json.Marshal(values)
	if err == nil {
		err = json.Unmarshal(whole, into)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if after := len(h.Cloud.Calls()); after != before {
		h.t.Errorf("AWS was called %d times", after-before)
	}
}

// hclText writes a text as HCL does, which is how JSON does it.
func hclText(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// TestAccLookUpErrors checks that the error for a missing or ambiguous name lists similar ones.
func TestAccLookUpErrors(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	shared := h.crowd(5)
	first := h.Tenant.AddApp(tenant.App{Name: "Extract Sales", SpaceID: shared})
	for name, test := range map[string]struct {
		config string
		want   []string
	}{
		"only the case differs": {`data "qlik_app" "a" { name = "extract sales" }`, []string{
			`There is no app named "extract sales" among the`, `Did you mean "Extract Sales" (id ` + first + `, in the space "Sales (EMEA)", ` +
				shared + `)`}},
		"misspelled":   {`data "qlik_app" "a" { name = "Extrct Sales" }`, []string{`Did you mean "Extract Sales"`}},
		"a part of it": {`data "qlik_app" "a" { name = "Extract" }`, []string{`"Extract Sales" (id`}},
		"another space": {`data "qlik_app" "a" {
			  name  = "Extract Sales"
			  space = "Sales"
			}`, []string{`There is no app named "Extract Sales" among the 1 that the provider's credentials can see in the space "Sales". Names must be equal`}},
		"several": {`data "qlik_app" "a" { name = "twin" }`, []string{
			`3 apps in the tenant are named "twin"`, `in the space "Sales"`, `in the personal space of`,
			`Say by space or space_id which one is meant`}},
		"no such id": {`data "qlik_app" "a" { id = "` + sandbox.AppExtract[:35] + `f" }`, []string{`There is no app with the id`}},
		"both": {`data "qlik_app" "a" {
			  id   = "x"
			  name = "y"
			}`, []string{"Invalid Attribute Combination"}},
		"neither": {`data "qlik_app" "a" {}`, []string{"Invalid Attribute Combination"}},
		"no such space": {`data "qlik_space" "a" { name = "sales" }`,
			[]string{`There is no space named "sales" among the 2`, `Did you mean "Sales" (id `, `managed)`}},
		"no such space of apps": {`data "qlik_apps" "a" { space = "Sale" }`, []string{`There is no space named "Sale"`}},
		"twins in a list": {`data "qlik_apps" "a" {}`,
			[]string{`Several of the apps have the same name: "twin" (id`, `Narrow the list by space or name_regex`}},
		"no regular expression": {`data "qlik_apps" "a" { name_regex = "(" }`,
			[]string{`"(" cannot be used: error parsing regexp: missing closing )`}},
		"a space given two ways": {"data \"qlik_apps\" \"a\" {\n space = \"a\"\n space_id = \"b\"\n}", []string{"Invalid Attribute Combination"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same := &harness{Sandbox: h.Sandbox, t: t}
			for _, want := range test.want {
				same.read(resource.TestStep{Config: test.config, ExpectError: says(want)})
			}
		})
	}
}

// TestAccApps checks that a list is complete past the first pages, filtered as requested, and fit for for_each.
func TestAccApps(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	shared := h.crowd(330)
	flow := h.Tenant.AddApp(tenant.App{Name: "a flow", SpaceID: shared, SubType: "dataflow-prep"})
	var got struct {
		Space     map[string]any
		All, None struct {
			IDs  map[string]string
			Apps []map[string]any
		}
		Tens []string
		Each string
	}
	h.outputs(`
data "qlik_space" "sales" { name = "Sales (EMEA)" }
data "qlik_apps" "all" { space_id = data.qlik_space.sales.id }
data "qlik_apps" "tens" {
  space      = "Sales (EMEA)"
  name_regex = "(?i)^CROWD ..0$"
}
data "qlik_apps" "none" { name_regex = "^nothing$" }
resource "terraform_data" "each" {
  for_each = data.qlik_apps.tens.ids
  input    = each.value
}
output "space" { value = data.qlik_space.sales }
output "all" { value = data.qlik_apps.all }
output "none" { value = data.qlik_apps.none }
output "tens" { value = keys(data.qlik_apps.tens.ids) }
output "each" { value = terraform_data.each["crowd 010"].output }
`, &got)
	if got.Space["id"] != shared || got.Space["type"] != "shared" || fmt.Sprint(got.Space["roles"]) != "[facilitator]" {
		t.Errorf("the space: %v", got.Space)
	}
	if len(got.All.IDs) != 332 || len(got.All.Apps) != 332 || got.All.IDs["twin"] == "" {
		t.Errorf("%d ids, %d apps; want 332", len(got.All.IDs), len(got.All.Apps))
	}
	first, owner := got.All.Apps[0], got.All.Apps[0]["owner_id"]
	if want := (map[string]any{"id": flow, "name": "a flow", "description": nil, "owner_id": owner, "space_id": shared,
		"sub_type": "dataflow-prep"}); !maps.Equal(first, want) || owner == "" {
		t.Errorf("the first app: %v", first)
	}
	if len(got.Tens) != 33 || got.Each != got.All.IDs["crowd 010"] {
		t.Errorf("%d of the tens, %q", len(got.Tens), got.Each)
	}
	if got.None.IDs == nil || len(got.None.IDs)+len(got.None.Apps) > 0 {
		t.Errorf("of no name: %v", got.None)
	}
}

// TestAccTaskChainDataSource checks that another configuration's chain is read without a write. A chain that is missing, or not whole, is
// reported.
func TestAccTaskChainDataSource(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	second := h.secondTenant()
	const (
		config = `data "qlik_task_chain" "other" { name = "nightly" }`
		other  = "data.qlik_task_chain.other"
	)
	reads := regexp.MustCompile(`^(Get|List|Describe|Lookup)`)
	steps := strings.Replace(nightlySteps, "weight = 5", `weight = 5, retry = { max_attempts = 3, retry_on = ["failed"] }`, 1)
	h.run(resource.TestStep{Config: h.chain(steps, `timezone = "Europe/Berlin"`, `cycle = { begins = "20:00" }`, "schedule = "+rarely,
		`notify_on = ["success"]`), ExpectNonEmptyPlan: true, Check: do(t.Context(), func(ctx context.Context) error {
		before, asked := len(h.Cloud.Calls()), len(h.Tenant.Calls())
		read := func(config string, step resource.TestStep) {
			step.Config = config
			resource.Test(t, resource.TestCase{IsUnitTest: true, ProtoV6ProviderFactories: providers, Steps: []resource.TestStep{step}})
		}
		step := func(name, attribute string) tfjsonpath.Path {
			return tfjsonpath.New("steps").AtMapKey(name).AtMapKey(attribute)
		}
		read(h.providerConfig()+config, resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(other, tfjsonpath.New("invoke_url"), knownvalue.StringExact(h.invokeURL())),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("page_url"), knownvalue.StringExact(h.invokeURL()+"/page")),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("timezone"), knownvalue.StringExact("Europe/Berlin")),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("cycle").AtMapKey("begins"), knownvalue.StringExact("20:00")),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("schedule").AtMapKey("cron"), knownvalue.StringExact("0 5 1 1 ? 2199")),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("notify_on"),
				knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("success")})),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("max_duration"), knownvalue.Null()),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("diagram"), knownvalue.StringRegexp(regexp.MustCompile(`transform.*success`))),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("tenant_id"), knownvalue.StringExact(h.Tenant.ID())),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("webhook_id"), knownvalue.StringExact(h.Tenant.Webhooks()[0].ID)),
			statecheck.ExpectKnownValue(other, tfjsonpath.New("steps"), knownvalue.MapSizeExact(5)),
			statecheck.ExpectKnownValue(other, step("dashboard", "app"), knownvalue.StringExact(sandbox.AppDashboard)),
			statecheck.ExpectKnownValue(other, step("dashboard", "retry").AtMapKey("max_attempts"), knownvalue.Int32Exact(3)),
			statecheck.ExpectKnownValue(other, step("dashboard", "weight"), knownvalue.Int32Exact(5)),
			statecheck.ExpectKnownValue(other, step("fallback", "after"),
				knownvalue.MapExact(map[string]knownvalue.Check{"transform": knownvalue.StringExact("failure")})),
			statecheck.ExpectKnownValue(other, step("extract", "after"), knownvalue.Null()),
		}})
		for _, call := range h.Cloud.Calls()[before:] {
			if !reads.MatchString(call.Operation) {
				t.Errorf("the data source called %s %s", call.Service, call.Operation)
			}
		}
		for _, call := range h.Tenant.Calls()[asked:] {
			if call.Method != "GET" {
				t.Errorf("the data source called %s", call.Operation)
			}
		}
		read(h.providerConfig()+strings.Replace(config, "nightly", "nihgtly", 1),
			resource.TestStep{ExpectError: says(`There is no task chain "nihgtly" for the tenant ` + h.Tenant.ID())})
		read(h.forTenant(h.providerConfig(), second)+config,
			resource.TestStep{ExpectError: says(`There is no task chain "nightly" for the tenant ` + second.ID())})
		if err := errors.Join(deleteStage(ctx, h), deleteParameter("definition")(ctx, h)); err != nil {
			return err
		}
		read(h.providerConfig()+config, resource.TestStep{ExpectError: says(`is incomplete: the definition and the REST API's stage cannot be found.`)})
		return nil
	})})
}
