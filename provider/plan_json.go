// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/explain"
)

// ErrNotAPlan is the error of a text that is not a plan as JSON.
var ErrNotAPlan = errors.New("this is not the output of `terraform show -json` of a plan")

// ExplainPlan describes what a plan changes in task chains, in the order of their addresses. It reads what `terraform show -json` prints.
func ExplainPlan(text []byte) ([]explain.Planned, error) {
	plan := new(tfjson.Plan)
	if err := plan.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotAPlan, err)
	}
	chains := []explain.Planned{}
	for _, resource := range plan.ResourceChanges {
		if resource.Type != "qlik_task_chain" || resource.Mode != tfjson.ManagedResourceMode {
			continue
		}
		action, changes := actionOf(resource.Change.Actions)
		if !changes {
			continue
		}
		planned, err := explainPlanned(resource.Change, action)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Address, err)
		}
		planned.Address, planned.Action = resource.Address, action
		chains = append(chains, *planned)
	}
	slices.SortStableFunc(chains, func(a, b explain.Planned) int {
		switch {
		case a.Address < b.Address:
			return -1
		case a.Address > b.Address:
			return 1
		default:
			return 0
		}
	})
	return chains, nil
}

func actionOf(actions tfjson.Actions) (explain.Action, bool) {
	switch {
	case actions.Replace():
		return explain.ActionReplace, true
	case actions.Create():
		return explain.ActionCreate, true
	case actions.Update():
		return explain.ActionUpdate, true
	case actions.Delete():
		return explain.ActionDestroy, true
	case actions.Forget():
		return explain.ActionForget, true
	default:
		return "", false
	}
}

// plannedSide is a chain before or after a change.
type plannedSide struct {
	attributes, unknown map[string]any
	definition          *chain.Definition // nil if there is no chain
	uncertain           []string          // the paths of values in the definition that are known after the apply
}

// readSide reads one side of a change. What is known after the apply is taken to stay as in before, so that only its path is said of it.
func readSide(values, unknown any, before *plannedSide) *plannedSide {
	side := &plannedSide{}
	side.attributes, _ = values.(map[string]any)
	side.unknown, _ = unknown.(map[string]any)
	if side.attributes == nil {
		return side
	}
	given, assumed := map[string]attr.Value{}, map[string]attr.Value{}
	for _, f := range chainFields() {
		value, mark := side.attributes[f.name], side.unknown[f.name]
		given[f.name] = jsonValue(value, mark)
		if before != nil {
			value, mark = assume(value, mark, before.attributes[f.name])
		}
		assumed[f.name] = jsonValue(value, mark)
	}
	_, read := decode(chainFields(), given)
	for _, path := range read.unknown {
		side.uncertain = append(side.uncertain, path.String())
	}
	d, read := decode(chainFields(), assumed)
	for i, path := range read.unknown {
		if len(path) > 2 && path[0] == "steps" {
			if step, named := withUnknown(d.Steps[path[1]], chain.Kind(path[2]), fmt.Sprintf("unknown %d", i)); named {
				d.Steps[path[1]] = step
			}
		}
	}
	side.definition = d
	return side
}

// withUnknown gives a step an id of its own instead of an unknown one: a run distinguishes steps by what they start.
func withUnknown(step chain.Step, kind chain.Kind, id string) (chain.Step, bool) {
	switch kind {
	case chain.KindApp:
		step.App = id
	case chain.KindAutomation:
		step.Automation = id
	case chain.KindDataTask:
		step.DataTask = &chain.DataTask{Project: id, Task: id}
	default:
		return step, false
	}
	return step, true
}

// assume replaces unknown values by those before, as far as there are any. It returns the marks of what stays unknown.
func assume(value, unknown, before any) (assumed, stays any) {
	if all, is := unknown.(bool); is && all && before != nil {
		return before, nil
	}
	marks, _ := unknown.(map[string]any)
	if !marked(marks) {
		return value, unknown
	}
	known, _ := value.(map[string]any)
	old, _ := before.(map[string]any)
	result, left := maps.Clone(known), map[string]any{}
	if result == nil {
		result = map[string]any{}
	}
	for name, mark := range marks {
		if marked(mark) {
			result[name], left[name] = assume(known[name], mark, old[name])
		}
	}
	return result, left
}

// otherSecrets hides the variables of chains with sensitive values in their steps. It names the steps in which only hidden values differ.
func otherSecrets(before, after *plannedSide, change *tfjson.Change) []string {
	sentences := []string{}
	was, is := variablesOf(before.definition), variablesOf(after.definition)
	hideVariables(before.definition, change.BeforeSensitive)
	hideVariables(after.definition, change.AfterSensitive)
	wasShown, isShown := variablesOf(before.definition), variablesOf(after.definition)
	for _, step := range slices.Sorted(maps.Keys(is)) {
		if _, known := was[step]; known && !maps.Equal(was[step], is[step]) && maps.Equal(wasShown[step], isShown[step]) {
			sentences = append(sentences, step+" has other variables (sensitive).")
		}
	}
	return sentences
}

// variablesOf returns a copy of the variables of each step.
func variablesOf(d *chain.Definition) map[string]map[string]string {
	all := map[string]map[string]string{}
	if d != nil {
		for key, step := range d.Steps {
			all[key] = maps.Clone(step.Variables)
		}
	}
	return all
}

