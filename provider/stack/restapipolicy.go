// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// wantPolicy returns the API's resource policy. It is empty without ranges. With ranges, it allows every caller and denies the callers from
// elsewhere (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html). It takes effect with
// the next deployment.
//
// If operators sign their requests, the policy does not allow the operators' routes to every caller. An identity of the account needs no
// permission for what a resource policy allows
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, table A).
func (c *restAPI) wantPolicy(ranges []string, operatorAuth string) string {
	if len(ranges) == 0 {
		return ""
	}
	// The ARN is complete: API Gateway would return the short form execute-api:/* expanded.
	resource := func(part string) string {
		return fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/%s", c.s.Partition, c.s.Region, c.s.Account, c.id(), part)
	}
	all := []string{resource("*")}
	callers := all
	if operatorAuth == chain.OperatorAuthIAM {
		callers = []string{resource(liveStage + "/GET/*"), resource(liveStage + "/POST/")}
	}
	return document(
		policyStatement{Sid: "Callers", Effect: "Allow", Principal: "*", Action: []string{"execute-api:Invoke"}, Resource: callers},
		policyStatement{Sid: "FromElsewhere", Effect: "Deny", Principal: "*", Action: []string{"execute-api:Invoke"}, Resource: all,
			Condition: map[string]map[string]any{"NotIpAddress": {"aws:SourceIp": ranges}}})
}

// policy returns the API's resource policy as JSON, empty for none. API Gateway returns it as the content of a JSON string, with quotes and
// slashes escaped.
func (c *restAPI) policy() string {
	raw, plain := aws.ToString(c.seen.Policy), ""
	if json.Unmarshal([]byte(`"`+raw+`"`), &plain) == nil {
		return plain
	}
	return raw
}

// sourceIPRanges returns the ranges of the found policy, sorted. It is nil when the policy is not one that a chain has.
func (c *restAPI) sourceIPRanges() []string {
	var found struct {
		Statement []struct {
			Condition struct {
				NotIPAddress struct {
					SourceIP stringOrList `json:"aws:SourceIp"`
				} `json:"NotIpAddress"`
			}
		}
	}
	if c.seen == nil || json.Unmarshal([]byte(c.policy()), &found) != nil {
		return nil
	}
	for _, statement := range found.Statement {
		ranges := slices.Sorted(slices.Values(statement.Condition.NotIPAddress.SourceIP))
		for _, auth := range []string{chain.OperatorAuthKey, chain.OperatorAuthIAM} {
			if len(ranges) > 0 && samePolicy(c.policy(), c.wantPolicy(ranges, auth)) {
				return ranges
			}
		}
	}
	return nil
}

func (c *restAPI) policyChanges(want *Spec) []settingChange {
	have, wanted := c.policy(), c.wantPolicy(want.SourceIPRanges, want.OperatorAuth)
	if have == wanted || have != "" && wanted != "" && samePolicy(have, wanted) {
		return nil
	}
	onlyHave, onlyWanted := differing(have, wanted)
	return []settingChange{setting("rest_api.policy", onlyHave, onlyWanted, replace("/policy", wanted))}
}

// stringOrList is a value in a policy: one string, or several.
type stringOrList []string

// UnmarshalJSON reads a string, or a list of strings.
func (l *stringOrList) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = []string{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}
