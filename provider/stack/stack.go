// SPDX-License-Identifier: MPL-2.0

// Package stack manages one chain's objects in AWS, and its webhook in Qlik Cloud. It finds what exists, compares it with what is wanted,
// and creates, changes or deletes it. Every step looks first and changes only what differs, so it can be repeated, also after an
// interruption.
package stack

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Clients are the clients of the services that a stack uses.
type Clients struct {
	APIGateway  *apigateway.Client
	CloudWatch  *cloudwatch.Client
	DynamoDB    *dynamodb.Client
	EventBridge *eventbridge.Client
	IAM         IAM
	Lambda      *lambda.Client
	Logs        *cloudwatchlogs.Client
	Scheduler   *scheduler.Client
	SQS         *sqs.Client
	SSM         *ssm.Client
	Qlik        *qlik.Client // nil: the webhook is neither found nor deleted

	// KeyOverlap is how long API Gateway may take to accept a new API key everywhere, and Qlik Cloud to send it with every delivery.
	// Neither is documented. A rotation waits this long for each of them.
	KeyOverlap time.Duration

	// Lease is how long a create's claim of the chain lasts without a renewal. 0 stands for the default.
	Lease time.Duration
}

// Place is where a stack is deployed in AWS.
type Place struct {
	Partition string // aws, aws-cn, aws-us-gov
	DNSSuffix string // amazonaws.com, amazonaws.com.cn
	Region    string
	Account   string
	Endpoints map[string]string // see FunctionEndpoints
	TenantID  string            // of the Qlik Cloud tenant; it belongs to the chain's identity
	Identity  string            // ARN of the identity that runs Terraform, for messages
}

// Known is what the state contains. It has the ids that services generated and that no name leads to: for an empty id, the object is looked
// up by name and tag. It also records that the function is the chain's.
type Known struct {
	// Instance is the chain's instance. It is empty in a create, and in the first read of an import, which takes it from the objects.
	Instance string
	// Function also vouches for everything that the function depends on: the roles, the log group, the table, the queue, the schedule
	// group, the parameters. They stay the chain's when their tags are removed.
	Function     bool
	RestAPIID    string
	APIKeyID     string
	WebhookKeyID string
	ViewerKeyID  string
	SignalKeyID  string
	UsagePlanID  string
	WebhookID    string

	DeadLetterQueueURL string

	Alarms bool // there may be alarms, or there will be: they are looked up in any case
}

// Stack is the stack of one chain. It is created for one operation: Find first, then Differences, Apply or Delete.
type Stack struct {
	Clients
	Place
	chain string // the chain's name
	known Known

	instance string // the value of TagInstance; empty until it is known
	brief    bool   // see FindToDelete
	adopting bool   // during the create of a claimed chain that is not whole: the objects of every instance are taken over
	vouched  bool   // see Known.Function

	logGroup      *logGroup
	role          *functionRole
	timerRole     *timerRole
	table         *table
	timeToLive    *timeToLive
	recovery      *recovery
	queue         *queue
	scheduleGroup *scheduleGroup
	definition    *definition
	credentials   *credentials
	signingSecret *signingSecret
	apiKey        *apiKey
	webhookKey    *apiKey
	viewerKey     *apiKey
	signalKey     *apiKey
	restAPI       *restAPI
	function      *function
	concurrency   *concurrency
	pauseState    *pauseState
	triggers      *triggers
	eventInvoke   *eventInvoke
	permission    *permission
	methods       *methods
	stage         *stage
	usagePlan     *usagePlan
	eventTypes    *eventTypes
	webhook       *webhook
	schedules     *schedules
	signalRules   *signalRules
	alarms        *alarms
	owner         *owner
	nodes         []*node // in the order of New, including those that no other component calls

	listedKeys []types.ApiKey // API Gateway's keys that may be the chain's, see apiKey.find

	// tableKey is the customer managed key that the table had before this apply. The role needs permission for it, and may be set up while
	// the table is created.
	tableKey string
}

