package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// permission is the statement in the function's policy that lets the chain's stage, and nothing else, call it.
type permission struct {
	s    *Stack
	seen *statement // nil when missing
	// others are the ids of statements that somebody else added.
	others []string
}

const statementID = "qlik-task-chain-api-gateway"

type statement struct {
	Sid       string
	Effect    string
	Principal any
	Action    string
	Condition struct {
		ArnLike map[string]string
	}
}

// functionARN is known before the function is there.
func (s *Stack) functionARN() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", s.Partition, s.Region, s.Account, s.objectName())
}

// sourceARN is every route of the chain's stage.
func (c *permission) sourceARN() string {
	return fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/%s/*", c.s.Partition, c.s.Region, c.s.Account, c.s.restAPI.id(), liveStage)
}

func (c *permission) find(ctx context.Context) error {
	c.seen, c.others = nil, nil
	out, err := c.s.Lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: aws.String(c.s.objectName())})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
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

func (c *permission) exists() bool { return c.seen != nil }

func (c *permission) diff(*Spec) []Difference {
	if c.s.function.seen == nil || c.s.restAPI.seen == nil {
		return nil // differences of their own
	}
	var all []Difference
	if len(c.others) > 0 {
		all = append(all, Difference{Setting: "function.other_permissions", Have: strings.Join(c.others, ", "), Want: "none"})
	}
	if c.seen == nil {
		return append(all, Difference{Setting: "function.permission", Have: missing})
	}
	if have := c.seen.Condition.ArnLike["AWS:SourceArn"]; have != c.sourceARN() || c.seen.Effect != "Allow" || c.seen.Action != "lambda:InvokeFunction" {
		return append(all, Difference{Setting: "function.permission", Have: c.seen.Effect + " " + c.seen.Action + " to " + have,
			Want: "Allow lambda:InvokeFunction to " + c.sourceARN()})
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
	return create(ctx, c, func(ctx context.Context) error {
		_, err := c.s.Lambda.AddPermission(ctx, &lambda.AddPermissionInput{
			FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(statementID), Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String(c.sourceARN()),
		})
		return err
	})
}

// take takes a statement away.
func (c *permission) take(ctx context.Context, id string) error {
	_, err := c.s.Lambda.RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(id),
	})
	if isNotFound(err) {
		return nil
	}
	return err
}

// remove leaves the statement to the function's own removal.
func (c *permission) remove(context.Context) error { return nil }

func (c *permission) publish(*State) {}
