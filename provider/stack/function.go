// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	smithytime "github.com/aws/smithy-go/time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// function is the Lambda function.
type function struct {
	s    *Stack
	seen *types.FunctionConfiguration // nil when missing
	tags map[string]string
	// reserved is the function's concurrency, which is a separate component. It is nil when none is reserved.
	reserved *int32
}

// functionTimeout covers Lambda's slowest change of a small function, with a wide margin.
const functionTimeout = 5 * time.Minute

// find looks up the function, and everything that is deleted with it.
func (c *function) find(ctx context.Context) error {
	c.forgetParts()
	if err := c.get(ctx); err != nil || c.seen == nil || c.s.brief {
		return err
	}
	return inParallel(ctx, c.s.eventInvoke.look, c.s.permission.look, c.s.triggers.lookForURL)
}

// get looks up the function only.
func (c *function) get(ctx context.Context) error {
	c.seen, c.tags, c.reserved = nil, nil, nil
	out, err := found(c.s.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	if out.TagsError != nil { // without its tags, the owner of the function is unknown
		return fmt.Errorf("reading the function's tags, which takes the permission lambda:ListTags: %s: %s",
			aws.ToString(out.TagsError.ErrorCode), aws.ToString(out.TagsError.Message))
	}
	c.seen, c.tags = out.Configuration, out.Tags
	if out.Concurrency != nil {
		c.reserved = out.Concurrency.ReservedConcurrentExecutions
	}
	return nil
}

// forgetParts forgets everything that is deleted with the function.
func (c *function) forgetParts() {
	c.s.permission.forget()
	c.s.eventInvoke.seen, c.s.triggers.url, c.reserved = nil, "", nil
}

func (c *function) exists() bool { return c.seen != nil }

func (c *function) architecture() string {
	if c.seen == nil || len(c.seen.Architectures) == 0 {
		return ""
	}
	return string(c.seen.Architectures[0])
}

func (c *function) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "function", Have: missing}}
	}
	var all []Difference
	if c.failed() {
		have := strings.TrimSpace(string(c.seen.State) + " " + string(c.seen.StateReasonCode))
		all = append(all, Difference{Setting: "function.state", Have: have, Want: string(types.StateActive)})
	}
	return slices.Concat(all, c.diffCode(want), c.diffConfiguration(want), c.s.diffTags("function", c.tags, want))
}

func (c *function) diffCode(want *Spec) []Difference {
	var all []Difference
	if have := aws.ToString(c.seen.CodeSha256); have != want.CodeSHA256 {
		all = append(all, Difference{Setting: "function.code_sha256", Have: have, Want: want.CodeSHA256})
	}
	if have := c.architecture(); have != want.Architecture {
		all = append(all, Difference{Setting: "function.architecture", Have: have, Want: want.Architecture})
	}
	return all
}

func (c *function) ensure(ctx context.Context, want *Spec) error {
	if c.seen != nil && !c.s.ours(c.tags) {
		return c.s.foreign("Lambda function", c.s.objectName())
	}
	if err := c.s.readBack(ctx); err != nil {
		return err
	}
	if c.seen != nil && (c.failed() || c.environment()[chain.EnvRoleID] != c.s.role.id()) {
		if err := c.discard(ctx); err != nil {
			return err
		}
	}
	if c.seen == nil {
		if err := c.create(ctx, want); err != nil {
			return err
		}
	}
	if c.seen.State == types.StatePending { // from this apply, or from an interrupted one
		if err := c.waitActive(ctx); err != nil {
			return err
		}
	}
	if c.seen.LastUpdateStatus == types.LastUpdateStatusInProgress {
		if err := c.waitUpdated(ctx); err != nil {
			return err
		}
	}
	if len(c.diffCode(want)) > 0 {
		if err := c.updateCode(ctx, want); err != nil {
			return err
		}
	}
	if len(c.diffConfiguration(want)) > 0 {
		if err := c.updateConfiguration(ctx, want); err != nil {
			return err
		}
	}
	return c.s.syncTags(ctx, c, &c.tags, want)
}

// failed reports whether Lambda could not make the function ready, when it was new or after weeks without a run. Such a function never runs
// (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html), so it is replaced.
func (c *function) failed() bool { return c.seen.State == types.StateFailed }

// discard deletes a function that is to be replaced. One reason is that its role was recreated. Lambda granted the use of the environment's
// key to the old role. Under the new role, which has the same ARN, every invocation would fail to decrypt the environment. An update does
// not reliably renew the grant.
func (c *function) discard(ctx context.Context) error {
	if err := gone(c.s.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(c.s.objectName())})); err != nil {
		return err
	}
	c.seen, c.tags = nil, nil
	c.forgetParts()
	return nil
}

