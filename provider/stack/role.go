// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// role is what the chain's two IAM roles have in common: a trust policy, and one inline policy with all permissions.
type role struct {
	s           *Stack
	setting     string // its name in differences
	name        string
	description string
	trust       string                  // who may use it
	permissions func(want *Spec) string // what it may do
	meanwhile   func(want *Spec) string // what it may do until the other components are as wanted; nil for the same

	seen     *types.Role // nil when missing
	tags     map[string]string
	policy   string   // the inline policy's document, empty when missing
	attached []string // ARNs of managed policies; the chain attaches none
	inline   []string // names of inline policies that are not the chain's
}

const inlinePolicyName = "task-chain"

// arn returns the role's ARN, also before the role exists.
func (c *role) arn(want *Spec) string {
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", c.s.Partition, c.s.Account, want.RolePath, c.name)
}

func (c *role) object() string { return c.name }

func (c *role) find(ctx context.Context) error {
	c.seen, c.tags, c.policy, c.attached, c.inline = nil, nil, "", nil, nil
	out, err := found(c.s.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.name)}))
	if out == nil {
		return err
	}
	c.seen, c.tags = out.Role, tagMap(out.Role.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if c.s.brief {
		return nil
	}
	return inParallel(ctx, c.findAttached, c.findInline, c.findPolicy)
}

// findPolicy reads the role's inline policy that belongs to the chain.
func (c *role) findPolicy(ctx context.Context) error {
	policy, err := found(c.s.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(c.name),
		PolicyName: aws.String(inlinePolicyName)}))
	if policy == nil {
		return err
	}
	c.policy, err = url.QueryUnescape(aws.ToString(policy.PolicyDocument)) // IAM returns documents URL-encoded
	return err
}

// findAttached reads the ARNs of the policies that are attached to the role.
func (c *role) findAttached(ctx context.Context) error {
	pages := iam.NewListAttachedRolePoliciesPaginator(c.s.IAM.listAttached, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(c.name)})
	policies, err := listed(ctx, pages, func(page *iam.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return page.AttachedPolicies })
	c.attached = nil
	for _, policy := range policies {
		c.attached = append(c.attached, aws.ToString(policy.PolicyArn))
	}
	return gone(policies, err)
}

// findInline reads the names of the role's other inline policies.
func (c *role) findInline(ctx context.Context) error {
	pages := iam.NewListRolePoliciesPaginator(c.s.IAM.listInline, &iam.ListRolePoliciesInput{RoleName: aws.String(c.name)})
	names, err := listed(ctx, pages, func(page *iam.ListRolePoliciesOutput) []string { return page.PolicyNames })
	c.inline = slices.DeleteFunc(names, func(name string) bool { return name == inlinePolicyName })
	return gone(names, err)
}

// boundary returns the ARN of the role's permissions boundary, empty for none.
func (c *role) boundary() string {
	if c.seen == nil || c.seen.PermissionsBoundary == nil {
		return ""
	}
	return aws.ToString(c.seen.PermissionsBoundary.PermissionsBoundaryArn)
}

func (c *role) exists() bool { return c.seen != nil }

// id distinguishes this role from an earlier one of the same name.
func (c *role) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.RoleId)
}

func (c *role) diff(want *Spec) []Difference { return c.diffTo(want, c.permissions(want)) }

// diffTo returns the differences from want, with these permissions as the wanted ones.
func (c *role) diffTo(want *Spec, permissions string) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: c.setting, Have: missing}}
	}
	var all []Difference
	all = append(all, unequal(c.setting+".", []Difference{
		{"path", aws.ToString(c.seen.Path), want.RolePath},
		{"description", aws.ToString(c.seen.Description), c.description},
		{"max_session_duration", seconds(c.seen.MaxSessionDuration), seconds(nil)},
		{"permissions_boundary", orNone(c.boundary()), orNone(want.PermissionsBoundaryARN)},
		{"attached_policies", orNone(strings.Join(c.attached, ", ")), orNone("")},
		{"inline_policies", orNone(strings.Join(c.inline, ", ")), orNone("")},
	})...)
	if trust, err := url.QueryUnescape(aws.ToString(c.seen.AssumeRolePolicyDocument)); err != nil || !samePolicy(trust, c.trust) {
		have, wanted := differing(trust, c.trust)
		all = append(all, Difference{Setting: c.setting + ".trust_policy", Have: have, Want: wanted})
	}
	switch {
	case c.policy == "":
		all = append(all, Difference{Setting: c.setting + ".policy", Have: missing})
	case !samePolicy(c.policy, permissions):
		have, wanted := differing(c.policy, permissions)
		all = append(all, Difference{Setting: c.setting + ".policy", Have: have, Want: wanted})
	}
	return append(all, c.s.diffTags(c.setting, c.tags, want)...)
}

// seconds formats a role's longest session. IAM's default is used when there is no value.
func seconds(n *int32) string {
	if n == nil {
		return strconv.Itoa(maxSessionSeconds)
	}
	return strconv.Itoa(int(*n))
}

