// SPDX-License-Identifier: MPL-2.0

// Package cloud is a loopback AWS for the demo and the tests: STS, IAM, Systems Manager Parameter Store, CloudWatch, CloudWatch Logs,
// Lambda, API Gateway, SNS, SQS, EventBridge, EventBridge Scheduler and DynamoDB. They share one address and use their own protocols.
// Signatures and permissions are checked. All state is lost when the process ends.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudwatch"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/logs"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sns"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sqs"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/ssm"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sts"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// Config configures the sandbox. The zero value is valid.
type Config struct {
	Region    string // eu-central-1 when empty; decides the partition
	Account   string // 123456789012 when empty
	Port      int    // on 127.0.0.1; 0 means any free port
	AccessKey string // of the only user, who may do everything; generated if empty
	SecretKey string // generated if empty

	// ManagedPolicies adds managed policies to the few AWS managed policies that IAM knows: ARN and document.
	ManagedPolicies map[string]string
	// Lambda configures Lambda. Start sets its connections to the rest of the sandbox.
	Lambda function.Config
	// Gateway, DynamoDB, SQS and Scheduler configure these services in the same way.
	Gateway   gateway.Config
	DynamoDB  dynamodb.Config
	SQS       sqs.Config
	Scheduler scheduler.Config
	// Quotas limits the calls to what AWS allows an account; off by default.
	Quotas Quotas
	// Now is the clock of signatures, credentials, quotas and time stamps; time.Now when nil.
	Now func() time.Time
	// Clock is the time of scheduled events: timers, retries, expiry. If nil, it is a clock that follows the real time.
	Clock *clock.Clock
	// Outside intercepts the calls that roles sign; nil for none.
	Outside outside.Hook
	// UserFault returns the fault for each call that the user signs, or nil. It takes precedence over the Faults and runs concurrently. If
	// UserFault itself is nil, there are no such faults.
	UserFault func(call outside.Call) *Fault
	// BreaksConstraints allows the product to send requests that AWS refuses: Close does not report them.
	BreaksConstraints bool
}

// Cloud is a running sandbox.
type Cloud struct {
	config   Config
	url      string
	server   *http.Server
	served   chan error
	stop     context.CancelFunc
	services []wire.Service
	faults   Faults
	calls    callLog
	meter    *meter

	constraints constraints

	iam     *iam.Service
	sts     *sts.Service
	ssm     *ssm.Service
	logs    *logs.Service
	lambda  *function.Service
	gateway *gateway.Service

	dynamodb  *dynamodb.Service
	sqs       *sqs.Service
	sns       *sns.Service
	metrics   *cloudwatch.Service
	scheduler *scheduler.Service
	events    *events.Service
}

const (
	defaultRegion  = "eu-central-1"
	defaultAccount = "123456789012"
	userName       = "sandbox"
)

