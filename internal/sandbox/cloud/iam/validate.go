// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"errors"
	"strings"
	"unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	maxTrustPolicy    = 2048  // characters, white space not counted: quota "role trust policy length"
	maxInlinePolicies = 10240 // the same, over all inline policies of a role
	maxAttached       = 10    // quota "managed policies per role"
)

func checkTags(present wire.Tags, tags []wire.Tag) error {
	if problem := wire.CheckTags(present, tags); problem != "" {
		return wire.Sender("InvalidInput", "%s", problem)
	}
	return nil
}

func trustPolicy(text string) (*policy.Document, error) {
	if length(text) > maxTrustPolicy {
		return nil, wire.Errorf(409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	return malformed(policy.ParseTrust(text))
}

func malformed(document *policy.Document, err error) (*policy.Document, error) {
	var syntax *policy.SyntaxError
	if errors.As(err, &syntax) {
		return nil, wire.Sender("MalformedPolicyDocument", "%s", syntax.Reason)
	}
	return document, err
}

// length counts a policy's characters as IAM's quotas do: without white space.
func length(text string) int {
	return len([]rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)))
}
