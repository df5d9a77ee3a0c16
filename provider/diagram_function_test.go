// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// diagramOf returns a configuration with the diagram of steps as an output.
func diagramOf(steps string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    qlik = { source = "hashicorp/qlik" }
  }
}
output "diagram" {
  value = provider::qlik::diagram({
%s
  })
}
`, steps)
}

// TestAccDiagramFunction checks that the function draws the same as the resource, without a configured provider.
func TestAccDiagramFunction(t *testing.T) {
	t.Parallel()
	const want = `flowchart LR
  step_archive["archive"]
  step_dashboard["dashboard"]
  step_extract["extract"]
  step_fallback["fallback"]
  step_transform["transform"]
  step_extract -->|success| step_transform
  step_transform -->|success| step_archive
  step_transform -->|success| step_dashboard
  step_transform -.->|failure| step_fallback
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{Config: diagramOf(nightlySteps), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("diagram",
				knownvalue.StringExact(want))}},
			{
				Config: diagramOf(fmt.Sprintf(`
    a = { app = %q, schedule = { cron = "0 5 ? * MON-FRI *", timezone = "Europe/Zurich" },
      retry = { max_attempts = 2, retry_on = ["failed"] }, variables = { n = 1, full = true }, enabled = null }
    b = { app = %q, after = { a = "completion" }, when = "hour < 6", delay = "1h", weight = 3, partial = true }`, sandbox.AppExtract, sandbox.AppTransform)),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("diagram",
					knownvalue.StringRegexp(regexp.MustCompile(`step_a\["a<br/><small>at 05:00, Monday to Friday, Europe/Zurich · 2 attempts</small>"\]`)))},
			},
		},
	})
}

// TestAccDiagramFunctionOfUnknowns checks that unknown values draw nothing yet, and hide no problem.
func TestAccDiagramFunctionOfUnknowns(t *testing.T) {
	t.Parallel()
	const id = `
resource "terraform_data" "id" { input = "` + sandbox.AppExtract + `" }
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config:      diagramOf(`a = { app = terraform_data.id.output, after = { b = "success" } }`) + id,
				ExpectError: says(`steps["a"].after["b"]: There is no step "b" in the chain.`),
			},
			{
				Config: diagramOf(`a = { app = terraform_data.id.output }`) + id,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("diagram")},
				},
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("diagram",
					knownvalue.StringRegexp(regexp.MustCompile("step_a")))},
			},
		},
	})
}

// TestAccDiagramFunctionRefuses checks that the function reports every problem with its path.
func TestAccDiagramFunctionRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		steps string
		want  []string
	}{
		"what the resource refuses": {
			`a = { app = "sales", after = { b = "success" } }
			 b = { app = "` + sandbox.AppExtract + `", after = { a = "sometimes" }, delay = "1s" }`,
			[]string{`steps["a"].app: "sales" is not an app id.`, `steps["b"].after["a"]: "sometimes" is not a condition.`,
				`steps["b"].delay: The delay 1s is out of range.`},
		},
		"what the resource would not see": {
			`a = { app = "` + sandbox.AppExtract + `", aftr = {} }`,
			[]string{`steps["a"].aftr: There is no attribute "aftr". Did you mean "after"?`},
		},
		"another type": {
			`a = { app = "` + sandbox.AppExtract + `", weight = 1.5, partial = "yes", retry = [] }`,
			[]string{`steps["a"].weight: This must be a whole number.`, `steps["a"].partial: This must be true or false.`,
				`steps["a"].retry: This must be an object, such as { max_attempts = 3 }.`},
		},
		"a schedule": {
			`a = { app = "` + sandbox.AppExtract + `", schedule = { cron = "0 5 * * *" } }`,
			[]string{`steps["a"].schedule.cron: The expression has five fields`},
		},
		"a misspelled schedule": {
			`a = { app = "` + sandbox.AppExtract + `", schedule = { rte = "1h" } }`,
			[]string{`steps["a"].schedule.rte: There is no attribute "rte". Did you mean "rate"?`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, want := range tt.want {
				resource.UnitTest(t, resource.TestCase{
					ProtoV6ProviderFactories: providers,
					Steps:                    []resource.TestStep{{Config: diagramOf(tt.steps), ExpectError: says(want)}},
				})
			}
		})
	}
}
