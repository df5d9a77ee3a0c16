// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
)

// expectHCL reads the chain's HCL with HashiCorp's reader: it says what the definition says, has each note, and no empty text.
func expectHCL(t *testing.T, c *migrate.Chain) {
	t.Helper()
	source := c.HCL("a\nfile")
	file, diags := hclsyntax.ParseConfig(source, "chain.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, source)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatal("no body")
	}
	lookUps := map[string]cty.Value{}
	steps := map[string]cty.Value{}
	for _, block := range body.Blocks {
		key := block.Labels[1]
		if !hclsyntax.ValidIdentifier(key) {
			t.Errorf("the label %q", key)
		}
		if block.Type == "data" {
			name, _ := block.Body.Attributes["name"].Expr.Value(nil)
			if name.AsString() != cty.StringVal(c.Names[key]).AsString() || !c.LookedUp[key] {
				t.Errorf("%s is looked up as %q", key, name.AsString())
			}
			lookUps[key] = cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("")})
			continue
		}
		written, diags := block.Body.Attributes["steps"].Expr.Value(&hcl.EvalContext{
			Variables: map[string]cty.Value{"data": cty.ObjectVal(map[string]cty.Value{"qlik_app": cty.ObjectVal(lookUps)})},
		})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		steps = written.AsValueMap()
	}
	if len(steps) != len(c.Definition.Steps) {
		t.Errorf("%d steps, want %d", len(steps), len(c.Definition.Steps))
	}
	for key, want := range c.Definition.Steps {
		if got := readStep(t, steps[key].AsValueMap()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v\n%s", key, got, want, source)
		}
	}
	for _, n := range c.Notes {
		if words := strings.Fields(n.Text); !strings.Contains(string(source), words[0]) {
			t.Errorf("no note %s in\n%s", n, source)
		}
	}
}

// readStep reads the attributes of a step. All of them say something.
func readStep(t *testing.T, attributes map[string]cty.Value) chain.Step {
	t.Helper()
	s := chain.Step{Enabled: true}
	for name, value := range attributes {
		switch name {
		case "app":
			s.App = value.AsString()
		case "after":
			s.After = map[string]chain.Condition{}
			for key, condition := range value.AsValueMap() {
				s.After[key] = chain.Condition(condition.AsString())
			}
		case "wait_for":
			s.WaitFor = chain.WaitFor(value.AsString())
		case "delay":
			s.Delay = chain.Duration(mustDuration(t, value))
		case "enabled":
			s.Enabled = value.True()
		case "partial":
			s.Partial = value.True()
		case "weight":
			s.Weight = number(value)
		case "retry":
			s.Retry = &chain.Retry{MaxAttempts: number(value.GetAttr("max_attempts"))}
		case "variables":
			s.Variables = map[string]string{}
			for key, text := range value.AsValueMap() {
				s.Variables[key] = text.AsString()
			}
		case "schedule":
			s.Schedule = &chain.Schedule{}
			for key, text := range value.AsValueMap() {
				if text.AsString() == "" {
					t.Errorf("%s is empty", key)
				}
				switch key {
				case "cron":
					s.Schedule.Cron = text.AsString()
				case "timezone":
					s.Schedule.Timezone = text.AsString()
				case "rate":
					s.Schedule.Rate = chain.Duration(mustDuration(t, text))
				}
			}
		default:
			t.Errorf("a step has no attribute %s", name)
		}
	}
	return s
}

func number(value cty.Value) int {
	n, _ := value.AsBigFloat().Int64()
	return int(n)
}

func mustDuration(t *testing.T, value cty.Value) time.Duration {
	t.Helper()
	d, err := chain.ParseDuration(value.AsString())
	if err != nil {
		t.Error(err)
	}
	return d
}
