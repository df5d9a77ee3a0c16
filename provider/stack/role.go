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

// role is what the chain's two IAM roles have in common: who may use it, and one inline policy with all that it may do.
type role struct {
	s           *Stack
	setting     string // its name in differences
	name        string
	description string
	trust       string                  // who may use it
	permissions func(want *Spec) string // what it may do

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
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

func document(statements ...policyStatement) string {
	text, err := json.Marshal(policyDocument{Version: "2012-10-17", Statement: statements})
	if err != nil {
		panic(err) // strings and maps of strings always marshal
	}
	return string(text)
}

// equals is a condition on one key.
func equals(key, value string) map[string]map[string]string {
	return map[string]map[string]string{"StringEquals": {key: value}}
}

// arn is known before the role is there.
func (c *role) arn() string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", c.s.Partition, c.s.Account, c.name)
}

func (c *role) find(ctx context.Context) error {
	c.seen, c.tags, c.policy = nil, nil, ""
	out, err := c.s.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.name)})
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

// id tells this role from an earlier one of the same name.
func (c *role) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.RoleId)
}

func (c *role) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: c.setting, Have: missing}}
	}
	var all []Difference
	if trust, err := url.QueryUnescape(aws.ToString(c.seen.AssumeRolePolicyDocument)); err != nil || !samePolicy(trust, c.trust) {
		all = append(all, Difference{Setting: c.setting + ".trust_policy", Have: trust, Want: c.trust})
	}
	switch permissions := c.permissions(want); {
	case c.policy == "":
		all = append(all, Difference{Setting: c.setting + ".policy", Have: missing})
	case !samePolicy(c.policy, permissions):
		all = append(all, Difference{Setting: c.setting + ".policy", Have: c.policy, Want: permissions})
	}
	return append(all, c.s.diffTags(c.setting, c.tags, want)...)
}

func (c *role) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.IAM.CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String(c.name), AssumeRolePolicyDocument: aws.String(c.trust),
				Description: aws.String(c.description), Tags: roleTags(c.s.tags(want)),
			})
			if err != nil {
				return err
			}
			c.seen, c.tags = out.Role, c.s.tags(want)
			c.seen.AssumeRolePolicyDocument = aws.String(url.QueryEscape(c.trust))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("IAM role", c.name)
	}
	for _, d := range c.diff(want) {
		var err error
		switch d.Setting {
		case c.setting + ".trust_policy":
			_, err = c.s.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
				RoleName: c.seen.RoleName, PolicyDocument: aws.String(c.trust),
			})
		case c.setting + ".policy":
			_, err = c.s.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: c.seen.RoleName, PolicyName: aws.String(inlinePolicyName), PolicyDocument: aws.String(c.permissions(want)),
			})
		case c.setting + ".tags":
			err = c.setTags(ctx, want)
		}
		if err != nil {
			return err
		}
	}
	c.policy, c.tags = c.permissions(want), c.s.tags(want)
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
	state.setPresent(c.setting, c.seen != nil && c.s.ours(c.tags))
}

// samePolicy compares two documents by their meaning: IAM keeps neither spaces nor the order of members, nor the brackets around
// a single value.
func samePolicy(a, b string) bool {
	same, err := awspolicy.PoliciesAreEquivalent(a, b)
	return err == nil && same
}
