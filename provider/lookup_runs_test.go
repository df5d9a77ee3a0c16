// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestAccAutomation checks that an automation is found by its name and its id, also in a space in which only other users own automations.
func TestAccAutomation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	sales, other := h.Tenant.AddSpace("Sales", "shared"), h.Tenant.AddSpace("Other", "shared")
	anna, _ := h.Tenant.AddUser("Anna")
	for i := range 120 {
		h.Tenant.AddAutomation(tenant.Automation{Name: fmt.Sprintf("crowd %03d", i), SpaceID: other})
	}
	h.Tenant.AddAutomation(tenant.Automation{Name: "Send report", SpaceID: other})
	report := h.Tenant.AddAutomation(tenant.Automation{Name: "Send report", SpaceID: sales, OwnerID: anna})
	personal := h.Tenant.AddAutomation(tenant.Automation{Name: "Mine"})
	var got struct {
		ByName   map[string]any `json:"by_name"`
		ByID     map[string]any `json:"by_id"`
		Personal map[string]any
		Odd      []string
	}
	h.outputs(`
data "qlik_automation" "by_name" {
  name  = "Send report"
  space = "Sales"
}
data "qlik_automation" "by_id" { id = upper(data.qlik_automation.by_name.id) }
data "qlik_automation" "personal" {
  name     = "Mine"
  space_id = "personal"
}
data "qlik_automation" "odd" { name = "crowd 119" }
output "by_name" { value = data.qlik_automation.by_name }
output "by_id" { value = data.qlik_automation.by_id }
output "personal" { value = data.qlik_automation.personal }
output "odd" { value = [data.qlik_automation.odd.space_id] }
`, &got)
	if got.ByName["id"] != report || got.ByName["space_id"] != sales || got.ByName["owner_id"] != anna || got.ByName["description"] != nil {
		t.Errorf("by name: %v", got.ByName)
	}
	if got.ByID["id"] != strings.ToUpper(report) || got.ByID["name"] != "Send report" || got.ByID["space_id"] != sales {
		t.Errorf("by id: %v", got.ByID)
	}
	if got.Personal["id"] != personal || got.Odd[0] != other {
		t.Errorf("personal: %v; in another space: %v", got.Personal, got.Odd)
	}
}

// TestAccDataTask checks that a data task is found by its name and its id, with its project.
func TestAccDataTask(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	landing, other := h.Tenant.AddSpace("Landing", "data"), h.Tenant.AddSpace("Other", "data")
	orders := h.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: landing})
	namesake := h.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: other})
	for _, project := range []string{orders, namesake} {
		h.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, ID: "task-cYSY", Name: "Transform", Type: "TRANSFORM"})
	}
	h.Tenant.AddDataTask(tenant.DataTask{ProjectID: orders, ID: "task-x1", Name: "Replicate", Type: "REPLICATION"})
	var got map[string]map[string]any
	h.outputs(`
data "qlik_data_task" "by_project" {
  name    = "Transform"
  project = "Orders"
  space   = "Landing"
}
data "qlik_data_task" "by_id" {
  id         = "task-cYSY"
  project_id = "`+namesake+`"
}
data "qlik_data_task" "anywhere" { name = "Replicate" }
output "by_project" { value = data.qlik_data_task.by_project }
output "by_id" { value = data.qlik_data_task.by_id }
output "anywhere" { value = data.qlik_data_task.anywhere }
`, &got)
	for name, want := range map[string][4]string{
		"by_project": {"task-cYSY", orders, landing, "TRANSFORM"}, "by_id": {"task-cYSY", namesake, other, "TRANSFORM"},
		"anywhere": {"task-x1", orders, landing, "REPLICATION"},
	} {
		task := got[name]
		if have := [4]any{task["id"], task["project_id"], task["space_id"], task["type"]}; fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, task, want)
		}
		if task["project"] != "Orders" || task["name"] == "" || task["owner_id"] != h.Tenant.UserID() || task["description"] != nil {
			t.Errorf("%s: %v", name, task)
		}
	}
}

// TestAccRunLookUpErrors checks the errors for what is missing or ambiguous.
func TestAccRunLookUpErrors(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	sales, landing := h.Tenant.AddSpace("Sales", "shared"), h.Tenant.AddSpace("Landing", "data")
	report := h.Tenant.AddAutomation(tenant.Automation{Name: "Send report", SpaceID: sales})
	for range 2 {
		h.Tenant.AddAutomation(tenant.Automation{Name: "twin", SpaceID: sales})
		project := h.Tenant.AddDataProject(tenant.DataProject{Name: "Twins", SpaceID: landing})
		h.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, ID: "task-1", Name: "Load"})
	}
	orders := h.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: landing})
	task := h.Tenant.AddDataTask(tenant.DataTask{ProjectID: orders, Name: "Transform"})
	for name, test := range map[string]struct {
		config string
		want   string
	}{
		"an automation of another case": {`data "qlik_automation" "a" { name = "send report" }`,
			`There is no automation named "send report" among the 3 that the provider's credentials can see in the tenant. Names must be equal, ` +
				`in upper and lower case too. Did you mean "Send report" (id ` + report},
		"two automations":       {`data "qlik_automation" "a" { name = "twin" }`, `2 automations in the tenant are named "twin"`},
		"no such id of one":     {`data "qlik_automation" "a" { id = "` + report[:35] + `x" }`, `There is no automation with the id`},
		"an automation by both": {"data \"qlik_automation\" \"a\" {\n id = \"x\"\n name = \"y\"\n}", "Invalid Attribute Combination"},
		"a misspelled task": {`data "qlik_data_task" "a" { name = "Trnsform" }`,
			`Did you mean "Transform" (id ` + task + `, in the project "Orders"`},
		"two tasks": {`data "qlik_data_task" "a" { name = "Load" }`,
			`2 data tasks in the tenant fit: "Load" (id task-1, in the project "Twins"`},
		"two tasks with an id": {`data "qlik_data_task" "a" { id = "task-1" }`, `Say by project or project_id which one is meant`},
		"no such task in a project": {taskIn(`id = "task-1"`, `project = "Orders"`),
			`There is no data task with the id "task-1" among the 1 that`},
		"no such project": {taskIn(`name = "Load"`, `project = "Order"`),
			`There is no data integration project named "Order" among the 3`},
		"two projects":            {taskIn(`name = "Load"`, `project = "Twins"`), `2 projects in the tenant are named "Twins"`},
		"no such id of a project": {taskIn(`name = "Load"`, `project_id = "x"`), `There is no data integration project with the id "x"`},
		"another space": {taskIn(`name = "Transform"`, `space = "Sales"`),
			`among the 0 that the provider's credentials can see in the space "Sales"`},
		"a project given two ways":   {taskIn("name = \"a\"\n project = \"b\"", `project_id = "c"`), "Invalid Attribute Combination"},
		"a task in a personal space": {taskIn(`name = "a"`, `space_id = "personal"`), "Invalid Attribute Value Match"},
		"neither":                    {`data "qlik_data_task" "a" {}`, "Invalid Attribute Combination"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same := &harness{Sandbox: h.Sandbox, t: t}
			same.read(resource.TestStep{Config: test.config, ExpectError: says(test.want)})
		})
	}
}

func taskIn(first, second string) string {
	return "data \"qlik_data_task\" \"a\" {\n " + first + "\n " + second + "\n}"
}
