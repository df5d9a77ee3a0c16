// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

var _ function.Function = (*diagramFunction)(nil)

type diagramFunction struct{}

func newDiagramFunction() function.Function { return &diagramFunction{} }

// Metadata names the function.
func (*diagramFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "diagram"
}

// Definition describes the function's parameters and result.
func (*diagramFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "A task chain as a Mermaid flowchart",
		MarkdownDescription: "Returns the Mermaid flowchart of a chain that need not be a resource: of a module's variable, or " +
			"of a resource's `steps`, after the checks of `qlik_task_chain`. A chain that the resource would refuse is an error that " +
			"names every problem with its path. While something is not " +
			"known yet, neither is the " +
			"flowchart.",
		Parameters: []function.Parameter{
			// The parameter is dynamic, because the object of a typed one would need every attribute.
			function.DynamicParameter{
				Name: "steps", AllowUnknownValues: true,
				MarkdownDescription: "The chain's steps, as in the argument `steps` of `qlik_task_chain`.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run draws the diagram of the steps.
func (*diagramFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var steps types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &steps); resp.Error != nil {
		return
	}
	diagram, diags := diagramOf(steps)
	if diags.HasError() {
		resp.Error = function.NewArgumentFuncError(0, details(diags))
		return
	}
	resp.Error = resp.Result.Set(ctx, diagram)
}

// diagramOf draws the steps. The diagram is unknown while something in the steps is.
func diagramOf(steps types.Dynamic) (types.String, diag.Diagnostics) {
	var diags diag.Diagnostics
	if steps.IsUnknown() || steps.IsUnderlyingValueUnknown() {
		return types.StringUnknown(), diags
	}
	model := taskChainModel{Name: types.StringValue("diagram"), Timezone: types.StringValue(chain.DefaultTimezone), Steps: steps}
	definition, whole := model.checkDefinition(&diags)
	if !whole {
		return types.StringUnknown(), diags
	}
	return types.StringValue(draw.Of(definition).Mermaid()), diags
}

// details joins the errors' texts, a line each. The texts contain their paths. Terraform adds a full stop after the last one.
func details(diags diag.Diagnostics) string {
	var all []string
	for _, d := range diags.Errors() {
		all = append(all, d.Detail())
	}
	return strings.TrimSuffix(strings.Join(all, "\n"), ".")
}
