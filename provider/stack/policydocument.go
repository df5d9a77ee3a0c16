package stack

import (
	"encoding/json"

	awspolicy "github.com/hashicorp/awspolicyequivalence"
)

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any `json:",omitempty"` // "*", or the services by "Service"
	Action    []string
	Resource  []string                  `json:",omitempty"`
	Condition map[string]map[string]any `json:",omitempty"`
}

func document(statements ...policyStatement) string {
	text, err := json.Marshal(policyDocument{Version: "2012-10-17", Statement: statements})
	if err != nil {
		panic(err) // strings and maps of strings always marshal
	}
	return string(text)
}

// equals is a condition on one key, whose value is a string or, for one of several, a []string.
func equals(key string, value any) map[string]map[string]any {
	return map[string]map[string]any{"StringEquals": {key: value}}
}

// samePolicy compares two documents by their meaning: IAM keeps neither spaces nor the order of members, nor the brackets around
// a single value.
func samePolicy(a, b string) bool {
	same, err := awspolicy.PoliciesAreEquivalent(a, b)
	return err == nil && same
}
