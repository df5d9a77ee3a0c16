// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// afterExtract returns a chain in which a step of any kind comes after an app.
func afterExtract(step string, more ...string) string {
	return chainResource(fmt.Sprintf("extract = { app = %q }\n next = { %s, after = { extract = \"success\" } }", sandbox.AppExtract, step),
		more...)
}

// TestAccRunRights checks that automations and data tasks are checked before an apply, as apps are.
func TestAccRunRights(t *testing.T) {
	t.Parallel()
	const refused = "The function of nightly may not start a step"
	for name, test := range map[string]struct {
		prepare func(w *rightsWorld, anna string) (step string)
		oauth   bool
		title   string   // of the refusal, if it is not the general one
		refuses []string // by an apply; the plan warns
		warns   []string // and the apply, which goes on
	}{
		"an automation that is missing": {prepare: func(*rightsWorld, string) string {
			return `automation = "11111111-1111-4111-8111-111111111111"`
		}, title: "Automation of the chain nightly not found", refuses: []string{
			`steps["next"].automation: The automation 11111111-1111-4111-8111-111111111111 does not exist, or cannot be seen by`,
		}},
		"an automation of another user": {prepare: func(w *rightsWorld, anna string) string {
			return fmt.Sprintf("automation = %q", w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", OwnerID: anna}))
		}, refuses: []string{`steps["next"].automation: The automation "Mail"`, "which are not its owner's.",
			"It is in a personal space, where only its owner may run it"}},
		"an automation without a role": {prepare: func(w *rightsWorld, anna string) string {
			space := w.Tenant.AddSpace("Board", "shared")
			w.Tenant.Assign(space, w.Tenant.UserID(), "consumer")
			return fmt.Sprintf("automation = %q", w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", SpaceID: space, OwnerID: anna}))
		}, refuses: []string{`The automation "Mail"`, "as their roles in its space say.",
			`Give them one of these roles in the space "Board": Can edit (producer), Can operate (operator)`}},
		"an automation and an OAuth client": {oauth: true, prepare: func(w *rightsWorld, anna string) string {
			return fmt.Sprintf("automation = %q", w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", OwnerID: anna}))
		}, warns: []string{"Qlik Cloud does not say whether the function's credentials may start next."}},
		"an automation with a role": {prepare: func(w *rightsWorld, anna string) string {
			space := w.Tenant.AddSpace("Board", "shared")
			w.Tenant.Assign(space, w.Tenant.UserID(), "operator")
			return fmt.Sprintf("automation = %q", w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", SpaceID: space, OwnerID: anna}))
		}},
		"one's own automation": {prepare: func(w *rightsWorld, _ string) string {
			return fmt.Sprintf("automation = upper(%q)", w.Tenant.AddAutomation(tenant.Automation{Name: "Mail"}))
		}},
		"a data task that is missing": {prepare: func(w *rightsWorld, _ string) string {
			return fmt.Sprintf("data_task = { project = %q, task = \"task-none\" }", w.dataProject("producer"))
		}, title: "Data task of the chain nightly not found", refuses: []string{
			`steps["next"].data_task: The data task task-none does not exist, or cannot be seen by`,
			"Give them a role in the space of its data project that may run it",
		}},
		"a data task without a role": {prepare: func(w *rightsWorld, _ string) string {
			return w.dataTask(tenant.DataTask{ProjectID: w.dataProject("consumer")})
		}, warns: []string{"Qlik Cloud does not say whether the function's credentials may start next."}},
		"a data task that may not be looked at": {prepare: func(w *rightsWorld, _ string) string {
			w.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
				if strings.HasSuffix(r.Pattern, "/di-tasks/{task}") {
					return &tenant.Fault{Status: http.StatusForbidden}
				}
				return nil
			})
			return w.dataTask(tenant.DataTask{ProjectID: w.dataProject("operator")})
		}, warns: []string{"Qlik Cloud does not say whether the function's credentials may start next."}},
		"a data task": {prepare: func(w *rightsWorld, _ string) string {
			return w.dataTask(tenant.DataTask{ProjectID: w.dataProject("operator"), Type: "LANDING"})
		}},
		"a signal": {prepare: func(*rightsWorld, string) string { return "signal = {}" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRightsWorld(t, nil)
			anna, _ := w.Tenant.AddUser("Anna")
			step := test.prepare(w, anna)
			provider := w.providerConfig()
			if test.oauth {
				provider = w.providerWith(fmt.Sprintf("client_id = %q\n  client_secret = %q", w.Tenant.ClientID(), w.Tenant.ClientSecret()), "")
			}
			w.configure(provider + afterExtract(step))
			if test.refuses != nil {
				title := cmp.Or(test.title, refused)
				w.plans(append(test.refuses, "Warning: "+title)...)
				w.refusesToApply(append(test.refuses, "Error: "+title)...)
				return
			}
			w.plans(test.warns...)
			w.applies(test.warns...)
			if err := w.expectNoChange(); err != nil {
				t.Error(err)
			}
		})
	}
}

// dataProject adds a data project in a space in which the provider's user has a role.
func (w *rightsWorld) dataProject(role string) string {
	space := w.Tenant.AddSpace("Landing", "data")
	w.Tenant.Assign(space, w.Tenant.UserID(), role)
	return w.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: space})
}

// dataTask adds a data task and returns a step's attribute that names it.
func (w *rightsWorld) dataTask(task tenant.DataTask) string {
	return fmt.Sprintf("data_task = { project = %q, task = %q }", task.ProjectID, w.Tenant.AddDataTask(task))
}

// TestAccEndlessDataTasks checks that a plan refuses data tasks that run until they are stopped, at the line of the step.
func TestAccEndlessDataTasks(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t, nil)
	project := w.dataProject("operator")
	landing := w.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "Land", Type: "LANDING", CapturesChange: true})
	refuses := func(step, name string) {
		t.Helper()
		w.configure(w.providerConfig() + afterExtract(step))
		output, err := w.terraform("plan", "-no-color", "-input=false")
		if err == nil {
			t.Errorf("%s was planned", name)
		}
		expectWords(t, name, output, []string{
			"Error: A data task without an end", `steps["next"].data_task: The data task "` + name, "runs until it is stopped",
		}, nil)
	}
	refuses(w.dataTask(tenant.DataTask{ProjectID: project, Name: "Replicate", Type: "REPLICATION"}), "Replicate")
	refuses(w.dataTask(tenant.DataTask{ProjectID: project, Name: "Stream", Type: "STREAMING_LANDING"}), "Stream")
	if _, err := w.Tenant.StartDataTask(project, landing); err != nil {
		t.Fatal(err)
	}
	refuses(fmt.Sprintf("data_task = { project = %q, task = %q }", project, landing), "Land")
}
