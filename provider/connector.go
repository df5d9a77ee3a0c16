// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// connector connects to Qlik Cloud and AWS when the first operation needs them. It checks both sets of credentials before anything is
// planned or created.
type connector struct {
	settings *settings

	mu         sync.Mutex
	connection *connection
	tenant     *connection                // only its Qlik Cloud half
	rights     map[string]*rights         // by the fingerprint of the credentials
	chains     func() map[string][]string // by app; read once
	refreshed  map[string]bool            // by the name of the chain
}

// connection holds the clients that an operation uses.
type connection struct {
	clients stack.Clients
	place   stack.Place
}

func newConnector(s *settings) *connector { return &connector{settings: s} }

// asConnector returns the connector that the provider's Configure has passed to a resource, data source or action. It is nil before that.
func asConnector(data any, diags *diag.Diagnostics) *connector {
	c, ok := data.(*connector)
	if !ok && data != nil {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a defect of the provider; please report it.", data))
	}
	return c
}

// errUnknownSettings means that a connection is needed while the provider's settings are not known yet.
var errUnknownSettings = errors.New("an argument of the provider is known only after apply. Use values that are known at plan time, " +
	"or apply what they come from first, with -target")

// connect returns the only connection. It does not keep a failure: the next operation tries again.
func (c *connector) connect(ctx context.Context) (*connection, error) {
	if c.settings.unknown {
		return nil, errUnknownSettings
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.connection != nil {
		return c.connection, nil
	}
	var fresh, tenant connection
	var qlikErr, awsErr error
	var both sync.WaitGroup
	both.Go(func() { qlikErr = c.connectQlik(ctx, &tenant) })
	both.Go(func() { awsErr = c.connectAWS(ctx, &fresh) })
	both.Wait()
	if err := errors.Join(qlikErr, awsErr); err != nil {
		return nil, err
	}
	fresh.clients.Qlik, fresh.place.TenantID = tenant.clients.Qlik, tenant.place.TenantID
	c.connection = &fresh
	return c.connection, nil
}

// connectTenant connects to Qlik Cloud only. Looking things up there needs no AWS.
func (c *connector) connectTenant(ctx context.Context) (*qlik.Client, error) {
	if c.settings.unknown {
		return nil, errUnknownSettings
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var fresh connection
	if err := c.connectQlik(ctx, &fresh); err != nil {
		return nil, err
	}
	return fresh.clients.Qlik, nil
}

// connectQlik adds the Qlik Cloud half to a connection. The half is created once. The caller holds mu.
func (c *connector) connectQlik(ctx context.Context, to *connection) error {
	if c.tenant != nil {
		to.clients.Qlik, to.place.TenantID = c.tenant.clients.Qlik, c.tenant.place.TenantID
		return nil
	}
	record, err := openRecord()
	if err != nil {
		return err
	}
	client, err := qlik.NewClient(qlik.Config{
		TenantURL: c.settings.tenantURL, Credentials: c.settings.credentials, UserAgent: c.settings.userAgent(),
		Timeout: c.settings.waits.answer, HTTPClient: recorded(record),
	})
	if err != nil {
		return err
	}
	me, err := client.Me(ctx)
	if err != nil {
		return explainQlik(c.settings.tenantURL, err)
	}
	if err := c.settings.allowedTenants.check("Qlik Cloud tenant", me.TenantID, tenantSettings); err != nil {
		return err
	}
	to.clients.Qlik, to.place.TenantID = client, me.TenantID
	c.tenant = &connection{clients: stack.Clients{Qlik: client}, place: stack.Place{TenantID: me.TenantID}}
	return nil
}

func (c *connector) connectAWS(ctx context.Context, to *connection) error {
	config, err := c.settings.awsConfig(ctx)
	if err != nil {
		return err
	}
	if config.Region == "" {
		return errors.New("no AWS region is set. Set the provider's argument aws.region or the environment variable AWS_REGION")
	}
	if problem := checkRegion(config.Region); problem != "" {
		return errors.New(problem)
	}
	if to.place.Endpoints, err = functionEndpoints(ctx, config); err != nil {
		return err
	}
	caller, err := sts.NewFromConfig(config, func(o *sts.Options) { o.BaseEndpoint = c.settings.endpoint("sts", o.BaseEndpoint) }).
		GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return explainAWS(config.Region, err)
	}
	identity, err := arn.Parse(aws.ToString(caller.Arn))
	if err != nil {
		return fmt.Errorf("AWS returned the caller's identity as %q, which is not an ARN: %w", aws.ToString(caller.Arn), err)
	}
	account := aws.ToString(caller.Account)
	if err := c.settings.allowedAccounts.check("AWS account", account, accountSettings); err != nil {
		return err
	}
	to.place.Partition, to.place.DNSSuffix = identity.Partition, stack.DNSSuffix(config.Region)
	to.place.Region, to.place.Account, to.place.Identity = config.Region, account, identity.String()
	waits := c.settings.waits.hurried(aws.ToString(config.BaseEndpoint))
	to.clients = stack.NewClients(config, c.settings.endpoint, stack.NewPacer(waits.speed))
	to.clients.KeyOverlap, to.clients.Lease = waits.keyOverlap, waits.lease
	return nil
}

func (s *settings) userAgent() string { return "terraform-provider-qlik/" + s.version }

// endpoint returns the configured endpoint, else what the SDK has found in the environment.
func (s *settings) endpoint(service string, found *string) *string {
	if configured := s.endpoints[service]; configured != "" {
		return aws.String(configured)
	}
	return found
}

// awsConfig finds the credentials and the region in the same way as the AWS provider.
func (s *settings) awsConfig(ctx context.Context) (aws.Config, error) {
	base := &awsbase.Config{
		Region: s.region, Profile: s.profile,
		UseFIPSEndpoint: isTrue(s.fips), UseDualStackEndpoint: isTrue(s.dualStack),
		StsEndpoint:         s.endpoints["sts"],
		SkipCredsValidation: true,                               // connectAWS does it with STS, with its own message
		MaxRetries:          25, MaxBackoff: s.waits.maxBackoff, // other clients may use up the account's quotas
		// The log of requests would contain the parameters' values.
		SuppressDebugLog: true,
		CallerName:       "terraform-provider-qlik",
		UserAgent:        awsbase.UserAgentProducts{{Name: "terraform-provider-qlik", Version: s.version}},
	}
	if s.roleARN != "" {
		base.AssumeRole = []awsbase.AssumeRole{{RoleARN: s.roleARN, SessionName: s.roleSession, ExternalID: s.roleExternal}}
	}
	_, config, diags := awsbase.GetAwsConfig(ctx, base)
	if awsbase.ContainsNoValidCredentialSourcesError(diags) {
		return aws.Config{}, errors.New("there are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or " +
			"the provider's argument aws.profile; `aws sts get-caller-identity` shows what AWS's own tools find")
	}
	if diags.HasError() {
		first := diags.Errors()[0]
		return aws.Config{}, fmt.Errorf("finding AWS credentials failed: %s: %s. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "+
			"AWS_SECRET_ACCESS_KEY, "+
			"or the provider's argument aws", first.Summary(), first.Detail())
	}
	config.ConfigSources = append([]any{s.disabled()}, config.ConfigSources...)
	record, err := openRecord()
	if err != nil {
		return aws.Config{}, err
	}
	config.APIOptions = append(config.APIOptions, stack.CreateOnce, stack.RepeatTransient, record.AWS)
	// The SDK itself waits for an answer as long as the operation may take. With this timeout, a call that hangs is repeated.
	if client, ok := config.HTTPClient.(*awshttp.BuildableClient); ok {
		config.HTTPClient = client.WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = s.waits.answer })
	}
	return config, nil
}

// functionEndpoints returns the endpoints for the function's calls to AWS. FIPS and dual-stack settings are the same for every service.
func functionEndpoints(ctx context.Context, config aws.Config) (map[string]string, error) {
	found := ssm.NewFromConfig(config).Options().EndpointOptions
	return stack.FunctionEndpoints(ctx, config.Region, found.UseFIPSEndpoint, found.UseDualStackEndpoint)
}

// disabled switches off what an argument disables, regardless of the environment and the profile.
func (s *settings) disabled() awsconfig.LoadOptions {
	var off awsconfig.LoadOptions
	if s.fips != nil && !*s.fips {
		off.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
	}
	if s.dualStack != nil && !*s.dualStack {
		off.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
	}
	return off
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
