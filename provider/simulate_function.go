// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

var _ function.Function = (*simulateFunction)(nil)

// simulateFunction plays a run of a chain that need not exist.
type simulateFunction struct{}

func newSimulateFunction() function.Function { return &simulateFunction{} }

func (*simulateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "simulate"
}

func (*simulateFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What a task chain does, without Qlik Cloud and AWS",
		MarkdownDescription: "Plays a run of a chain by the rules that the deployed function goes by, and returns what starts in which order, and why the rest does not. " +
			"The chain need not exist, and the provider needs no configuration: it is for `terraform test`. A chain that `qlik_task_chain` would refuse is an error that " +
			"names every problem with its path. Apps' IDs need not be known yet.\n\n" +
			"It returns an object:\n\n" +
			"- `started`: the names of the steps that start, those that are reloaded by hand included, each once, in the order of their first start. Of what happens in the " +
			"same moment, the order is that of the names.\n" +
			"- `not_started`: for the name of each other step why it does not start, as the chain's record has it: the rest of a sentence about the step.\n" +
			"- `reloads`: every reload in the order of its start, with its `step`, its `attempt` (1 for the first), its `outcome`, `start` and `end` as times, and `after`, the " +
			"names of the steps whose ends made it due: none for a reload that begins a run.\n" +
			"- `holds`: every link that is not taken, with `from`, `to`, the `reason` and `at`, the time.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "steps", AllowUnknownValues: true,
				MarkdownDescription: "The chain's steps, as in the argument `steps` of `qlik_task_chain`.",
			},
			function.DynamicParameter{
				Name: "outcomes",
				MarkdownDescription: "How reloads end, by the names of the steps: `\"success\"`, `\"failure\"`, `\"exceeded_limit\"` (a failure too, which a retry may leave out) or " +
					"`\"canceled\"`, or a list of these, one for each attempt, of which the last one also holds for further attempts. Steps that are not named succeed.",
			},
		},
		VariadicParameter: function.DynamicParameter{
			Name: "options",
			MarkdownDescription: "At most one object of: `start`, the name of the step that is reloaded by hand or by a schedule, a list of several, or a map of each to the time " +
				"of its start (default: every step without `after`); `at`, the time of the start (default: `" + defaultStart + "`, a Monday); `timezone`, an IANA name, of " +
				"guards and of times without an offset (default: `" + chain.DefaultTimezone + "`); `durations`, how long the reloads of a step take, by its name, such as `\"15m\"` " +
				"(default: `1m`).",
		},
		Return: function.ObjectReturn{AttributeTypes: simulationTypes},
	}
}

func (*simulateFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var steps, outcomes types.Dynamic
	var options []types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &steps, &outcomes, &options); resp.Error != nil {
		return
	}
	definition, problems := simulated(steps)
	if problems != "" {
		resp.Error = function.NewArgumentFuncError(0, problems)
		return
	}
	if definition == nil {
		resp.Error = resp.Result.Set(ctx, types.ObjectUnknown(simulationTypes))
		return
	}
	s := &simulation{definition: definition}
	for _, argument := range []struct {
		number int64
		read   func()
	}{{1, func() { s.readOutcomes(outcomes) }}, {2, func() { s.readOptions(options) }}} {
		argument.read()
		if len(s.problems) > 0 {
			resp.Error = function.NewArgumentFuncError(argument.number, strings.TrimSuffix(strings.Join(s.problems, "\n"), "."))
			return
		}
	}
	play, err := chain.NewIndex(definition).Play(s.beginnings, s.ending)
	if err != nil {
		resp.Error = function.NewFuncError(strings.TrimSuffix(sentence(err), "."))
		return
	}
	resp.Error = resp.Result.Set(ctx, s.result(play))
}

// simulated reads the chain, after the checks of the resource. It is nil while something in it but the apps' ids is unknown.
func simulated(steps types.Dynamic) (d *chain.Definition, problems string) {
	if steps.IsUnknown() || steps.IsUnderlyingValueUnknown() {
		return nil, ""
	}
	var diags diag.Diagnostics
	read := &conforming{}
	model := taskChainModel{Name: types.StringValue("simulated"), Timezone: types.StringValue(chain.DefaultTimezone), Steps: read.steps(steps.UnderlyingValue())}
	addProblems(&diags, read.problems)
	if !diags.HasError() {
		model.checkDefinition(&diags)
	}
	if diags.HasError() {
		return nil, details(diags)
	}
	d, reading := model.readDefinition()
	for _, unknown := range reading.unknown {
		if len(unknown) != 3 || unknown[2] != "app" {
			return nil, ""
		}
	}
	return d, ""
}