// New returns the stack of the chain with this name.
func New(clients Clients, place Place, chainName string, known Known) *Stack {
	s := &Stack{Clients: clients, Place: place, chain: chainName, known: known, instance: known.Instance, vouched: known.Function}
	s.logGroup = add(s, &logGroup{s: s}, "log group")
	s.role = add(s, newFunctionRole(s), "IAM role")
	s.timerRole = add(s, newTimerRole(s), "timers' IAM role")
	// The table is changed after the role. The role gets the permission for another key before the table has that key. It loses the
	// permission for the previous key afterwards.
	s.table = add(s, &table{s: s}, "DynamoDB table", changedAfter(s.role))
	s.timeToLive = add(s, &timeToLive{s: s}, "time to live of the DynamoDB table", after(s.table))
	// While backups are being enabled, DynamoDB refuses to change the time to live.
	s.recovery = add(s, &recovery{s: s}, "point-in-time recovery of the DynamoDB table", after(s.timeToLive))
	s.queue = add(s, &queue{s: s}, "dead-letter queue")
	s.scheduleGroup = add(s, &scheduleGroup{s: s}, "EventBridge Scheduler group")
	stale := add(s, &staleRules{s: s}, "EventBridge rules that the chain no longer has")
	s.definition = add(s, newDefinition(s), "definition's parameter", after(stale))
	s.credentials = add(s, newCredentials(s), "credentials' parameter")
	s.signingSecret = add(s, newSigningSecret(s), "signing secret's parameter")
	s.apiKey = add(s, &apiKey{s: s, keyKind: operatorsKey}, "API key")
	s.webhookKey = add(s, &apiKey{s: s, keyKind: webhooksKey}, "webhook's API key", foundAfter(s.apiKey))
	s.viewerKey = add(s, &apiKey{s: s, keyKind: viewersKey}, "viewers' API key", foundAfter(s.apiKey))
	s.signalKey = add(s, &apiKey{s: s, keyKind: signalsKey}, "signals' API key", foundAfter(s.apiKey))
	s.restAPI = add(s, &restAPI{s: s}, "REST API")
	byAPI := foundAfter()
	if known.RestAPIID == "" { // its parts have to wait until it is found
		byAPI = foundAfter(s.restAPI)
	}
	s.alarms = &alarms{s: s}
	staleAlarms := add(s, &staleAlarms{s.alarms}, "CloudWatch alarms that the chain no longer has")
	// The function comes after everything that it vouches for, see Known. Otherwise a new function would claim a table that another
	// configuration owns. It also comes after the API, because it needs the API's address.
	s.function = add(s, &function{s: s}, "Lambda function", after(s.logGroup, s.role, s.timerRole, s.table, s.queue, s.scheduleGroup,
		s.definition,
		s.credentials, s.signingSecret, s.apiKey, s.viewerKey, s.signalKey, s.restAPI, staleAlarms))
	add(s, &previousKMSKey{s: s}, "IAM role", after(s.table, s.function))
	s.concurrency = add(s, &concurrency{s: s}, "reserved concurrency of the Lambda function", after(s.function))
	s.pauseState = add(s, &pauseState{s: s}, "pause", after(s.function, s.concurrency))
	s.triggers = add(s, &triggers{s: s}, "triggers of the Lambda function", after(s.function))
	s.eventInvoke = add(s, &eventInvoke{s: s}, "asynchronous configuration of the Lambda function", after(s.function, s.queue, s.role))
	add(s, &staleParts{s: s}, "definition's earlier parts", after(s.function, s.definition))
	s.permission = add(s, &permission{s: s}, "permission for API Gateway on the Lambda function", after(s.function, s.restAPI))
	s.methods = add(s, &methods{s: s}, "methods of the REST API", after(s.restAPI), byAPI)
	s.stage = add(s, &stage{s: s}, "stage of the REST API", after(s.methods), standingOn(s.permission), byAPI)
	planFound := foundAfter()
	if known.UsagePlanID == "" {
		planFound = foundAfter(s.restAPI, s.apiKey, s.webhookKey, s.viewerKey, s.signalKey)
	}
	s.usagePlan = add(s, &usagePlan{s: s}, "usage plan", after(s.stage, s.apiKey, s.webhookKey, s.viewerKey, s.signalKey), planFound)
	s.eventTypes = add(s, &eventTypes{s: s}, "list of event types in Qlik Cloud", foundAfter(s.definition))
	// The webhook comes late, so that every event is accepted.
	s.webhook = add(s, &webhook{s: s}, "Qlik Cloud webhook", after(s.usagePlan, s.permission, s.eventInvoke, s.concurrency, s.pauseState,
		s.eventTypes))
	add(s, &previousWebhookKeys{s: s}, "webhook's API key of before a rotation", after(s.webhook))
	// The schedules come last, so that the end of what they start is noticed. They are deleted first. The group's tags show who owns them.
	s.schedules = add(s, &schedules{s: s}, "schedules", after(s.webhook, s.timerRole, s.queue, s.scheduleGroup, s.function))
	// The same goes for the rules of signals.
	s.signalRules = add(s, &signalRules{s: s}, "EventBridge rules", after(s.webhook, s.permission, s.queue, s.function),
		foundAfter(s.definition))
	// The alarms come after the function. They are deleted before what they watch: otherwise they would go off.
	add(s, s.alarms, "set of CloudWatch alarms", after(s.function), foundAfter(s.function, s.definition))
	// The owner is known as long as anything of the chain exists. The create has ended when all of the chain exists.
	all := s.nodes
	s.owner = add(s, &owner{s: s}, "owner's parameter")
	for _, n := range all {
		standingOn(s.owner)(s, n)
	}
	add(s, &whole{s.owner}, "owner's parameter", func(_ *Stack, n *node) { n.after = slices.Clone(s.nodes) })
	return s
}