// hideVariables hides the variables of a chain with sensitive values in its steps.
func hideVariables(d *chain.Definition, sensitive any) {
	marks, _ := sensitive.(map[string]any)
	if d == nil || !marked(marks["steps"]) {
		return
	}
	for _, step := range d.Steps {
		for name := range step.Variables {
			step.Variables[name] = "(sensitive)"
		}
	}
}

// marked reports whether a mark of Terraform's JSON marks anything.
func marked(mark any) bool {
	switch m := mark.(type) {
	case bool:
		return m
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(m)), marked)
	case []any:
		return slices.ContainsFunc(m, marked)
	default:
		return false
	}
}

func explainPlanned(change *tfjson.Change, action explain.Action) (*explain.Planned, error) {
	before := readSide(change.Before, nil, nil)
	after := readSide(change.After, change.AfterUnknown, before)
	secrets := otherSecrets(before, after, change)
	if action == explain.ActionForget {
		return &explain.Planned{Settings: []string{}, Change: explain.Change{Steps: []string{}, Runs: []string{}}}, nil
	}
	if after.definition != nil && len(after.definition.Steps) == 0 && len(after.uncertain) > 0 { // a new chain with unknown steps
		return &explain.Planned{Settings: after.known(), Change: explain.Change{Steps: []string{}, Runs: []string{}}}, nil
	}
	meaning, err := explain.Of(before.definition, after.definition)
	if err != nil {
		return nil, err
	}
	planned := &explain.Planned{Settings: secrets, Change: *meaning}
	planned.Settings = append(planned.Settings, after.known()...)
	if before.definition != nil && after.definition != nil {
		planned.Settings = append(planned.Settings, settingSentences(before, after, change)...)
	}
	return planned, nil
}

// known lists the parts of the definition that are known after the apply.
func (s *plannedSide) known() []string {
	if len(s.uncertain) == 0 {
		return []string{}
	}
	return []string{"Known after the apply: " + chain.ListedFew(s.uncertain, len(s.uncertain)) + "."}
}

// settingSentences describes what changes beside the definition.
func settingSentences(before, after *plannedSide, change *tfjson.Change) []string {
	sentences := []string{}
	hidden := func(name string) bool {
		a, _ := change.BeforeSensitive.(map[string]any)
		b, _ := change.AfterSensitive.(map[string]any)
		return marked(a[name]) || marked(b[name])
	}
	if drift, _ := before.attributes["drift"].(map[string]any); len(drift) > 0 {
		for _, setting := range slices.Sorted(maps.Keys(drift)) {
			sentences = append(sentences, fmt.Sprintf("Terraform repairs %s: %v.", setting, drift[setting]))
		}
	}
	ofDefinition := names(chainFields())
	for _, name := range slices.Sorted(maps.Keys(after.attributes)) {
		was, is := before.attributes[name], after.attributes[name]
		_, isDefinition := slices.BinarySearch(ofDefinition, name)
		switch {
		case isDefinition || name == "drift" || reflect.DeepEqual(was, is) || marked(after.unknown[name]):
		case name == "code_sha256":
			sentences = append(sentences, "The function's code is another: it comes with the provider's version.")
		case name == "tags_all" && !reflect.DeepEqual(before.attributes["tags"], after.attributes["tags"]):
		case hidden(name):
			sentences = append(sentences, name+" changes.")
		default:
			sentences = append(sentences, fmt.Sprintf("%s changes from %s to %s.", name, inJSON(was), inJSON(is)))
		}
	}
	if change.Actions.Replace() {
		return sentences // every id is another
	}
	for _, name := range slices.Sorted(maps.Keys(after.unknown)) {
		if marked(after.unknown[name]) && before.attributes[name] != nil && name != "drift" && name != "steps" {
			sentences = append(sentences, name+" changes, and is known after the apply.")
		}
	}
	return sentences
}

func inJSON(value any) string {
	if value == nil {
		return "nothing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// jsonValue converts a value of Terraform's JSON. unknown marks what is known after the apply.
func jsonValue(value, unknown any) attr.Value {
	if all, is := unknown.(bool); is && all {
		return types.DynamicUnknown()
	}
	switch v := value.(type) {
	case map[string]any:
		marks, _ := unknown.(map[string]any)
		all := map[string]attr.Value{}
		for name := range v {
			all[name] = jsonValue(v[name], marks[name])
		}
		for name := range marks {
			if _, known := v[name]; !known && marked(marks[name]) {
				all[name] = types.DynamicUnknown()
			}
		}
		return objectOf(all)
	case []any:
		marks, _ := unknown.([]any)
		elements := make([]attr.Value, len(v))
		for i := range v {
			var mark any
			if i < len(marks) {
				mark = marks[i]
			}
			elements[i] = jsonValue(v[i], mark)
		}
		return tupleOf(elements)
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case float64:
		return types.NumberValue(big.NewFloat(v))
	case json.Number:
		number, _, err := big.ParseFloat(v.String(), 10, 512, big.ToNearestEven)
		if err != nil {
			return types.StringValue(v.String())
		}
		return types.NumberValue(number)
	default:
		return types.DynamicNull()
	}
}