// Start starts the sandbox on the loopback interface. It runs until Close; ctx applies to the start only.
func Start(ctx context.Context, config Config) (*Cloud, error) {
	if config.Region == "" {
		config.Region = defaultRegion
	}
	if config.Account == "" {
		config.Account = defaultAccount
	}
	if config.AccessKey == "" {
		config.AccessKey = wire.RandomID("AKIA", 16)
	}
	if config.SecretKey == "" {
		config.SecretKey = wire.RandomID("", 40)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Clock == nil {
		config.Clock = new(clock.Clock)
	}
	if config.Lambda.Logger == nil {
		config.Lambda.Logger = slog.Default()
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(config.Port)))
	if err != nil {
		return nil, fmt.Errorf("starting the sandbox's AWS: %w", err)
	}
	c := &Cloud{config: config, url: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	front, err := c.assemble() //nolint:contextcheck // services live until Close
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the sandbox's AWS: %w", err), listener.Close(), c.closeServices())
	}
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.server = &http.Server{
		Handler:           front,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

// assemble creates the services and the front that dispatches to them.
func (c *Cloud) assemble() (*front, error) {
	account := wire.Account{ID: c.config.Account, Region: c.config.Region}
	now := c.config.Now
	var err error
	c.iam, err = iam.New(iam.Config{Account: account, Now: now, ManagedPolicies: c.config.ManagedPolicies})
	if err != nil {
		return nil, err
	}
	c.sts = sts.New(sts.Config{Account: account, Now: now, Roles: c.iam})
	c.sts.AddUser(c.config.AccessKey, c.config.SecretKey, userName)
	c.ssm = ssm.New(ssm.Config{Account: account, Now: now})
	c.logs = logs.New(logs.Config{Account: account, Now: now})

	queues := c.config.SQS
	queues.Account, queues.Endpoint, queues.Now, queues.Clock = account, c.url, now, c.config.Clock
	c.sqs = sqs.New(queues)

	c.sns = sns.New(account)
	c.metrics = cloudwatch.New(cloudwatch.Config{Account: account, Now: now, Topics: c.sns, Queues: c.sqs})

	tables := c.config.DynamoDB
	tables.Account, tables.Now, tables.Clock = account, now, c.config.Clock
	c.dynamodb = dynamodb.New(tables)

	lambda := c.config.Lambda
	lambda.Account, lambda.Endpoint, lambda.Now, lambda.Clock = account, c.url, now, c.config.Clock
	lambda.Roles = c.iam
	lambda.Queues = functionQueues{roles: serviceRoles{c.iam}, queues: c.sqs}
	lambda.Credentials = functionCredentials{roles: c.iam, sts: c.sts}
	lambda.Logs = functionLogs{roles: c.iam, logs: c.logs, metrics: c.metrics}
	if c.lambda, err = function.New(lambda); err != nil {
		return nil, err
	}
	checks := &verifier{account: account, keys: c.sts, now: now}
	c.services = []wire.Service{c.iam, c.sts, c.ssm, c.logs, c.sqs, c.sns, c.metrics, c.dynamodb, c.lambda}
	apis := c.config.Gateway
	apis.Account, apis.Functions, apis.Now, apis.Clock, apis.Logger = account, c.lambda, now, c.config.Clock, lambda.Logger
	apis.Callers = gatewayCallers{verifier: checks, roles: c.iam, calls: &c.calls}
	c.gateway = gateway.New(apis)
	c.services = append(c.services, c.gateway)
	timers := c.config.Scheduler
	timers.Account, timers.Now, timers.Clock, timers.Logger = account, now, c.config.Clock, lambda.Logger
	timers.Roles, timers.Functions, timers.Queues = serviceRoles{c.iam}, c.lambda, c.sqs
	c.scheduler = scheduler.New(timers)
	c.events = events.New(events.Config{
		Account: account, Now: now, Clock: c.config.Clock, Logger: lambda.Logger, Functions: c.lambda, Queues: c.sqs,
	})
	// These are closed before the services that they call.
	c.services = slices.Insert(c.services, 0, wire.Service(c.scheduler), wire.Service(c.events))

	c.meter = newMeter(c.config.Quotas, now)
	f := &front{
		account:   account,
		verifier:  checks,
		services:  map[string]wire.Service{},
		roles:     c.iam,
		dataPlane: c.gateway.DataPlane(),
		code:      c.lambda.CodeHandler(),
		faults:    &c.faults,
		calls:     &c.calls,
		outside:   c.config.Outside,
		userFault: c.config.UserFault,
		meter:     c.meter,

		constraints: &c.constraints,
	}
	c.constraints.provoked = c.config.BreaksConstraints
	for _, service := range c.services {
		f.services[service.Scope()] = service
	}
	return f, nil
}

// closeWithin is the time that Close gives running calls to end.
const closeWithin = 10 * time.Second

// Close stops the sandbox: it ends the running calls and returns when everything has stopped. Its error also names the product's requests
// that broke AWS's constraints, so that the test fails.
func (c *Cloud) Close() error {
	c.stop()
	err := c.closeServices()
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err = errors.Join(err, c.server.Shutdown(ctx), c.server.Close())
	if served := <-c.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, c.constraints.result())
}

func (c *Cloud) closeServices() error {
	var errs []error
	for _, service := range c.services {
		if closer, ok := service.(io.Closer); ok {
			errs = append(errs, closer.Close())
		}
	}
	return errors.Join(errs...)
}

// URL returns the sandbox's address, to be used as the endpoint of every service.
func (c *Cloud) URL() string { return c.url }

// Region returns the sandbox's only region.
func (c *Cloud) Region() string { return c.config.Region }

// Account returns the number of the sandbox's only account.
func (c *Cloud) Account() string { return c.config.Account }

// AccessKey returns the access key id of the account's user.
func (c *Cloud) AccessKey() string { return c.config.AccessKey }

// SecretKey returns the secret access key of the account's user.
func (c *Cloud) SecretKey() string { return c.config.SecretKey }

// Environment returns the environment variables with which AWS's tools and SDKs use the sandbox, as NAME=value. They hide the configuration
// files of the machine's user. AWS_PROFILE must be unset.
func (c *Cloud) Environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + c.url,
		"AWS_ACCESS_KEY_ID=" + c.config.AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + c.config.SecretKey,
		"AWS_SESSION_TOKEN=",
		"AWS_REGION=" + c.config.Region,
		"AWS_DEFAULT_REGION=" + c.config.Region,
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// Faults returns the sandbox's faults, to which tests add their own.
func (c *Cloud) Faults() *Faults { return &c.faults }

// Calls lists the calls that were made with a valid signature, in the order in which they ended.
func (c *Cloud) Calls() []Call { return c.calls.list() }

// Objects lists the existing objects, by service. It leaves out services without objects. The user is not an object.
func (c *Cloud) Objects() map[string][]string {
	objects := map[string][]string{}
	for _, service := range c.services {
		lister, ok := service.(interface{ Objects() []string })
		if !ok {
			continue
		}
		if list := lister.Objects(); len(list) > 0 {
			objects[service.Scope()] = list
		}
	}
	return objects
}

// IAM returns the sandbox's IAM.
func (c *Cloud) IAM() *iam.Service { return c.iam }

// STS returns the sandbox's STS.
func (c *Cloud) STS() *sts.Service { return c.sts }

// SSM returns the sandbox's Parameter Store.
func (c *Cloud) SSM() *ssm.Service { return c.ssm }

// Logs returns the sandbox's CloudWatch Logs.
func (c *Cloud) Logs() *logs.Service { return c.logs }

// Lambda returns the sandbox's Lambda.
func (c *Cloud) Lambda() *function.Service { return c.lambda }

// Gateway returns the sandbox's API Gateway.
func (c *Cloud) Gateway() *gateway.Service { return c.gateway }

// SQS returns the sandbox's SQS.
func (c *Cloud) SQS() *sqs.Service { return c.sqs }

// SNS returns the sandbox's SNS.
func (c *Cloud) SNS() *sns.Service { return c.sns }

// CloudWatch returns the sandbox's CloudWatch.
func (c *Cloud) CloudWatch() *cloudwatch.Service { return c.metrics }

// DynamoDB returns the sandbox's DynamoDB.
func (c *Cloud) DynamoDB() *dynamodb.Service { return c.dynamodb }

// Events returns the sandbox's EventBridge.
func (c *Cloud) Events() *events.Service { return c.events }

// Scheduler returns the sandbox's EventBridge Scheduler.
func (c *Cloud) Scheduler() *scheduler.Service { return c.scheduler }
