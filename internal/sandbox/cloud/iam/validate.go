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
	maxTrustPolicy    = 2048  // characters without white space: quota "role trust policy length"
	maxInlinePolicies = 10240 // the same, over all inline policies of a role
	maxAttached       = 10    // quota "managed policies per role"
)

func invalidTags(format string, args ...any) *wire.Error {
	return wire.Sender("InvalidInput", format, args...)
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

// length returns the number of a policy's characters without white space, as IAM's quotas count them.
func length(text string) int {
	return len([]rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)))
}
