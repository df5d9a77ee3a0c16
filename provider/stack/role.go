package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	awspolicy "github.com/hashicorp/awspolicyequivalence"
)

// role is the function's execution role with its one inline policy.
type role struct {
	s      *Stack
	seen   *types.Role // nil when missing
	tags   map[string]string
	policy string // the inline policy's document, empty when missing
}

const inlinePolicyName = "task-chain"

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string `json:",omitempty"`
}

// trustPolicy lets Lambda, and nobody else, use the role.
func trustPolicy() string {
	return document(policyStatement{Effect: "Allow", Principal: map[string]string{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"}})
}

// permissions is all that the function may do in AWS. SecureStrings are encrypted with the account's key aws/ssm, whose own
// policy lets every principal of the account use it by way of SSM; so no statement about KMS is needed
// (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html).
func (c *role) permissions() string {
	return document(
		policyStatement{
			Sid: "OwnLogGroup", Effect: "Allow",
			Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resource: []string{c.s.logGroupARN() + ":*"},
		},
		policyStatement{
			Sid: "OwnParameters", Effect: "Allow",
			Action:   []string{"ssm:GetParameters"},
			Resource: []string{c.s.definition.arn(), c.s.credentials.arn(), c.s.signingSecret.arn()},
		})
}

func document(statements ...policyStatement) string {
	text, err := json.Marshal(policyDocument{Version: "2012-10-17", Statement: statements})
	if err != nil {
		panic(err) // strings and slices of strings always marshal
	}
	return string(text)
}

func (c *role) find(ctx context.Context) error {
	c.seen, c.tags, c.policy = nil, nil, ""
	out, err := c.s.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.s.roleName())})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.seen, c.tags = out.Role, map[string]string{}
	for _, tag := range out.Role.Tags {
		c.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	policy, err := c.s.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: out.Role.RoleName, PolicyName: aws.String(inlinePolicyName)})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.policy, err = url.QueryUnescape(aws.ToString(policy.PolicyDocument)) // IAM returns documents URL-encoded
	return err
}

func (c *role) exists() bool { return c.seen != nil }

// id tells this role from an earlier one of the same name: Lambda's right to decrypt the function's environment is granted to it.
func (c *role) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.RoleId)
}

func (c *role) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "role", Have: missing}}
	}
	var all []Difference
	if trust, err := url.QueryUnescape(aws.ToString(c.seen.AssumeRolePolicyDocument)); err != nil || !samePolicy(trust, trustPolicy()) {
		all = append(all, Difference{Setting: "role.trust_policy", Have: trust, Want: trustPolicy()})
	}
	switch {
	case c.policy == "":
		all = append(all, Difference{Setting: "role.policy", Have: missing})
	case !samePolicy(c.policy, c.permissions()):
		all = append(all, Difference{Setting: "role.policy", Have: c.policy, Want: c.permissions()})
	}
	return append(all, c.s.diffTags("role", c.tags, want)...)
}

func (c *role) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.IAM.CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String(c.s.roleName()), AssumeRolePolicyDocument: aws.String(trustPolicy()),
				Description: aws.String("What the task chain " + c.s.chain + "'s Lambda function may do."), Tags: roleTags(c.s.tags(want)),
			})
			if err != nil {
				return err
			}
			c.seen, c.tags = out.Role, c.s.tags(want)
			c.seen.AssumeRolePolicyDocument = aws.String(url.QueryEscape(trustPolicy()))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("IAM role", c.s.roleName())
	}
	for _, d := range c.diff(want) {
		var err error
		switch d.Setting {
		case "role.trust_policy":
			_, err = c.s.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
				RoleName: c.seen.RoleName, PolicyDocument: aws.String(trustPolicy()),
			})
		case "role.policy":
			_, err = c.s.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: c.seen.RoleName, PolicyName: aws.String(inlinePolicyName), PolicyDocument: aws.String(c.permissions()),
			})
		case "role.tags":
			err = c.setTags(ctx, want)
		}
		if err != nil {
			return err
		}
	}
	c.policy, c.tags = c.permissions(), c.s.tags(want)
	return nil
}

func (c *role) setTags(ctx context.Context, want *Spec) error {
	return c.s.syncTags(c.tags, want, func(set map[string]string) error {
		_, err := c.s.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: c.seen.RoleName, Tags: roleTags(set)})
		return err
	}, func(unset []string) error {
		_, err := c.s.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: c.seen.RoleName, TagKeys: unset})
		return err
	})
}

func roleTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for key, value := range tags {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return list
}

func (c *role) remove(ctx context.Context) error {
	if c.seen == nil || !c.s.ours(c.tags) {
		return nil
	}
	_, err := c.s.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: c.seen.RoleName, PolicyName: aws.String(inlinePolicyName)})
	if err != nil && !isNotFound(err) {
		return err
	}
	c.policy = ""
	_, err = c.s.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: c.seen.RoleName})
	var conflict *types.DeleteConflictException
	if errors.As(err, &conflict) {
		return c.explainConflict(ctx, err)
	}
	if err != nil && !isNotFound(err) {
		return err
	}
	c.seen = nil
	return nil
}

// explainConflict names the policies that somebody else gave the role: they are not ours to take away.
func (c *role) explainConflict(ctx context.Context, cause error) error {
	attached, err := c.s.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: c.seen.RoleName})
	if err != nil {
		return errors.Join(cause, err)
	}
	inline, err := c.s.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: c.seen.RoleName})
	if err != nil {
		return errors.Join(cause, err)
	}
	foreign := inline.PolicyNames
	for _, policy := range attached.AttachedPolicies {
		foreign = append(foreign, aws.ToString(policy.PolicyArn))
	}
	return fmt.Errorf("the role has policies that this chain did not give it: %s. Take them away and destroy again: %w", strings.Join(foreign, ", "), cause)
}

func (c *role) publish(state *State) {
	ours := c.seen != nil && c.s.ours(c.tags)
	state.setPresent("role", ours)
	state.RoleARN = ""
	if ours {
		state.RoleARN = aws.ToString(c.seen.Arn)
	}
}

// samePolicy compares two documents by their meaning: IAM keeps neither spaces nor the order of members, nor the brackets around
// a single value.
func samePolicy(a, b string) bool {
	same, err := awspolicy.PoliciesAreEquivalent(a, b)
	return err == nil && same
}

// roleName holds the region too: roles belong to the whole account, the rest of the stack to a region.
func (s *Stack) roleName() string { return s.objectName() + "-" + s.Region }

// roleARN is known before the role is there.
func (s *Stack) roleARN() string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", s.Partition, s.Account, s.roleName())
}
