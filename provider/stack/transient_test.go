// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// TestTransientErrors compares the table with the errors as the SDK's types, that is AWS's models, spell them.
func TestTransientErrors(t *testing.T) {
	t.Parallel()
	again := aws.String("Unable to complete operation due to concurrent modification. Please try again later.")
	busy := aws.String("Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously")
	modelled := map[string][]smithy.APIError{
		"API Gateway": {&apigatewaytypes.ConflictException{Message: again}}, "CloudWatch": {&cloudwatchtypes.ConcurrentModificationException{}},
		"CloudWatch Logs": {&logstypes.OperationAbortedException{}},
		"DynamoDB": {
			&dynamodbtypes.ResourceInUseException{}, &dynamodbtypes.LimitExceededException{Message: busy},
			&dynamodbtypes.ContinuousBackupsUnavailableException{},
		},
		"EventBridge": {&eventbridgetypes.ConcurrentModificationException{}},
		"IAM":         {&iamtypes.ConcurrentModificationException{}},
		"Lambda":      {&lambdatypes.ResourceConflictException{}, &lambdatypes.ResourceInUseException{}},
		"Scheduler":   {&schedulertypes.ConflictException{}}, "SSM": {&ssmtypes.TooManyUpdates{}},
		"SQS": {&sqstypes.QueueDeletedRecently{}, &sqstypes.QueueDeletedRecently{ErrorCodeOverride: aws.String("QueueDeletedRecently")}},
	}
	if have, want := slices.Sorted(maps.Keys(transientErrors)), slices.Sorted(maps.Keys(modelled)); !slices.Equal(have, want) {
		t.Errorf("the table has the services %q, want %q", have, want)
	}
	for service, errs := range modelled {
		for _, err := range errs {
			if !isTransient(&smithy.OperationError{ServiceID: service, OperationName: "Any", Err: err}) {
				t.Errorf("%s's %s is not transient", service, err.ErrorCode())
			}
		}
		if have := len(transientErrors[service]); have != len(errs) {
			t.Errorf("%s has %d transient errors in the table, want %d", service, have, len(errs))
		}
		for _, transient := range transientErrors[service] {
			sourced := transient.reason != "" && strings.HasPrefix(transient.source, "https://docs.aws.amazon.com/")
			if transient.limit <= 0 || transient.limit > longestTransient || !sourced {
				t.Errorf("%s's %s has not all that an entry has: %+v", service, transient.code, transient)
			}
		}
	}
	exists := &apigatewaytypes.ConflictException{Message: aws.String("Method already exists for this resource")}
	for name, err := range map[string]error{
		"a method that exists":      &smithy.OperationError{ServiceID: "API Gateway", Err: exists},
		"another service's code":    &smithy.OperationError{ServiceID: "IAM", Err: &lambdatypes.ResourceConflictException{}},
		"policies of others":        &smithy.OperationError{ServiceID: "IAM", Err: &iamtypes.DeleteConflictException{}},
		"a missing permission":      &smithy.OperationError{ServiceID: "Lambda", Err: &smithy.GenericAPIError{Code: "AccessDeniedException"}},
		"no operation of a service": &lambdatypes.ResourceConflictException{},
	} {
		if isTransient(err) {
			t.Errorf("%s is transient", name)
		}
	}
}

// TestLastingLimits checks DynamoDB's code that stands for both temporary and lasting limits. The lasting ones end after a day, or when the
// quota is raised.
func TestLastingLimits(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously":                        true,
		"Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table":                    true,
		"Subscriber limit exceeded: You have exceeded the maximum number of indexed tables that can be created simultaneously": true,
		// https://github.com/hashicorp/terraform/pull/14571, https://github.com/aws-amplify/amplify-cli/issues/1054
		"Subscriber limit exceeded: There is a limit of 256 tables per subscriber":                 false,
		"Subscriber limit exceeded: Update to PayPerRequest mode are limited to once in 1 day(s).": false,
	} {
		err := &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "Any", Err: &dynamodbtypes.LimitExceededException{Message: &message}}
		if isTransient(err) != want || passing(err) != want {
			t.Errorf("%s: transient %t, passing %t, want %t", message, isTransient(err), passing(err), want)
		}
	}
}