// create creates the function. It retries while IAM has not yet shown the new role to Lambda and KMS.
func (c *function) create(ctx context.Context, want *Spec) error {
	return create(ctx, c, func(ctx context.Context) error {
		out, err := c.s.Lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
			FunctionName: aws.String(c.s.objectName()), Description: aws.String(c.description()),
			Role: aws.String(c.s.role.arn(want)), Runtime: functionRuntime, Handler: aws.String("bootstrap"),
			Architectures: []types.Architecture{types.Architecture(want.Architecture)}, Code: &types.FunctionCode{ZipFile: want.CodeZip},
			MemorySize: aws.Int32(want.MemorySize), Timeout: aws.Int32(functionTimeoutSeconds),
			Environment:   &types.Environment{Variables: c.wantEnvironment(want)},
			LoggingConfig: c.wantLogging(), KMSKeyArn: setOrNil(want.KMSKeyARN), Tags: c.s.tags(want),
		})
		if err != nil {
			return err
		}
		// The rest is read once the function is active.
		c.seen, c.tags = &types.FunctionConfiguration{FunctionName: out.FunctionName, FunctionArn: out.FunctionArn,
			State: types.StatePending}, c.s.tags(want)
		return nil
	})
}

func (c *function) updateCode(ctx context.Context, want *Spec) error {
	if _, err := c.s.Lambda.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{
		FunctionName: aws.String(c.s.objectName()), ZipFile: want.CodeZip,
		Architectures: []types.Architecture{types.Architecture(want.Architecture)},
	}); err != nil {
		return err
	}
	return c.waitUpdated(ctx)
}

// waitActive waits until the function is no longer pending, and stores its configuration.
func (c *function) waitActive(ctx context.Context) error {
	if err := smithytime.SleepWithContext(ctx, firstLook); err != nil {
		return err
	}
	waiter := lambda.NewFunctionActiveV2Waiter(c.s.Lambda, func(o *lambda.FunctionActiveV2WaiterOptions) {
		o.MinDelay, o.MaxDelay = 250*time.Millisecond, 5*time.Second
	})
	out, err := waiter.WaitForOutput(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(c.s.objectName())}, functionTimeout)
	if err != nil {
		return fmt.Errorf("waiting for the function to become active: %w", err)
	}
	c.seen = out.Configuration
	return nil
}

// waitUpdated waits until the function's last update is complete, and stores its configuration.
func (c *function) waitUpdated(ctx context.Context) error {
	waiter := lambda.NewFunctionUpdatedV2Waiter(c.s.Lambda, func(o *lambda.FunctionUpdatedV2WaiterOptions) {
		o.MinDelay, o.MaxDelay = 250*time.Millisecond, 5*time.Second
	})
	out, err := waiter.WaitForOutput(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(c.s.objectName())}, functionTimeout)
	if err != nil {
		return fmt.Errorf("waiting for the function's update: %w", err)
	}
	c.seen = out.Configuration
	return nil
}

func (c *function) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.Lambda.TagResource(ctx, &lambda.TagResourceInput{Resource: c.seen.FunctionArn, Tags: set}))
}

func (c *function) untag(ctx context.Context, keys []string) error {
	return done(c.s.Lambda.UntagResource(ctx, &lambda.UntagResourceInput{Resource: c.seen.FunctionArn, TagKeys: keys}))
}

func (c *function) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(c.s.objectName())})); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

// operatorAuth returns how operators authenticate according to the function.
func (c *function) operatorAuth() string {
	return cmp.Or(c.environment()[chain.EnvOperatorAuth], chain.OperatorAuthKey)
}

// roleNotYetUsable reports whether Lambda refuses the role. It does until IAM's change has reached Lambda and KMS.
func roleNotYetUsable(err error) bool {
	var invalid *types.InvalidParameterValueException
	return errors.As(err, &invalid) && (strings.Contains(invalid.ErrorMessage(), "cannot be assumed by Lambda") ||
		strings.Contains(invalid.ErrorMessage(), "KMS key is invalid for CreateGrant"))
}

func (c *function) ours() bool { return c.seen != nil && c.s.ours(c.tags) }

func (c *function) report(state *State) {
	if !state.note(c.ours()) {
		return
	}
	environment := c.environment()
	state.FunctionARN, state.CodeSHA256 = aws.ToString(c.seen.FunctionArn), aws.ToString(c.seen.CodeSha256)
	state.Architecture = c.architecture()
	state.MemorySize, state.ReservedConcurrency, state.Tags = aws.ToInt32(c.seen.MemorySize), c.reserved, userTags(c.tags)
	state.CredentialsFingerprint = environment[chain.EnvCredentialsFingerprint]
	state.CredentialsVersion = environment[chain.EnvCredentialsVersion]
	state.OperatorAuth, state.Metrics = c.operatorAuth(), environment[chain.EnvMetrics] != chain.MetricsOff
	if actions := environment[chain.EnvAlarmActions]; actions != "" {
		state.AlarmActions = strings.Split(actions, ",")
	}
	if bus := environment[chain.EnvEventBus]; bus != "" {
		state.Events = &Events{Bus: bus}
	}
}
