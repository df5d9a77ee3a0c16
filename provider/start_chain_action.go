// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

var (
	_ action.Action              = (*startChainAction)(nil)
	_ action.ActionWithConfigure = (*startChainAction)(nil)
)

// startChainAction starts a chain through its API.
type startChainAction struct{ connector *connector }

type startChainModel struct {
	Name types.String `tfsdk:"name"`
	Step types.String `tfsdk:"step"`
	Only types.Bool   `tfsdk:"only"`

	Variables types.Map `tfsdk:"variables"`
}

func newStartChainAction() action.Action { return &startChainAction{} }

// Metadata names the action.
func (a *startChainAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_start_chain"
}

// Configure takes the connector from the provider's Configure.
func (a *startChainAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.connector = asConnector(req.ProviderData, &resp.Diagnostics)
}

// Schema describes the action's attributes.
func (a *startChainAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts a task chain that is deployed: the reload of its first step, after which the others follow. It returns " +
			"when the reload has been asked for, " +
			"and says under which run the chain records what comes of it. Each invocation begins a run of its own. Needs Terraform 1.14; what it " +
			"does, a `POST` to " +
			"`/start/{step}` of the chain's `invoke_url` does too. Where the chain has `operator_auth = \"iam\"`, the request is signed with the " +
			"provider's AWS credentials, " +
			"which takes `execute-api:Invoke`.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the chain, in the provider's tenant, AWS account and region.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), chainName()},
			},
			"step": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of the step to start. It may be any step of the chain; what comes after it follows, but for `only`. " +
					"Default: the chain's first step, where there is only one.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"only": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether the run is of this step alone, so that nothing follows it there. A step that waits for a signal cannot " +
					"run alone. Default: `false`.",
			},
			"variables": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: fmt.Sprintf("Variables of the run: at most %d, with names and values of at most %d characters. They go to the "+
					"load script of every app in the run, over the step's own `variables`. The record names them, without their values. Put no "+
					"secret here. Default: none.", chain.MaxVariables, chain.VariableMaxLength),
				Validators: []validator.Map{texts{}},
			},
		},
	}
}

// texts refuses null as the value of a variable. Terraform itself refuses lists and objects, and makes texts of numbers.
type texts struct{}

func (texts) Description(context.Context) string { return "each value must be a text" }

func (v texts) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (texts) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for name, value := range req.ConfigValue.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "A variable without a value", chain.NotText(name))
		}
	}
}

// invokeTimeout limits a whole action: API Gateway's repeated refusals and the function's longest answer.
const invokeTimeout = 3 * time.Minute

// Invoke starts the chain.
func (a *startChainAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model startChainModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, invokeTimeout)
	defer cancel()
	connection, err := a.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	name := model.Name.ValueString()
	caller, err := stack.New(connection.clients, connection.place, name, stack.Known{}).Caller(ctx)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Finding the chain's API failed", sentence(err))
		return
	}
	options := connection.clients.APIGateway.Options()
	api := chainapi.New(caller, chainapi.Sign(options.Credentials, options.Region), a.connector.settings.chainAPI())
	step := model.Step.ValueString()
	if step == "" {
		if step, err = onlyRoot(ctx, api); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("step"), "Starting the chain failed", sentence(explainChain(err)))
			return
		}
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Starting %s of the task chain %s.", step, name)})
	variables := map[string]string{}
	if resp.Diagnostics.Append(model.Variables.ElementsAs(ctx, &variables, false)...); resp.Diagnostics.HasError() {
		return
	}
	run, err := startStep(ctx, api, step, variables, model.Only.ValueBool())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("step"), "Starting the chain failed", sentence(explainChain(err)))
		return
	}
	where := fmt.Sprintf("The chain's record of it: %s/runs/%s (with the API key), or the live page: %s/page", caller.URL, run.Run, caller.URL)
	if len(run.NotStarted) > 0 {
		resp.Diagnostics.AddAttributeWarning(path.Root("step"), "The reload has not started yet",
			fmt.Sprintf("The run %s has begun, but: %s. %s.",
				run.Run, run.NotStarted[0].Reason, where))
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("The run %s has begun with the reload of %s. %s.", run.Run, step,
		where)})
}

// onlyRoot returns the step at which the chain begins, if it is the only one.
func onlyRoot(ctx context.Context, api *chainapi.Client) (string, error) {
	roots, err := rootsOf(ctx, api)
	if err != nil {
		return "", err
	}
	if len(roots) != 1 {
		return "", fmt.Errorf("the chain begins at %d steps: %s. Set step to the one to start", len(roots), chain.Listed(roots))
	}
	return roots[0], nil
}

// explainChain adds to an error of the chain's API what to do about it.
func explainChain(err error) error {
	answer, ok := errors.AsType[*chainapi.Error](err)
	if !ok {
		return err
	}
	switch answer.Status {
	case http.StatusNotFound:
		return fmt.Errorf("%s Correct step, or apply the chain first if it is to have that step: %w", answer.Reason, err)
	case http.StatusForbidden:
		if strings.Contains(answer.Reason, chainapi.InvokeAction) {
			return fmt.Errorf("AWS does not let the identity that Terraform runs as operate the chain (operator_auth = \"iam\"). Grant it %s on "+
				"the route: %w", chainapi.InvokeAction, err)
		}
		return fmt.Errorf("API Gateway refuses the call. Let the chain's source_ip_ranges admit the machine that Terraform runs on, and apply "+
			"the chain if "+
			"its key was taken out of the usage plan: %w", err)
	default:
		return fmt.Errorf("the chain could not be started. See its log group, and its runs with qlik-chain runs or on its page: %w", err)
	}
}
