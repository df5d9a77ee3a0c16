// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// permission is the statement in the function's policy that lets only the chain's stage call it.
type permission struct {
	s    *Stack
	seen *statement // nil when missing
	// others are the ids of the statements that do not belong to the chain.
	others []string
}

const (
	statementID      = "qlik-task-chain-api-gateway"
	gatewayPrincipal = "apigateway.amazonaws.com" // the same in every partition
)

type statement struct {
	Sid       string
	Effect    string
	Principal any
	Action    string
	Condition any
}

// String describes the statement: what it allows, to which principal, on which condition.
func (st *statement) String() string {
	return fmt.Sprintf("%s %s to %s if %s", st.Effect, st.Action, inJSON(st.Principal), inJSON(st.Condition))
}

// inJSON returns a part of a policy as JSON with sorted members.
func inJSON(part any) string {
	text, err := json.Marshal(part)
	if err != nil {
		panic(err) // it was JSON before, or is a map of strings
	}
	return string(text)
}

// functionARN returns the function's ARN, also before the function exists.
func (s *Stack) functionARN() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", s.Partition, s.Region, s.Account, s.objectName())
}

// sourceARN returns the ARN of all routes of the chain's stage.
func (c *permission) sourceARN() string {
	return fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/%s/*", c.s.Partition, c.s.Region, c.s.Account, c.s.restAPI.id(), liveStage)
}

// look reads the policy. The function calls it.
func (c *permission) look(ctx context.Context) error {
	c.seen, c.others = nil, nil
	out, err := found(c.s.Lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
		return fmt.Errorf("reading the function's policy: %w", err)
	}
	for _, statement := range policy.Statement {
		if statement.Sid == statementID {
			c.seen = &statement
		} else {
			c.others = append(c.others, statement.Sid)
		}
	}
	return nil
}

// wanted returns the statement that Lambda creates from the call in ensure.
func (c *permission) wanted() *statement {
	return &statement{
		Sid: statementID, Effect: "Allow", Principal: map[string]string{"Service": gatewayPrincipal}, Action: "lambda:InvokeFunction",
		Condition: map[string]map[string]string{"ArnLike": {"AWS:SourceArn": c.sourceARN()}},
	}
}

func (c *permission) exists() bool { return c.seen != nil }

func (c *permission) diff(*Spec) []Difference {
	if c.s.function.seen == nil || c.s.restAPI.seen == nil {
		return nil // reported by their own components
	}
	var all []Difference
	if len(c.others) > 0 {
		all = append(all, Difference{Setting: "function.other_permissions", Have: strings.Join(c.others, ", "), Want: "none"})
	}
	if c.seen == nil {
		return append(all, Difference{Setting: "function.permission", Have: missing})
	}
	if have, wanted := c.seen.String(), c.wanted().String(); have != wanted {
		all = append(all, Difference{Setting: "function.permission", Have: have, Want: wanted})
	}
	return all
}

func (c *permission) ensure(ctx context.Context, want *Spec) error {
	if len(c.diff(want)) == 0 {
		return nil
	}
	for _, other := range c.others {
		if err := c.take(ctx, other); err != nil {
			return err
		}
	}
	c.others = nil
	if len(c.diff(want)) == 0 {
		return nil
	}
	if c.seen != nil { // a statement cannot be changed
		if err := c.take(ctx, statementID); err != nil {
			return err
		}
		c.seen = nil
	}
	return create(ctx, lookedUp{c.look, c.exists}, func(ctx context.Context) error {
		return done(c.s.Lambda.AddPermission(ctx, &lambda.AddPermissionInput{
			FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(statementID), Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String(gatewayPrincipal), SourceArn: aws.String(c.sourceARN()),
		}))
	})
}

// take removes a statement.
func (c *permission) take(ctx context.Context, id string) error {
	return gone(c.s.Lambda.RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(id),
	}))
}
