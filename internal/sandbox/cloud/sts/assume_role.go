// SPDX-License-Identifier: MPL-2.0

package sts

import (
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type assumeRoleResult struct {
	Credentials      credentials
	AssumedRoleUser  assumedRoleUser
	PackedPolicySize int
}

type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type assumedRoleUser struct {
	Arn           string
	AssumedRoleID string `xml:"AssumedRoleId"`
}

type assumeRoleInput struct {
	RoleArn, RoleSessionName string
	ExternalID               string `json:"ExternalId"` // matters to a trust policy with a condition on it alone, which no caller meets here
	DurationSeconds          *int
}

func (s *Service) assumeRole(c *wire.Call, in *assumeRoleInput) ([]string, func() (any, error)) {
	return []string{in.RoleArn}, func() (any, error) {
		if !strings.HasPrefix(in.RoleArn, "arn:") {
			return nil, wire.Sender("ValidationError", "%s is invalid", in.RoleArn)
		}
		role, err := s.trusting(in.RoleArn, c.Caller)
		if err != nil {
			return nil, err
		}
		valid := time.Hour
		if in.DurationSeconds != nil {
			valid = time.Duration(*in.DurationSeconds) * time.Second
		}
		switch {
		case c.Caller.Role != "" && valid > time.Hour:
			return nil, wire.Sender("ValidationError",
				"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
		case valid > role.MaxSession:
			return nil, wire.Sender("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
		key := s.issue(role, in.RoleSessionName, valid)
		return assumeRoleResult{
			Credentials: credentials{
				AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token, Expiration: key.Expires.UTC().Format(time.RFC3339),
			},
			AssumedRoleUser: assumedRoleUser{Arn: key.Caller.ARN, AssumedRoleID: key.Caller.UserID},
		}, nil
	}
}

// trusting returns a role if its trust policy lets the caller assume it. The answer is the same for a role that does not exist and for one
// that does not trust the caller. It does not reveal which roles exist.
func (s *Service) trusting(arn string, caller wire.Identity) (iam.Role, error) {
	role, found := s.roles.RoleByARN(arn)
	principals := []string{caller.ARN}
	if caller.Role != "" {
		// A trust policy names the role or the session.
		if own, exists := s.roles.Role(caller.Role); exists {
			principals = append(principals, own.ARN)
		}
	}
	for _, principal := range principals {
		if found && role.Trust.Trusts("sts:AssumeRole", principal, caller.Account, nil) {
			return role, nil
		}
	}
	return iam.Role{}, wire.Errorf(403, "AccessDenied",
		"User: %s is not authorized to perform: sts:AssumeRole on resource: %s", caller.ARN, arn)
}
