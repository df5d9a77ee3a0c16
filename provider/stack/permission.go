// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// permission is the function's policy: a statement lets only the chain's stage call it, and for each bus with rules of the chain one lets
// these rules do so. A statement for each rule would not fit: the policy holds 20 KB.
type permission struct {
	s    *Stack
	seen map[string]*statement // by id
}

const (
	statementID       = "qlik-task-chain-api-gateway"
	eventsStatementID = "qlik-task-chain-events-"  // and a hash of the bus's name
	gatewayPrincipal  = "apigateway.amazonaws.com" // the same in every partition
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
	c.forget()
	out, err := found(c.s.Lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
		return fmt.Errorf("reading the function's policy: %w", err)
	}
	for _, statement := range policy.Statement {
		c.seen[statement.Sid] = &statement
	}
	return nil
}

// forget forgets all statements: those of a function that is looked up or made again.
func (c *permission) forget() { c.seen = map[string]*statement{} }

// wanted returns the statements that Lambda makes of the calls in ensure, by their ids.
func (c *permission) wanted(want *Spec) map[string]*lambda.AddPermissionInput {
	all := map[string]*lambda.AddPermissionInput{statementID: c.call(statementID, gatewayPrincipal, c.sourceARN())}
	for _, bus := range signalBuses(want.Definition) {
		sum := sha256.Sum256([]byte(bus))
		id := eventsStatementID + hex.EncodeToString(sum[:8])
		all[id] = c.call(id, eventsPrincipal, c.s.rulesOnBus(bus))
	}
	return all
}

// call returns the call that lets a service invoke the function for one source.
func (c *permission) call(id, principal, source string) *lambda.AddPermissionInput {
	return &lambda.AddPermissionInput{
		FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(id), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String(principal), SourceArn: aws.String(source),
	}
}

// statementOf returns the statement that Lambda makes of a call.
func statementOf(call *lambda.AddPermissionInput) *statement {
	return &statement{
		Sid: aws.ToString(call.StatementId), Effect: "Allow", Principal: map[string]string{"Service": aws.ToString(call.Principal)},
		Action: aws.ToString(call.Action), Condition: map[string]map[string]string{"ArnLike": {"AWS:SourceArn": aws.ToString(call.SourceArn)}},
	}
}

// others returns the ids of the statements that the chain does not want.
func (c *permission) others(wanted map[string]*lambda.AddPermissionInput) []string {
	return slices.DeleteFunc(keys(c.seen), func(id string) bool { return wanted[id] != nil })
}

func (c *permission) diff(want *Spec) []Difference {
	if c.s.function.seen == nil || c.s.restAPI.seen == nil {
		return nil // reported by their own components
	}
	var all []Difference
	wanted := c.wanted(want)
	if others := c.others(wanted); len(others) > 0 {
		all = append(all, Difference{Setting: "function.other_permissions", Have: strings.Join(others, ", "), Want: "none"})
	}
	for _, id := range keys(wanted) {
		all = append(all, c.diffOne(wanted[id])...)
	}
	return all
}

// diffOne compares the statement that a call makes.
func (c *permission) diffOne(call *lambda.AddPermissionInput) []Difference {
	setting := "function.permission"
	if aws.ToString(call.Principal) == eventsPrincipal {
		setting = "function.permission_of_events"
	}
	seen := c.seen[aws.ToString(call.StatementId)]
	if seen == nil {
		return []Difference{{Setting: setting, Have: missing}}
	}
	return unequal("", []Difference{{setting, seen.String(), statementOf(call).String()}})
}

func (c *permission) ensure(ctx context.Context, want *Spec) error {
	wanted := c.wanted(want)
	for _, other := range c.others(wanted) {
		if err := c.take(ctx, other); err != nil {
			return err
		}
	}
	for _, id := range keys(wanted) { // one after the other: Lambda refuses two changes of a policy at the same time
		if len(c.diffOne(wanted[id])) == 0 {
			continue
		}
		if c.seen[id] != nil { // a statement cannot be changed
			if err := c.take(ctx, id); err != nil {
				return err
			}
		}
		err := create(ctx, lookedUp{c.look, func() bool { return c.seen[id] != nil }}, func(ctx context.Context) error {
			return done(c.s.Lambda.AddPermission(ctx, wanted[id]))
		})
		if err != nil {
			return err
		}
		c.seen[id] = statementOf(wanted[id])
	}
	return nil
}

// take removes a statement.
func (c *permission) take(ctx context.Context, id string) error {
	err := gone(c.s.Lambda.RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: aws.String(c.s.objectName()), StatementId: aws.String(id),
	}))
	if err == nil {
		delete(c.seen, id)
	}
	return err
}