// keys returns the chain's API keys.
func (s *Stack) keys() []*apiKey { return []*apiKey{s.apiKey, s.webhookKey, s.viewerKey, s.signalKey} }

// Find looks every component up, independent ones at the same time, and returns what exists.
func (s *Stack) Find(ctx context.Context) (State, error) {
	look := func() error {
		return run(ctx, s.nodes, (*node).finders, func(ctx context.Context, n *node) error {
			if c, ok := n.component.(finder); ok {
				return n.failed("Reading", c.find(ctx))
			}
			return nil
		})
	}
	unknown := s.instance == ""
	err := look()
	if s.determineInstance(); err == nil && unknown && s.instance != "" { // an object that was found by name may be another instance's
		err = look()
		s.determineInstance()
	}
	s.tableKey = s.table.kmsKeyARN()
	return s.state(), err
}

// FindToDelete does the same as Find without what Delete does not need: the settings that are deleted with their object.
func (s *Stack) FindToDelete(ctx context.Context) (State, error) {
	s.brief = true
	return s.Find(ctx)
}

// state returns what the components have found.
func (s *Stack) state() State {
	state := State{Instance: s.instance}
	for _, n := range s.nodes {
		if c, ok := n.component.(reporter); ok {
			c.report(&state)
		}
	}
	return state
}

// Differences returns how the found stack differs from want.
func (s *Stack) Differences(want *Spec) []Difference {
	var all []Difference
	for _, n := range s.nodes {
		if c, ok := n.component.(differ); ok {
			all = append(all, c.diff(want)...)
		}
	}
	return all
}

// ensure changes every component to match want, in the order of their dependencies. It returns what exists then, even after a failure. A
// component that fails stops those that depend on it. The others are still done.
func (s *Stack) ensure(ctx context.Context, want *Spec) (State, error) {
	err := run(ctx, s.nodes, (*node).dependencies, func(ctx context.Context, n *node) error {
		return n.failed("Setting up", n.component.ensure(ctx, want))
	})
	state := s.state()
	state.APIKeyRotation = s.rotationReached(want)
	return state, err
}

// Delete removes every component in the reverse of Apply's order, and returns what is left. A component that cannot be removed stays, and
// so do its dependencies. If the chain's create has not ended, Delete also removes what earlier creates have left. The latest create has
// taken that over, and may not have tagged all of it.
func (s *Stack) Delete(ctx context.Context) (State, error) {
	if latest := s.owner.latest(); latest != nil && latest.record.unfinished() && s.owner.mine(latest) {
		s.adopting = true
		defer func() { s.adopting = false }()
		if state, err := s.Find(ctx); err != nil {
			return state, err
		}
	}
	err := run(ctx, s.nodes, s.dependents, func(ctx context.Context, n *node) error {
		if c, ok := n.component.(remover); ok {
			return n.failed("Deleting", c.remove(ctx))
		}
		return nil
	})
	return s.state(), err
}