func TestRepeatTransient(t *testing.T) {
	t.Parallel()
	conflict := &lambdatypes.ResourceConflictException{}
	for name, test := range map[string]struct {
		operation string
		errs      []error // of the calls, the last one for all that follow
		want      error
		calls     int
	}{
		"at once":               {"DeleteFunction", []error{nil}, nil, 1},
		"while an update runs":  {"DeleteFunction", []error{conflict, conflict, nil}, nil, 3},
		"another error ends it": {"DeleteFunction", []error{conflict, errPassing}, errPassing, 2},
		"the limit ends it":     {"UpdateFunctionCode", []error{conflict}, conflict, 65},
		"create does it itself": {"CreateFunction", []error{conflict}, conflict, 1},
		"so with permissions":   {"AddPermission", []error{conflict}, conflict, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls, start := 0, time.Now()
				s := middleware.NewStack(test.operation, func() any { return nil })
				if err := RepeatTransient(s); err != nil {
					t.Fatal(err)
				}
				if err := s.Initialize.Add(&awsmiddleware.RegisterServiceMetadata{ServiceID: "Lambda"}, middleware.Before); err != nil {
					t.Fatal(err)
				}
				_, _, err := middleware.DecorateHandler(middleware.HandlerFunc(func(context.Context, any) (any, middleware.Metadata, error) {
					calls++
					return nil, middleware.Metadata{}, test.errs[min(calls, len(test.errs))-1]
				}), s).Handle(t.Context(), nil)
				if !errors.Is(err, test.want) || calls != test.calls {
					t.Errorf("%v after %d calls, want %v after %d", err, calls, test.want, test.calls)
				}
				if took := time.Since(start); took > functionTimeout+5*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestRoleIsDeletedOnceItsPolicyIsGone checks the deletion although DeleteRole does not see the policy's deletion at once. Other policies
// are named if they are the only remaining reason.
func TestRoleIsDeletedOnceItsPolicyIsGone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conflicts int
		attached  []iamtypes.AttachedPolicy
		says      string // in the error; empty for none
	}{
		"at once":       {0, nil, ""},
		"after a while": {5, nil, ""},
		"policy of others": {1 << 30, []iamtypes.AttachedPolicy{{PolicyArn: aws.String("arn:aws:iam::aws:policy/Mine")}},
			"did not give it: arn:aws:iam"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				deletions, start := 0, time.Now()
				s := New(Clients{IAM: IAM{
					DeleteRolePolicy: func(context.Context, *iam.DeleteRolePolicyInput, ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error) {
						return &iam.DeleteRolePolicyOutput{}, nil
					},
					DeleteRole: func(context.Context, *iam.DeleteRoleInput, ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
						if deletions++; deletions <= test.conflicts {
							return nil, &iamtypes.DeleteConflictException{Message: aws.String("Cannot delete entity, must delete policies first.")}
						}
						return &iam.DeleteRoleOutput{}, nil
					},
					listAttached: func(
						context.Context, *iam.ListAttachedRolePoliciesInput, ...func(*iam.Options),
					) (*iam.ListAttachedRolePoliciesOutput, error) {
						return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: test.attached}, nil
					},
					listInline: func(context.Context, *iam.ListRolePoliciesInput, ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
						return &iam.ListRolePoliciesOutput{}, nil
					},
				}}, Place{Partition: "aws"}, "nightly", Known{Function: true})
				s.role.seen = &iamtypes.Role{RoleName: aws.String(s.role.name)}
				err := s.role.remove(t.Context())
				if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
					t.Errorf("remove() = %v, want an error with %q", err, test.says)
				}
				if took := time.Since(start); took > propagationTimeout {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}
