// SPDX-License-Identifier: MPL-2.0

// Package stack is the AWS side of one chain, and its webhook in Qlik Cloud: what exists, what differs from what is wanted,
// and the way there and back. Every step looks first and changes only what differs, so each can be repeated and cut off.
package stack

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Clients are the services that a stack is made of.
type Clients struct {
	APIGateway *apigateway.Client
	CloudWatch *cloudwatch.Client
	DynamoDB   *dynamodb.Client
	IAM        IAM
	Lambda     *lambda.Client
	Logs       *cloudwatchlogs.Client
	Scheduler  *scheduler.Client
	SQS        *sqs.Client
	SSM        *ssm.Client
	Qlik       *qlik.Client

	// KeyOverlap is how long API Gateway may take to accept a new API key everywhere, and Qlik Cloud to send it with every delivery.
	// Neither is documented. A rotation waits so long for each.
	KeyOverlap time.Duration

	// Lease is how long a create's claim of the chain lasts without a renewal; 0 for the default.
	Lease time.Duration
}

// Place is where a stack stands in AWS.
type Place struct {
	Partition string // aws, aws-cn, aws-us-gov
	DNSSuffix string // amazonaws.com, amazonaws.com.cn
	Region    string
	Account   string
	Endpoints map[string]string // see FunctionEndpoints
	TenantID  string            // of the Qlik Cloud tenant; part of whose an object is
	Identity  string            // ARN of the identity that Terraform runs as, for messages
}

// Known is what the state knows: the ids that services made up and that no name leads to (empty ones are looked up by name and
// tag), and that the function is the chain's.
type Known struct {
	// Instance is the chain's; empty in a create, and in the first read of an import, which takes it over from the objects.
	Instance string
	// Function also vouches for all that the function stands on: the roles, the log group, the table, the queue, the schedule group,
	// the parameters. They stay the chain's when somebody takes their tags away.
	Function     bool
	RestAPIID    string
	APIKeyID     string
	WebhookKeyID string
	ViewerKeyID  string
	UsagePlanID  string
	WebhookID    string
}

// Stack is the stack of one chain. It is made for one operation: Find first, then Differences, Apply or Delete.
type Stack struct {
	Clients
	Place
	chain string // the chain's name
	known Known

	instance string // the value of TagInstance; empty until it is known
	adopting bool   // a claimed chain that is not whole: the objects of every instance are taken over
	vouched  bool   // see Known.Function
	owner    *owner

	logGroup      *logGroup
	role          *functionRole
	timerRole     *timerRole
	table         *table
	formerKey     *formerKey
	timeToLive    *timeToLive
	recovery      *recovery
	queue         *queue
	scheduleGroup *scheduleGroup
	definition    *definition
	credentials   *credentials
	signingSecret *signingSecret
	function      *function
	concurrency   *concurrency
	triggers      *triggers
	eventInvoke   *eventInvoke
	staleParts    *staleParts
	permission    *permission
	restAPI       *restAPI
	methods       *methods
	stage         *stage
	standstill    *standstill
	apiKey        *apiKey
	webhookKey    *apiKey
	viewerKey     *apiKey
	usagePlan     *usagePlan
	previousKeys  *previousWebhookKeys
	webhook       *webhook
	schedules     *schedules
	alarms        *alarms
	nodes         []*node

	listedKeys []types.ApiKey // API Gateway's keys that may be the chain's, see apiKey.find

	// tableKey is the customer managed key that the table had before what is set up now: the role, which has to know it, may be set up while the
	// table is made.
	tableKey string

	mu    sync.Mutex // guards state
	state State
}

// component is one part of the stack. A component reads what those before it have found or made.
type component interface {
	// find looks the component up. That it is missing is not an error.
	find(ctx context.Context) error
	// diff tells what differs from want; that the component is missing is a difference too.
	diff(want *Spec) []Difference
	// ensure brings the component to what want says. It expects find to have run.
	ensure(ctx context.Context, want *Spec) error
	// remove deletes the component. It expects find to have run; a missing one, or somebody else's, is left alone.
	remove(ctx context.Context) error
	// publish writes what is known of the component to the state.
	publish(state *State)
}

