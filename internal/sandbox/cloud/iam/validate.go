// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	maxTrustPolicy    = 2048  // characters, white space not counted: quota "role trust policy length"
	maxInlinePolicies = 10240 // the same, over all inline policies of a role
	maxAttached       = 10    // quota "managed policies per role"
)

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^(/|/[!-~]+/)$`)
)

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func roleName(f *wire.Form) (string, error) { return checkName(f.Get("RoleName"), "roleName", 64) }
func policyName(f *wire.Form) (string, error) {
	return checkName(f.Get("PolicyName"), "policyName", 128)
}

func checkName(name, field string, maxLength int) (string, error) {
	switch {
	case name == "":
		return "", wire.Validation("ValidationError", "", field, "Member must have length greater than or equal to 1")
	case len(name) > maxLength:
		return "", wire.Validation("ValidationError", name, field, "Member must have length less than or equal to "+strconv.Itoa(maxLength))
	case !namePattern.MatchString(name):
		return "", wire.Sender("ValidationError", "The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", field)
	}
	return name, nil
}

func checkPath(path string) error {
	if len(path) > 512 || !pathPattern.MatchString(path) {
		return wire.Sender("ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

func checkDescription(description string) error {
	if len([]rune(description)) > 1000 {
		return wire.Validation("ValidationError", description, "description", "Member must have length less than or equal to 1000")
	}
	return nil
}

func checkTags(present wire.Tags, tags []wire.Tag) error {
	if problem := wire.CheckTags(present, tags); problem != "" {
		return wire.Sender("InvalidInput", "%s", problem)
	}
	return nil
}

func sessionDuration(f *wire.Form, fallback time.Duration) (time.Duration, error) {
	seconds, err := f.Int("MaxSessionDuration", int(fallback/time.Second))
	if err != nil {
		return 0, err
	}
	if f.Has("MaxSessionDuration") && (seconds < 3600 || seconds > 43200) {
		return 0, wire.Validation("ValidationError", strconv.Itoa(seconds), "maxSessionDuration", "Member must have value between 3600 and 43200")
	}
	return time.Duration(seconds) * time.Second, nil
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
