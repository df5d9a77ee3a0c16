// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

var _ function.Function = (*simulateFunction)(nil)

// simulateFunction simulates runs of a chain that need not exist.
type simulateFunction struct{}

func newSimulateFunction() function.Function { return &simulateFunction{} }

// Metadata names the function.
func (*simulateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "simulate"
}

// Definition describes the function's parameters and result.
func (*simulateFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What a task chain does, without Qlik Cloud and AWS",
		MarkdownDescription: "Plays runs of a chain by the decision that the deployed function takes, and returns what starts in which " +
			"order, and why the rest does not. " +
			"The chain need not exist, and the provider needs no configuration: it is for `terraform test`. A chain that " +
			"`qlik_task_chain` would refuse is an error that " +
			"names every problem with its path. Apps' IDs need not be known yet. " +
			"[How a chain runs](../guides/how-a-chain-runs.md) explains runs and cycles.\n\n" +
			"It returns an object:\n\n" +
			"- `started`: the names of the steps that start, those that are reloaded by hand included, each once, in the order of their " +
			"first start. Of what happens in the " +
			"same moment, the order is that of the names.\n" +
			"- `not_started`: for the name of each other step why it does not start, as the chain's record has it: the rest of a " +
			"sentence about the step.\n" +
			"- `reloads`: every reload in the order of its start, with its `step`, its `run`, its `attempt` (1 for the first), its " +
			"`outcome`, `start` and `end` as times, " +
			"`by_hand` (the chain did not start it), and `after`: the steps that it uses the results of, each with the run of the " +
			"result. It is empty where a run begins.\n" +
			"- `runs`: every run in the order of its begin, with its `id` (`\"1\"` for the first), its `status` (`succeeded`, " +
			"`recovered`, `failed`, `canceled`, `skipped`; " +
			"`under_way` or `waiting` if `until` stops the play before), its `cycle`, which is a date, `begin` and `end` as times, " +
			"`by_hand`, `rerun_of`, and `steps`: for the " +
			"name of each step that it covers its `status`, its `skip` (`not_needed`, `guard`, `disabled`, `operator`, `blocked`, " +
			"`expired` or `overlap`; null unless it is skipped) " +
			"and the `reason`, as the record has them.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "steps", AllowUnknownValues: true,
				MarkdownDescription: "The chain's steps, as in the argument `steps` of `qlik_task_chain`.",
			},
			function.DynamicParameter{
				Name: "outcomes",
				MarkdownDescription: "How reloads end, by the names of the steps: `\"success\"`, `\"failure\"`, `\"exceeded_limit\"` (a " +
					"failure too, which a retry may leave out) or " +
					"`\"canceled\"`, or a list of these, one for each reload of the step in turn. The last one also applies to " +
					"further ones. Further attempts, reruns " +
					"and reloads by hand count. Steps that are not named succeed.",
			},
		},
		VariadicParameter: function.DynamicParameter{
			Name: "options",
			MarkdownDescription: "At most one object of:\n\n" +
				"    - `start`: what begins. A step's name, or a list of names: one run at these steps, at `at`. A map of names to " +
				"times: a run for each. Default: all that " +
				"begins in the cycle of `at`. Steps with a schedule begin when it says; enabled steps with neither `after` nor a " +
				"schedule begin together, when `schedule` " +
				"says, or without one at `at`.\n" +
				"    - `at`: a time, such as `\"" + defaultStart + "\"`, a Monday, which is the default.\n" +
				"    - `cycles`: for how many cycles in a row the default of `start` holds (default: 1).\n" +
				"    - `events`: a list of what people do. Each is an object with `at` and one of: `reload`, a step that is reloaded by " +
				"hand; `start`, a step or a list of steps " +
				"at which a run begins; `rerun`, the id of a run, with `step` or without for all its failed steps; `cancel`, the id of a " +
				"run; `mark`, a step that counts as " +
				"succeeded, with `run`, the id of the run; `skip`, a step that is to be skipped in the cycle, with a `reason` if you " +
				"like; `pause` or `resume`, `true`. " +
				"`at` may be a time of day such as `\"15:00\"`: that in the cycle of the option `at`.\n" +
				"    - `durations`: how long reloads take, by the names of the steps, such as `\"15m\"`, or a list, one for each reload " +
				"in turn (default: `1m`).\n" +
				"    - `carried`: results of before, for `carry_over`: for the name of a step the upstreams with the times at which they " +
				"ended, as the step asks.\n" +
				"    - `until`: the time at which the play stops (default: when all runs have ended, at the end of their cycles at the " +
				"latest).\n" +
				"    - `cycle`, `schedule`, `overlap`, `max_running`, `max_duration` and `timezone`, as in `qlik_task_chain` (default of " +
				"`timezone`: `" +
				chain.DefaultTimezone + "`). Times without an offset are in this time zone.",
		},
		Return: function.ObjectReturn{AttributeTypes: simulationTypes},
	}
}

// Run simulates the runs.
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
	played, err := play.Of(s.script())
	if err != nil {
		resp.Error = function.NewArgumentFuncError(2, strings.TrimSuffix("options.events: "+sentence(err), "."))
		return
	}
	resp.Error = resp.Result.Set(ctx, s.result(played))
}

// simulated reads the chain, and applies the checks of the resource. It returns nil while anything in the chain except the apps' ids is
// unknown.
func simulated(steps types.Dynamic) (d *chain.Definition, problems string) {
	if steps.IsUnknown() || steps.IsUnderlyingValueUnknown() {
		return nil, ""
	}
	var diags diag.Diagnostics
	model := taskChainModel{Name: types.StringValue("simulated"), Timezone: types.StringValue(chain.DefaultTimezone), Steps: steps}
	if model.checkDefinition(&diags); diags.HasError() {
		return nil, details(diags)
	}
	d, reading := model.readDefinition()
	for i, unknown := range reading.unknown {
		if len(unknown) < 3 || !slices.Contains(chain.Kinds(), chain.Kind(unknown[2])) {
			return nil, ""
		}
		step := d.Steps[unknown[1]]
		step.App, step.Automation, step.DataTask = fmt.Sprintf("unknown %d", i), "", nil // a run distinguishes its steps by what they start
		d.Steps[unknown[1]] = step
	}
	return d, ""
}
