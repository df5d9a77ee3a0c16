// SPDX-License-Identifier: MPL-2.0

package policy

import "testing"

func TestConditions(t *testing.T) {
	t.Parallel()
	const both = `"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:scheduler:*:123456789012:schedule-group/nightly"}`
	group := Context{"aws:sourceaccount": "123456789012",
		"aws:sourcearn": "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/nightly"}
	tests := map[string]struct {
		condition string
		context   Context
		want      bool
	}{
		"none":        {``, nil, true},
		"met":         {both, group, true},
		"key missing": {both, Context{"aws:sourceaccount": "123456789012"}, false},
		"one not met": {both, Context{"aws:sourceaccount": "123456789012",
			"aws:sourcearn": "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/weekly"}, false},
		"no context":        {both, nil, false},
		"key's case":        {`"StringEquals":{"AWS:SOURCEACCOUNT":"123456789012"}`, group, true},
		"one of several":    {`"StringEquals":{"aws:SourceAccount":["1","123456789012"]}`, group, true},
		"no wildcard":       {`"StringEquals":{"aws:SourceAccount":"1234*"}`, group, false},
		"wildcard":          {`"StringLike":{"aws:SourceAccount":"1234*"}`, group, true},
		"value's case":      {`"StringLike":{"aws:SourceArn":"ARN:*"}`, group, false},
		"ArnEquals is like": {`"ArnEquals":{"aws:SourceArn":"arn:aws:scheduler:*"}`, group, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trust, err := ParseTrust(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"scheduler.amazonaws.com"},"Condition":{` + tt.condition + `}}}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := trust.Trusts("sts:AssumeRole", "scheduler.amazonaws.com", "123456789012", tt.context); got != tt.want {
				t.Errorf("Trusts() = %v, want %v", got, tt.want)
			}
			identity, err := ParseIdentity(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ssm:*","Resource":"*","Condition":{` + tt.condition + `}}]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := Decide([]*Document{identity}, "ssm:GetParameter", "*", tt.context) == ExplicitDeny; got != tt.want {
				t.Errorf("the statement speaks of the request: %v, want %v", got, tt.want)
			}
		})
	}
}