// New returns the stack of the chain with this name.
func New(clients Clients, place Place, chainName string, known Known) *Stack {
	s := &Stack{Clients: clients, Place: place, chain: chainName, known: known, instance: known.Instance, vouched: known.Function}
	s.owner = &owner{s: s}
	s.logGroup = &logGroup{s: s}
	s.role = newFunctionRole(s)
	s.timerRole = newTimerRole(s)
	s.table = &table{s: s}
	s.formerKey = &formerKey{s: s}
	s.timeToLive = &timeToLive{s: s}
	s.recovery = &recovery{s: s}
	s.queue = &queue{s: s}
	s.scheduleGroup = &scheduleGroup{s: s}
	s.definition = newDefinition(s)
	s.credentials = &credentials{parameter{s: s, suffix: "credentials", title: "credentials", secret: true, revisionVariable: chain.EnvCredentialsRevision}}
	s.signingSecret = &signingSecret{parameter: parameter{s: s, suffix: "signing-secret", title: "signing secret", secret: true,
		revisionVariable: chain.EnvSigningSecretRevision}}
	s.function = &function{s: s}
	s.concurrency = &concurrency{s: s}
	s.triggers = &triggers{s: s}
	s.eventInvoke = &eventInvoke{s: s}
	s.staleParts = &staleParts{s: s}
	s.permission = &permission{s: s}
	s.restAPI = &restAPI{s: s}
	s.methods = &methods{s: s}
	s.stage = &stage{s: s}
	s.standstill = &standstill{s: s}
	s.apiKey, s.webhookKey, s.viewerKey = newAPIKeys(s)
	s.usagePlan = &usagePlan{s: s}
	s.webhook = &webhook{s: s}
	s.previousKeys = &previousWebhookKeys{s: s}
	s.schedules = &schedules{s: s}
	s.alarms = &alarms{s: s}
	s.nodes = s.order()
	return s
}

// keys are the chain's API keys.
func (s *Stack) keys() []*apiKey { return []*apiKey{s.apiKey, s.webhookKey, s.viewerKey} }

// order are the components with what each needs.
func (s *Stack) order() []*node {
	logGroup := &node{title: "log group", object: s.logGroupName(), component: s.logGroup}
	role := &node{title: "IAM role", object: s.role.name, component: s.role}
	timerRole := &node{title: "timers' IAM role", object: s.timerRole.name, component: s.timerRole}
	// Changed after the role, which gets the right to use another key before the table has it, and loses that to the former one afterwards.
	table := &node{title: "DynamoDB table", object: s.objectName(), component: s.table, changed: []*node{role}}
	timeToLive := &node{title: "time to live of the DynamoDB table", object: s.objectName(), component: s.timeToLive,
		after: []*node{table}}
	recovery := &node{title: "point-in-time recovery of the DynamoDB table", object: s.objectName(), component: s.recovery,
		after: []*node{timeToLive}} // while backups are being enabled, DynamoDB refuses to change the time to live
	queue := &node{title: "dead-letter queue", object: s.queueName(), component: s.queue}
	scheduleGroup := &node{title: "EventBridge Scheduler group", object: s.scheduleGroupName(), component: s.scheduleGroup}
	definition := &node{title: "definition's parameter", object: s.definition.path(), component: s.definition}
	credentials := &node{title: "credentials' parameter", object: s.credentials.path(), component: s.credentials}
	signingSecret := &node{title: "signing secret's parameter", object: s.signingSecret.path(), component: s.signingSecret}
	apiKey := &node{title: "API key", object: s.apiKey.name(), component: s.apiKey}
	webhookKey := &node{title: "webhook's API key", object: s.webhookKey.name(), component: s.webhookKey, findAfter: []*node{apiKey}}
	viewerKey := &node{title: "viewers' API key", object: s.viewerKey.name(), component: s.viewerKey, findAfter: []*node{apiKey}}
	restAPI := &node{title: "REST API", object: s.objectName(), component: s.restAPI}
	var byAPI []*node // who has to wait for the API to be found
	if s.known.RestAPIID == "" {
		byAPI = []*node{restAPI}
	}
	// After everything that it vouches for, see Known: else a function that came beside somebody else's table would make that ours. And after the API, whose
	// address it is given.
	function := &node{title: "Lambda function", object: s.objectName(), component: s.function,
		after: []*node{logGroup, role, timerRole, table, queue, scheduleGroup, definition, credentials, signingSecret, apiKey, viewerKey, restAPI}}
	eventInvoke := &node{title: "asynchronous configuration of the Lambda function", object: s.objectName(), component: s.eventInvoke,
		after: []*node{function, queue, role}}
	concurrency := &node{title: "reserved concurrency of the Lambda function", object: s.objectName(), component: s.concurrency,
		after: []*node{function}, findAfter: []*node{function}}
	triggers := &node{title: "triggers of the Lambda function", object: s.objectName(), component: s.triggers, after: []*node{function}}
	formerKey := &node{title: "IAM role", object: s.role.name, component: s.formerKey, after: []*node{table, function}}
	staleParts := &node{title: "definition's earlier parts", object: s.definition.path(), component: s.staleParts,
		after: []*node{function, definition}}
	permission := &node{title: "permission for API Gateway on the Lambda function", object: s.objectName(), component: s.permission,
		after: []*node{function, restAPI}}
	methods := &node{title: "methods of the REST API", object: s.objectName(), component: s.methods,
		after: []*node{restAPI}, findAfter: byAPI}
	stage := &node{title: "stage of the REST API", object: s.objectName() + "/" + liveStage, component: s.stage,
		after: []*node{methods}, standsOn: []*node{permission}, findAfter: byAPI}
	usagePlan := &node{title: "usage plan", object: s.objectName(), component: s.usagePlan,
		after: []*node{stage, apiKey, webhookKey, viewerKey}}
	standstill := &node{title: "pause", object: s.objectName(), component: s.standstill, after: []*node{function, concurrency}}
	// So late that no event comes before something is there to take it.
	webhook := &node{title: "Qlik Cloud webhook", object: s.objectName(), component: s.webhook,
		after: []*node{usagePlan, permission, eventInvoke, concurrency, standstill}}
	previousKeys := &node{title: "webhook's API key of before a rotation", object: s.webhookKey.name(), component: s.previousKeys, after: []*node{webhook}}
	// Last, so that what they start is heard of when it ends; first to go. The group's tags say whose they are.
	schedules := &node{title: "schedules", object: s.scheduleGroupName() + "/" + schedulePrefix + "*", component: s.schedules,
		after: []*node{webhook, timerRole, queue, scheduleGroup, function}}
	// After the function, so that it deletes them before what they watch: they would go off.
	alarms := &node{title: "set of CloudWatch alarms", object: s.alarmName("*"), component: s.alarms, after: []*node{function}}
	all := []*node{logGroup, role, timerRole, table, formerKey, timeToLive, recovery, queue, scheduleGroup, definition, credentials, signingSecret,
		apiKey, webhookKey, viewerKey, restAPI, function, concurrency, standstill, triggers, eventInvoke, staleParts, permission, methods, stage, usagePlan, webhook,
		previousKeys, schedules, alarms}
	// Who owns the chain is known as long as anything of it is there.
	owner := &node{title: "owner's parameter", object: s.owner.path(), component: s.owner}
	for _, n := range all {
		n.standsOn = append(n.standsOn, owner)
	}
	// Last: then the create has ended.
	whole := &node{title: "owner's parameter", object: s.owner.path(), component: &whole{s.owner}, after: slices.Concat(all, []*node{owner})}
	return append(all, owner, whole)
}

