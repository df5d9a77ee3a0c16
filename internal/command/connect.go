// SPDX-License-Identifier: MPL-2.0

package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// connection is a connection to the account and region of the AWS credentials.
type connection struct {
	config  aws.Config
	clients stack.Clients
	place   stack.Place // without a tenant
}

// connect finds the credentials and the region as the aws CLI does, and checks them.
func (a *app) connect(ctx context.Context) (*connection, error) {
	found, err := a.load(ctx)
	if err != nil {
		return nil, fail(ExitDenied, "the AWS configuration cannot be used. Check --profile and AWS_PROFILE: %w", err)
	}
	if found.Region == "" {
		return nil, fail(ExitUsage, "no AWS region is set. Set --region, AWS_REGION, or the profile's region")
	}
	if _, err := found.Credentials.Retrieve(ctx); err != nil {
		return nil, fail(ExitDenied, "there are no AWS credentials. Set --profile, AWS_PROFILE, or AWS_ACCESS_KEY_ID and "+
			"AWS_SECRET_ACCESS_KEY, or log in with aws sso login: %w", err)
	}
	caller, err := sts.NewFromConfig(found).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, explainSTS(found.Region, err)
	}
	identity, err := arn.Parse(aws.ToString(caller.Arn))
	if err != nil {
		return nil, fmt.Errorf("AWS returned the caller's identity as %q, which is not an ARN: %w", aws.ToString(caller.Arn), err)
	}
	return &connection{
		config:  found,
		clients: stack.NewClients(found, func(_ string, endpoint *string) *string { return endpoint }, stack.NewPacer(1)),
		place: stack.Place{Partition: identity.Partition, DNSSuffix: stack.DNSSuffix(found.Region), Region: found.Region,
			Account: aws.ToString(caller.Account), Identity: identity.String()},
	}, nil
}

// load reads the environment and the shared files of AWS.
func (a *app) load(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithSharedConfigProfile(a.profile), config.WithRegion(a.region), config.WithBaseEndpoint(a.endpointURL),
		config.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue("qlik-chain", a.version)}),
		config.WithLogger(logging.Nop{}), // the SDK's warnings would be between the lines of the output
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerWithin
		})),
	}
	if isTerminal(a.in) && isTerminal(a.err) {
		options = append(options, config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.TokenProvider = a.askToken }))
	}
	return config.LoadDefaultConfig(ctx, options...)
}

// askToken asks for the code of an MFA device. The prompt goes to standard error, because the output may be piped.
func (a *app) askToken() (string, error) {
	fmt.Fprint(a.err, "Code of your MFA device: ")
	line, err := bufio.NewReader(a.in).ReadString('\n')
	return strings.TrimSpace(line), err
}

// explainSTS says what to do when AWS does not accept the credentials.
func explainSTS(region string, err error) error {
	var refusal smithy.APIError
	if !errors.As(err, &refusal) {
		return fmt.Errorf("AWS STS in the region %s cannot be reached. Check --region and the network: %w", region, err)
	}
	switch refusal.ErrorCode() {
	case "ExpiredToken", "ExpiredTokenException":
		return fail(ExitDenied, "the AWS credentials have expired. Renew them, for example with aws sso login: %w", err)
	case "SignatureDoesNotMatch":
		return fail(ExitDenied, "AWS refused the signature of the call. Check the secret access key and this machine's clock: %w", err)
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure":
		return fail(ExitDenied, "AWS does not know the credentials. Choose other ones with --profile: %w", err)
	}
	return fmt.Errorf("AWS STS did not return the identity of the credentials: %w", err)
}

// target is a chain that was found.
type target struct {
	*connection
	located *stack.Located
	stack   *stack.Stack
	app     *app
}

