// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// rightsWorld is a sandbox and a folder for tests of what the function may reload.
type rightsWorld struct {
	*harness
	*life
}

func newRightsWorld(t *testing.T, change func(*sandbox.Config)) *rightsWorld {
	t.Helper()
	return &rightsWorld{newHarness(t, change), newLife(t, 10*time.Second, 60)}
}

// asked counts how often an app was asked for.
func (w *rightsWorld) asked() (n int) {
	for _, call := range w.Tenant.Calls() {
		if call.Operation == "GET /api/v1/apps/{id}" {
			n++
		}
	}
	return n
}

// plans checks that a plan is made, and says all of these words, or warns of nothing when there are none.
func (w *rightsWorld) plans(words ...string) {
	w.life.t.Helper()
	output, err := w.terraform("plan", "-no-color", "-input=false")
	w.expectWords(output, err == nil, words)
}

// applies likewise, refuses checks that an apply fails with these words and that nothing of AWS was written.
func (w *rightsWorld) applies(words ...string) {
	w.life.t.Helper()
	output, err := w.terraform("apply", "-auto-approve", "-no-color", "-input=false")
	w.expectWords(output, err == nil, words)
}

func (w *rightsWorld) refusesToApply(words ...string) {
	w.life.t.Helper()
	before := fmt.Sprint(w.Objects())
	calls := len(w.Cloud.Calls())
	output, err := w.terraform("apply", "-auto-approve", "-no-color", "-input=false")
	w.expectWords(output, err != nil, words)
	for _, call := range w.Cloud.Calls()[calls:] {
		if !slices.ContainsFunc([]string{"Get", "List", "Describe", "Lookup"},
			func(prefix string) bool { return strings.HasPrefix(call.Operation, prefix) }) {
			w.life.t.Errorf("%s %s was called", call.Service, call.Operation)
		}
	}
	if after := fmt.Sprint(w.Objects()); after != before {
		w.life.t.Errorf("the objects were %s and are %s", before, after)
	}
}

func (w *rightsWorld) expectWords(output string, ended bool, words []string) {
	w.life.t.Helper()
	if at := strings.Index(output, "Plan:"); at > 0 {
		output = output[at:] // before it stands all that is planned
	}
	if !ended || len(words) == 0 && strings.Contains(output, "Warning:") {
		w.life.t.Fatalf("terraform printed: %s", output)
	}
	for _, each := range words {
		if !strings.Contains(output, each) {
			w.life.t.Errorf("there is no %q in: %s", each, output)
		}
	}
}

// twoSteps returns a chain of two apps.
func twoSteps(first, second string, more ...string) string {
	return chainResource(fmt.Sprintf("extract = { app = %q }\n load = { app = %q, after = { extract = \"success\" } }", first, second),
		more...)
}

// TestAccReloadRights checks that a plan warns about an app that the function may not reload. An apply refuses it before it creates or
// changes anything. Only apps that are new to the chain are checked.
func TestAccReloadRights(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t, nil)
	managed, shared := w.Tenant.AddSpace("Board", "managed"), w.Tenant.AddSpace("Sales", "shared")
	load := w.Tenant.AddApp(tenant.App{Name: "Load", SpaceID: managed})
	report := w.Tenant.AddApp(tenant.App{Name: "Report", SpaceID: shared})
	w.Tenant.Assign(managed, w.Tenant.UserID(), "consumer")
	w.Tenant.Assign(shared, w.Tenant.UserID(), "facilitator")

	w.configure(w.providerConfig() + twoSteps(sandbox.AppExtract, load))
	lacks := []string{`steps["load"].app: The app "Load" (` + load +
		`) may not be reloaded by the function's credentials, those of "Platform Engineer", as Qlik Cloud says`,
		`Give them one of these roles in the space "Board", which is managed: Can operate (operator) or Can manage (facilitator).`}
	w.plans(append(lacks, "An apply will refuse this before it creates or changes anything.")...)
	w.refusesToApply(append(lacks, "Nothing was created or changed.", "Error: The function of nightly may not start a step")...)
	if err := w.nothingLeft(); err != nil {
		t.Error(err)
	}
	w.Tenant.Assign(managed, w.Tenant.UserID(), "consumer", "operator")
	w.applies()

	asked := w.asked()
	w.plans()
	w.applies()
	if again := w.asked() - asked; again != 0 {
		t.Errorf("an unchanged chain asked for %d apps", again)
	}
	w.Tenant.Assign(shared, w.Tenant.UserID(), "consumer")
	w.configure(w.providerConfig() + strings.Replace(twoSteps(sandbox.AppExtract, load), "steps = {",
		fmt.Sprintf("steps = {\n report = { app = %q, after = { load = \"success\" } }", strings.ToUpper(report)), 1))
	w.plans(`The app "Report" (`+strings.ToUpper(report)+`) may not be reloaded`, `in the space "Sales", which is shared: Can edit (producer)`)
	if again := w.asked() - asked; again != 1 {
		t.Errorf("a chain with one new app asked for %d", again)
	}
	w.refusesToApply(`The app "Report"`)
	w.Tenant.Assign(shared, w.Tenant.UserID(), "producer")
	w.applies()
	if err := w.destroy(); err != nil {
		t.Error(err)
	}
}

