// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int32validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int32default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// These are the defaults of the resource.
const (
	defaultMemorySize         = 256
	defaultLogRetentionInDays = 30
)

// These are the allowed values, for the validators and the descriptions.
var (
	eventTypes    = []string{qlik.EventReloadFinished, qlik.EventAppReloadFinished}
	webhookLevels = []string{qlik.LevelTenant, qlik.LevelUser}
	operatorAuths = []string{chain.OperatorAuthKey, chain.OperatorAuthIAM}
	// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html; 0 is the provider's own
	// value.
	logRetentions = []int32{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

// Schema describes the resource's attributes.
func (r *taskChainResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		// These attributes are required.
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Name of the chain: " + chain.NameRule +
				". Names every object in AWS (`qlik-task-chain-<name>`) and the webhook. " +
				"Changing it replaces the chain.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},

		// These attributes are optional.
		"architecture": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(bundle.Architectures[0]),
			MarkdownDescription: oneOf("Instruction set of the Lambda function", bundle.Architectures) + " Changed in place.",
			Validators:          []validator.String{stringvalidator.OneOf(bundle.Architectures...)},
		},
		"check_apps": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to ask Qlik Cloud if the function's credentials may reload the chain's apps, and run its automations " +
				"and data tasks: a plan warns of those that they may not, an apply refuses them before it creates or changes anything. A plan " +
				"refuses a data task that never ends. Asked for are those that are new to the chain; all of them when the credentials change. " +
				"Default: `true`.",
		},
		"event_type": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(qlik.EventReloadFinished),
			MarkdownDescription: oneOf("Type of the Qlik Cloud event that carries the chain on", eventTypes) +
				" The default comes once per reload, when its " +
				"outcome is final. The other comes when the engine has ended one attempt, which also includes reloads that the Reloads API does not " +
				"know, and " +
				"may come several times for one reload. The webhook also delivers the events of automations and data tasks that the steps need. " +
				"Changed in place.",
			Validators: []validator.String{stringvalidator.OneOf(eventTypes...)},
		},
		"history_days": schema.Int32Attribute{
			Optional: true, Computed: true, Default: int32default.StaticInt32(chain.DefaultHistoryDays),
			MarkdownDescription: fmt.Sprintf("How many days the record of a run is kept in the table, 1 to %d: what started when and how it "+
				"ended, and why something "+
				"did not start. Default: `%d`. Changed in place; it counts for what is written from then on.", chain.MaxHistoryDays,
				chain.DefaultHistoryDays),
		},
		"kms_key_arn": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "ARN of a symmetric customer managed KMS key, in the chain's region, that encrypts the chain's data at rest: " +
				"the DynamoDB table, the SSM " +
				"parameters that hold secrets, and the function's environment. Default: keys that AWS owns or manages. Changed in place.",
		},
		"log_retention_in_days": schema.Int32Attribute{
			Optional: true, Computed: true, Default: int32default.StaticInt32(defaultLogRetentionInDays),
			MarkdownDescription: fmt.Sprintf("How many days CloudWatch Logs keeps the function's log. One of the values that CloudWatch takes, "+
				"or `0` for ever. "+
				"Default: `%d`. Changed in place.", defaultLogRetentionInDays),
			Validators: []validator.Int32{int32validator.OneOf(logRetentions...)},
		},
		"deletion_protection": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether destroying and replacing the chain is refused. To destroy it, set `false` and apply first. " +
				"A replacement is a destroy and a create: the record of all runs is lost. A chain that failed to be created can always be " +
				"destroyed. Default: `false`. Changed in place, without a call.",
		},
		"metrics": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the function writes CloudWatch metrics of the chain into its log, in the namespace `" +
				chain.MetricNamespace + "`: some ten, which CloudWatch charges " +
				"for in the hours in which they have values. Default: `true`. Changed in place.",
		},
		"memory_size": schema.Int32Attribute{
			Optional: true, Computed: true, Default: int32default.StaticInt32(defaultMemorySize),
			MarkdownDescription: fmt.Sprintf("Memory of the Lambda function in MB, 128 to 10240; its share of a processor grows with it. "+
				"Default: `%d`. "+
				"Changed in place.", defaultMemorySize),
			Validators: []validator.Int32{int32validator.Between(128, 10240)},
		},
		"operator_auth": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(operatorAuths[0]),
			MarkdownDescription: oneOf("How operators prove that they may start, repeat, cancel, pause, resume and redrive", operatorAuths) +
				" With `key` they show the " +
				"operators' API key. With `iam` they sign each `POST` with AWS credentials, which takes `execute-api:Invoke` on the route; the " +
				"chain's record then names " +
				"the identity. The API keys only read then, and so does the live page. Changed in place, with a new deployment.",
			Validators: []validator.String{stringvalidator.OneOf(operatorAuths...)},
		},
		"paused": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the chain is paused: the record goes on, and what comes due is parked until the chain is resumed. " +
				"`POST /pause` and `POST /resume` do the same. With a value, a plan undoes what they did, and warns: who did it, when and why. " +
				"Default: as it is. Without a value, a plan neither pauses nor resumes the chain, and warns while it is paused; so removing " +
				"`paused = true` leaves it paused. A new chain is not paused. Changed in place; no parked start is lost.",
		},
		"point_in_time_recovery": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether DynamoDB keeps continuous backups of the table, the chain's state and record, for 35 days; AWS charges " +
				"for them. " +
				"Default: `false`. Changed in place.",
		},
		"signal_key": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether there is an API key for `POST /signal/{step}` alone, for example for a data team's tool: it neither " +
				"shows nor operates the chain. `qlik_task_chain_key` reads its value, and `api_key_rotation` makes it anew. Not with " +
				"`operator_auth = \"iam\"`: a policy in IAM lets a sender sign `POST/signal/*` alone. Default: `false`. Changed in place.",
		},
		"tags": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tags of the chain's AWS objects, besides the provider's `default_tags` and the chain's own `" +
				strings.Join(stack.OwnTags, "`, `") + "`. Keys have 1 to 128 characters, values 1 to 256: " + tagWords + ". Changed in place.",
		},
		"timezone": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(chain.DefaultTimezone),
			MarkdownDescription: "Time zone of cycles, schedules and guards (`when`), and of the times in the record: an IANA name, such as " +
				"`Europe/Berlin`. To be set for a chain with a " +
				"step that waits for several others, a guard on time, a `cron` or an `expect_by`; else the default is `" + chain.DefaultTimezone +
				"`. Changed in place.",
		},
		"viewer_key": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether there is an API key for those who may look at the chain and change nothing: each `POST` is refused to " +
				"it. " +
				"`qlik_task_chain_key` reads its value, and `api_key_rotation` makes it anew. Default: `false`. Changed in place.",
		},
		"webhook_level": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(qlik.LevelTenant),
			MarkdownDescription: oneOf("Level of the Qlik Cloud webhook", webhookLevels) +
				" A tenant's webhook gets the events of every app and needs the role TenantAdmin; a " +
				"user's gets those of the apps that its owner can access. Changed in place.",
			Validators: []validator.String{stringvalidator.OneOf(webhookLevels...)},
		},
	}
	maps.Copy(attributes, attributesOf(resourceFields()))
	maps.Copy(attributes, credentialAttributes())
	maps.Copy(attributes, operationsAttributes())
	for name, description := range map[string]string{
		"account_id": "ID of the AWS account that the chain is deployed in.",
		"api_key_id": "ID of the operators' API Gateway API key, which reads and operates the chain in the header `x-api-key`, and delivers " +
			"no events. Its value is never " +
			"in the state.",
		"dead_letter_queue_url": "URL of the SQS queue that holds the events which the function could not handle.",
		"function_arn":          "ARN of the Lambda function.",
		"instance_id": "ID that the create made for this chain, 16 hexadecimal digits. Every AWS object carries it as the tag `qlik-instance`: " +
			"only what has it is changed or deleted.",
		"invoke_url": "URL of the chain: Qlik Cloud posts its events here, and a GET returns the chain. It is " +
			"`https://{rest_api_id}.execute-api.{region}.{suffix}/live`, or below a custom API Gateway endpoint.",
		"page_url": "Address of the chain's live page, for a browser. The page asks for a key of the chain: `qlik-chain page NAME --key` " +
			"prints it, see [the command](../guides/command.md).",
		"region":              "AWS region that the chain is deployed in.",
		"rest_api_id":         "ID of the API Gateway REST API.",
		"role_arn":            "ARN of the Lambda function's execution role.",
		"schedule_group_name": "Name of the EventBridge Scheduler group of the chain's schedules and waits: delays, retries and cycles' ends.",
		"signal_key_id":       "ID of the API Gateway API key for signals; null without one.",
		"table_name":          "Name of the DynamoDB table that holds the chain's state and record.",
		"tenant_id":           "ID of the Qlik Cloud tenant that the chain belongs to.",
		"usage_plan_id":       "ID of the API Gateway usage plan.",
		"viewer_key_id":       "ID of the API Gateway API key for viewers; null without one.",
		"webhook_id":          "ID of the Qlik Cloud webhook.",
		"webhook_key_id":      "ID of the API Gateway API key that the webhook has: it delivers events, and reads and operates nothing.",
	} {
		attributes[name] = schema.StringAttribute{
			Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	// These attributes are computed. ModifyPlan sets them when the plan is made.
	for name, description := range map[string]string{
		"code_sha256": "Base64 of the SHA-256 of the function's deployment package, as Lambda reports it. It changes with the provider's " +
			"version.",
		"credentials_fingerprint": "Distinguishes one set of the function's Qlik Cloud credentials from another, and shows nothing about them: " +
			"16 hexadecimal digits of a keyed hash. It changes when the provider's credentials change, or `credentials_wo_version`; the next " +
			"apply passes the new ones to the " +
			"function.",
	} {
		attributes[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	attributes["drift"] = schema.MapAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "What was changed or deleted outside of Terraform and no other attribute shows: a setting, and what it is " +
			"instead of " +
			"what it should be. " +
			"Empty in a plan: applying repairs it. Known after the apply where the plan completes a change that was killed.",
	}
	attributes["tags_all"] = schema.MapAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "The tags of the chain's AWS objects, the provider's `default_tags` included, without the chain's own.",
	}
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "A task chain: when the reload of one of its apps has ended, however it was started, the reloads that come next " +
			"are started. " +
			"The chain runs in AWS as one Lambda function behind an API Gateway REST API that a Qlik Cloud webhook calls.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{"timeouts": timeouts.Block(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long creating the chain may take, such as `45m`. Default: `30m`.",
			Read: true, ReadDescription: "How long looking at the chain may take. Default: `10m`.",
			Update: true, UpdateDescription: "How long changing the chain may take. Default: `30m`.",
			Delete: true, DeleteDescription: "How long deleting the chain may take. API Gateway deletes one API of an account in 30 seconds, so " +
				"many chains take their time. Default: `1h`.",
		})},
	}
}

// oneOf describes an attribute with a fixed set of values. The first value is the default.
func oneOf(what string, values []string) string {
	text := what + ": `" + values[0] + "` (default)"
	for _, value := range values[1:] {
		text += " or `" + value + "`"
	}
	return text + "."
}