// Find looks every component up, independent ones at the same time, and returns what there is.
func (s *Stack) Find(ctx context.Context) (State, error) {
	look := func() error {
		return run(ctx, s.nodes, (*node).finders, func(ctx context.Context, n *node) error {
			return n.failed("Reading", n.component.find(ctx))
		})
	}
	unknown := s.instance == ""
	err := look()
	if s.settleInstance(); err == nil && unknown && s.instance != "" { // what was found by name may be another instance's
		err = look()
		s.settleInstance()
	}
	for _, n := range s.nodes { // only now: what one says may depend on what another has found
		n.component.publish(&s.state)
	}
	s.tableKey = s.table.kmsKeyARN()
	return s.state, err
}

// Differences tells how what was found differs from want.
func (s *Stack) Differences(want *Spec) []Difference {
	var all []Difference
	for _, n := range s.nodes {
		all = append(all, n.component.diff(want)...)
	}
	return all
}

// ensure brings every component to what want says, in the order in which they need each other, and returns what exists then, also when
// something has failed. A component that fails stops those that need it; the others are still done.
func (s *Stack) ensure(ctx context.Context, want *Spec) (State, error) {
	err := run(ctx, s.nodes, (*node).dependencies, func(ctx context.Context, n *node) error {
		err := n.component.ensure(ctx, want)
		s.publish(n)
		return n.failed("Setting up", err)
	})
	s.state.APIKeyRotation = s.rotationReached(want)
	return s.state, err
}

// Delete removes every component in the reverse of Apply's order, and returns what is left. What could not be removed, and what that stands on,
// stays. Of a chain whose create has not ended, it also removes what earlier creates have left: the latest one took that over, and may not have
// come to mark all of it.
func (s *Stack) Delete(ctx context.Context) (State, error) {
	if latest := s.owner.latest(); latest != nil && latest.record.unfinished() && s.owner.mine(latest) {
		s.adopting = true
		defer func() { s.adopting = false }()
		if _, err := s.Find(ctx); err != nil {
			return s.state, err
		}
	}
	err := run(ctx, s.nodes, s.dependents, func(ctx context.Context, n *node) error {
		err := n.component.remove(ctx)
		s.publish(n)
		return n.failed("Deleting", err)
	})
	return s.state, err
}

// publish takes over what a component knows.
func (s *Stack) publish(n *node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.component.publish(&s.state)
}