// TestAccReloadRightsOfOtherCredentials checks that the check uses the function's future identity as soon as it is known.
func TestAccReloadRightsOfOtherCredentials(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t, nil)
	shared := w.Tenant.AddSpace("Sales", "shared")
	load, extract := w.Tenant.AddApp(tenant.App{Name: "Load", SpaceID: shared}), w.Tenant.AddApp(tenant.App{Name: "Extract", SpaceID: shared})
	user, key := w.Tenant.AddUser("reload-bot")
	w.Tenant.Assign(shared, w.Tenant.UserID(), "facilitator")
	with := func(key string, version int) string {
		return w.providerConfig() + twoSteps(extract, load,
			fmt.Sprintf("credentials_wo = { api_key = %s }\n  credentials_wo_version = %d", key, version))
	}
	quoted := fmt.Sprintf("%q", key)

	w.configure(with(quoted, 1))
	w.refusesToApply(`steps["load"].app: The app ` + load +
		` does not exist, or cannot be seen by the function's credentials, those of "reload-bot",`)
	w.Tenant.Assign(shared, user, "codeveloper")
	w.applies()
	asked := w.asked()
	w.configure(with(quoted, 2))
	w.plans()
	if again := w.asked() - asked; again != 2 {
		t.Errorf("new credentials asked for %d apps", again)
	}

	w.configure(with(`"nobody-has-this-key"`, 3))
	w.plans("Warning: Qlik Cloud refuses the function's credentials")
	w.refusesToApply("Error: Qlik Cloud refuses the function's credentials", "The function could start nothing with them.", "401")

	_, stranger := w.Tenant.AddUser("stranger")
	w.configure(with("terraform_data.key.output", 4) + fmt.Sprintf("resource \"terraform_data\" \"key\" { input = %q }\n", stranger))
	asked = w.asked()
	w.plans()
	if w.asked() != asked {
		t.Error("credentials that are not known yet were asked with")
	}
	w.refusesToApply(`cannot be seen by the function's credentials, those of "stranger"`)
}

// TestAccReloadRightsNeverBlockInDoubt checks that the deployment continues if Qlik Cloud does not answer, or does not report a right.
func TestAccReloadRightsNeverBlockInDoubt(t *testing.T) {
	t.Parallel()
	failing := func(status int) func(*rightsWorld) {
		return func(w *rightsWorld) {
			w.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
				if r.Pattern == "GET /api/v1/apps/{id}" {
					return &tenant.Fault{Status: status}
				}
				return nil
			})
		}
	}
	for name, test := range map[string]struct {
		change  func(*sandbox.Config)
		prepare func(*rightsWorld)
		more    string
		words   []string
	}{
		"no privileges": {change: func(c *sandbox.Config) { c.Tenant.WithoutPrivileges = true },
			words: []string{"Qlik Cloud does not say whether the function's credentials may start extract and load."}},
		"may not look": {prepare: failing(http.StatusForbidden),
			words: []string{"Qlik Cloud does not say whether the function's credentials may start extract and load."}},
		"out of order": {prepare: failing(http.StatusServiceUnavailable),
			words: []string{"Asking Qlik Cloud for it failed, which keeps nothing from being deployed.", "503"}},
		"too many":     {prepare: failing(http.StatusTooManyRequests), words: []string{"Asking Qlik Cloud for it failed", "429"}},
		"switched off": {prepare: func(w *rightsWorld) { w.Tenant.RemoveApp(sandbox.AppTransform) }, more: "check_apps = false"},
		"a first step": {prepare: func(w *rightsWorld) { w.Tenant.RemoveApp(sandbox.AppExtract) },
			words: []string{"does not exist", "Neither a schedule nor another step starts this one, so the chain can do without"}},
		"all is well":   {},
		"disabled step": {prepare: func(w *rightsWorld) { w.Tenant.RemoveApp(sandbox.AppTransform) }, more: "disabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRightsWorld(t, test.change)
			if test.prepare != nil {
				test.prepare(w)
			}
			config := w.providerConfig() + twoSteps(sandbox.AppExtract, sandbox.AppTransform, test.more)
			if test.more == "disabled" {
				config = w.providerConfig() + strings.Replace(twoSteps(sandbox.AppExtract, sandbox.AppTransform), `{ extract = "success" }`,
					`{ extract = "success" }, enabled = false`, 1)
			}
			w.configure(config)
			w.plans(test.words...)
			w.applies(test.words...)
			if err := w.expectNoChange(); err != nil {
				t.Error(err)
			}
			if test.more == "check_apps = false" && w.asked() > 0 {
				t.Errorf("apps were asked for %d times", w.asked())
			}
		})
	}
}

// TestAccReloadRightsOfManyApps checks that all apps without the right are reported in few words.
func TestAccReloadRightsOfManyApps(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t, nil)
	var steps strings.Builder
	after := ""
	for i := range 60 {
		id := w.Tenant.AddApp(tenant.App{Name: fmt.Sprint("app ", i), NoReload: i >= 10})
		fmt.Fprintf(&steps, "a%02d = { app = %q%s }\n", i, id, after)
		after = `, after = { a00 = "success" }`
	}
	w.configure(w.providerConfig() + chainResource(steps.String()))
	words := []string{`steps["a10"].app: The app "app 10"`, "It is in a personal space, where only its owner may reload it",
		`steps["a29"].app`, "The same holds for 30 more: a30, a31,", "and 10 more"}
	w.plans(words...)
	w.refusesToApply(words...)
}