// find finds a chain by its name. If there is none, it suggests similar names.
func (a *app) find(ctx context.Context, name string) (*target, error) {
	a.chain = name
	c, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	if !chain.IsName(name) { // AWS would not take it
		return nil, c.noChain(ctx, name)
	}
	located, err := stack.Locate(ctx, c.clients, name)
	if err != nil {
		return nil, fmt.Errorf("the chain %s cannot be looked up: %w", name, err)
	}
	if located == nil {
		return nil, c.noChain(ctx, name)
	}
	place := c.place
	place.TenantID = located.TenantID
	return &target{c, located, stack.New(c.clients, place, name, stack.Known{Instance: located.Instance}), a}, nil
}

// lookElsewhere says how to look for chains in another place.
const lookElsewhere = "choose with --region and --profile where to look"

// noChain returns the error that there is no chain of this name. Similar names are only a help: the identity may not be allowed to list.
func (c *connection) noChain(ctx context.Context, name string) error {
	text := fmt.Sprintf("there is no task chain %q in the account %s, region %s.", name, c.place.Account, c.place.Region)
	if chains, err := stack.Chains(ctx, c.clients); err == nil {
		if near := chain.Near(name, namesOf(chains), 1); len(near) > 0 {
			return fail(ExitNotFound, "%s Did you mean %q? Or %s", text, near[0], lookElsewhere)
		}
	}
	return fail(ExitNotFound, "%s qlik-chain list shows the existing ones; %s", text, lookElsewhere)
}

func namesOf(chains []stack.Located) []string {
	names := make([]string, len(chains))
	for i := range chains {
		names[i] = chains[i].Name
	}
	return names
}

// reader returns a client for requests that only read.
func (t *target) reader(ctx context.Context) (*chainapi.Client, error) {
	return t.client(ctx, t.stack.Reader)
}

// operator returns a client for operations. It signs them if the chain's operators sign.
func (t *target) operator(ctx context.Context) (*chainapi.Client, error) {
	return t.client(ctx, t.stack.Caller)
}

func (t *target) client(ctx context.Context, find func(context.Context) (stack.Caller, error)) (*chainapi.Client, error) {
	caller, err := find(ctx)
	switch {
	case err == nil:
		return chainapi.New(caller, chainapi.Sign(t.config.Credentials, t.config.Region), chainapi.Settings{
			UserAgent: t.app.userAgent(), Timeout: answerWithin, Retries: apiRetries, MaxBackoff: apiMaxBackoff,
		}), nil
	case t.located.Stage != stack.StageWhole:
		return nil, t.unfinished(err)
	default:
		return nil, t.missingKey(fmt.Errorf("the chain's API cannot be found: %w", err))
	}
}

// missingKey says what to do if the chain has no such key, and returns another error as it is.
func (t *target) missingKey(err error) error {
	var missing *stack.MissingKeyError
	switch {
	case !errors.As(err, &missing):
		return err
	case missing.Setting == "":
		return fail(ExitNotFound, "the chain %s no longer has its API key. Apply its configuration, which creates it again", t.located.Name)
	default:
		return fail(ExitNotFound, "the chain %s has no such key. Set %s = true in its configuration and apply it, or use another key",
			t.located.Name, missing.Setting)
	}
}

// A call that fails for a moment is repeated within some seconds: people wait for it.
const (
	apiRetries    = 3
	apiMaxBackoff = 4 * time.Second
)

// unfinished returns the error that a chain which is not whole cannot be used.
func (t *target) unfinished(err error) error {
	var missing *stack.MissingKeyError
	if errors.As(err, &missing) { // as is to be expected
		return fail(ExitConflict, "%s", t.stage())
	}
	return fail(ExitConflict, "%s: %w", t.stage(), err)
}

// stage says how far a chain is that is not whole, and what to do.
func (t *target) stage() string {
	switch l := t.located; l.Stage {
	case stack.StageCreating:
		return fmt.Sprintf("the chain %s is being created by %s since %s. Wait until that apply has ended", l.Name, l.CreatedBy,
			t.app.zoned(l.CreatedAt))
	case stack.StageStopped:
		return fmt.Sprintf("the create of the chain %s by %s has failed. Apply its configuration again", l.Name, l.CreatedBy)
	default:
		return fmt.Sprintf("the chain %s is incomplete. Apply its configuration, or remove what is left with qlik-chain purge", l.Name)
	}
}