// maxSessionSeconds is IAM's default for every role.
const maxSessionSeconds = 60 * 60

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func (c *role) ensure(ctx context.Context, want *Spec) error {
	if c.seen != nil && c.s.ours(c.tags) && aws.ToString(c.seen.Path) != want.RolePath {
		// A role's path cannot be changed. A role with this name in another path blocks the wanted one.
		if err := errors.Join(c.takeOthersAway(ctx), c.remove(ctx)); err != nil {
			return err
		}
	}
	if c.seen == nil {
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.IAM.CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String(c.name), Path: aws.String(want.RolePath), AssumeRolePolicyDocument: aws.String(c.trust),
				Description: aws.String(c.description), PermissionsBoundary: setOrNil(want.PermissionsBoundaryARN),
				Tags: tagList(c.s.tags(want), roleTag),
			})
			if err != nil {
				return err
			}
			c.seen, c.tags, c.policy = out.Role, c.s.tags(want), ""
			c.seen.AssumeRolePolicyDocument, c.seen.Description = aws.String(url.QueryEscape(c.trust)), aws.String(c.description)
			c.setBoundary(want.PermissionsBoundaryARN)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("IAM role", c.name)
	}
	permissions := c.permissions(want)
	if c.meanwhile != nil {
		permissions = c.meanwhile(want)
	}
	for _, d := range c.diffTo(want, permissions) {
		var err error
		switch d.Setting {
		case c.setting + ".permissions_boundary": // first: the deploying identity may be allowed to change only roles with the boundary
			err = c.ensureBoundary(ctx, want)
		case c.setting + ".description", c.setting + ".max_session_duration":
			err = c.updateSettings(ctx)
		case c.setting + ".attached_policies", c.setting + ".inline_policies":
			err = c.takeOthersAway(ctx)
		case c.setting + ".trust_policy":
			_, err = c.s.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
				RoleName: c.seen.RoleName, PolicyDocument: aws.String(c.trust),
			})
			c.seen.AssumeRolePolicyDocument = aws.String(url.QueryEscape(c.trust))
		case c.setting + ".policy":
			err = c.putPolicy(ctx, permissions)
		case c.setting + ".tags":
			err = c.s.syncTags(ctx, c, &c.tags, want)
		}
		if err != nil {
			return err
		}
	}
	c.policy, c.tags = permissions, c.s.tags(want)
	return nil
}

// putPolicy writes the chain's inline policy. IAM takes a while to show a new role to this call.
func (c *role) putPolicy(ctx context.Context, permissions string) error {
	return retry(ctx, propagationTimeout, isNotFound, func(ctx context.Context) error {
		return done(c.s.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: c.seen.RoleName, PolicyName: aws.String(inlinePolicyName), PolicyDocument: aws.String(permissions),
		}))
	})
}

func setOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return aws.String(text)
}

func (c *role) setBoundary(arn string) {
	c.seen.PermissionsBoundary = nil
	if arn != "" {
		c.seen.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(arn)}
	}
}

func (c *role) ensureBoundary(ctx context.Context, want *Spec) error {
	var err error
	if want.PermissionsBoundaryARN == "" {
		_, err = c.s.IAM.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: c.seen.RoleName})
	} else {
		_, err = c.s.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: c.seen.RoleName, PermissionsBoundary: aws.String(want.PermissionsBoundaryARN),
		})
	}
	if err == nil {
		c.setBoundary(want.PermissionsBoundaryARN)
	}
	return err
}

// updateSettings sets the description and the longest session in one call, unless both are as wanted.
func (c *role) updateSettings(ctx context.Context) error {
	if aws.ToString(c.seen.Description) == c.description && seconds(c.seen.MaxSessionDuration) == seconds(nil) {
		return nil
	}
	_, err := c.s.IAM.UpdateRole(ctx, &iam.UpdateRoleInput{
		RoleName: c.seen.RoleName, Description: aws.String(c.description), MaxSessionDuration: aws.Int32(maxSessionSeconds),
	})
	if err == nil {
		c.seen.Description, c.seen.MaxSessionDuration = aws.String(c.description), nil
	}
	return err
}

// takeOthersAway removes the policies that do not belong to the chain from the role.
func (c *role) takeOthersAway(ctx context.Context) error {
	for _, arn := range c.attached {
		if err := gone(c.s.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: c.seen.RoleName,
			PolicyArn: aws.String(arn)})); err != nil {
			return err
		}
	}
	for _, name := range c.inline {
		if err := gone(c.s.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: c.seen.RoleName,
			PolicyName: aws.String(name)})); err != nil {
			return err
		}
	}
	c.attached, c.inline = nil, nil
	return nil
}

func roleTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

func (c *role) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: c.seen.RoleName, Tags: tagList(set, roleTag)}))
}

func (c *role) untag(ctx context.Context, keys []string) error {
	return done(c.s.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: c.seen.RoleName, TagKeys: keys}))
}

func (c *role) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: c.seen.RoleName,
		PolicyName: aws.String(inlinePolicyName)})); err != nil {
		return err
	}
	c.policy = ""
	// IAM takes a while to show the deletion of the policy to DeleteRole. Only a lasting conflict is caused by other policies.
	err := retry(ctx, propagationTimeout, isDeleteConflict, func(ctx context.Context) error {
		return done(c.s.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: c.seen.RoleName}))
	})
	if isDeleteConflict(err) {
		return c.explainConflict(ctx, err)
	}
	if err != nil && !isNotFound(err) {
		return err
	}
	c.seen = nil
	return nil
}

func isDeleteConflict(err error) bool { return hasCode(err, "DeleteConflict") }

// explainConflict names the role's policies that do not belong to the chain. The provider must not remove them.
func (c *role) explainConflict(ctx context.Context, cause error) error {
	if err := errors.Join(c.findAttached(ctx), c.findInline(ctx)); err != nil {
		return errors.Join(cause, err)
	}
	return fmt.Errorf("the role has policies that this chain did not give it: %s. Take them away and destroy again: %w",
		strings.Join(append(c.attached, c.inline...), ", "), cause)
}

func (c *role) ours() bool { return c.seen != nil && c.s.ours(c.tags) }

func (c *role) report(state *State) { state.note(c.ours()) }
