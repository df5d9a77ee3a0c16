// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// parameter is what the chain's SSM parameters have in common. The types that embed it decide when the value has to be written.
type parameter struct {
	s      *Stack
	suffix string // last part of the name
	title  string
	secret bool // a SecureString; its value is read only where it is needed
	// revisionVariable is the variable of the function's environment that records which write of a secret the function uses.
	revisionVariable string

	seen *types.Parameter // nil when missing
	tags map[string]string
}

// parameterRoot is the beginning of the names of all chains' parameters.
const parameterRoot = "/qlik-task-chain/"

func (c *parameter) path() string { return parameterRoot + c.s.chain + "/" + c.suffix }

func (c *parameter) arn() string {
	return fmt.Sprintf("arn:%s:ssm:%s:%s:parameter%s", c.s.Partition, c.s.Region, c.s.Account, c.path())
}

// revision identifies one write of the value. A version alone is not enough: it starts again at 1 after a deletion. The revision is empty
// when the parameter is missing.
func (c *parameter) revision() string {
	if c.seen == nil {
		return ""
	}
	return fmt.Sprintf("%d-%d", c.seen.Version, aws.ToTime(c.seen.LastModifiedDate).UnixMilli())
}

// revisionInWords returns a revision as readable text. Its time helps to find out who wrote it.
func revisionInWords(revision string) string {
	var version, milliseconds int64
	if _, err := fmt.Sscanf(revision, "%d-%d", &version, &milliseconds); err != nil {
		return orNone(revision)
	}
	return fmt.Sprintf("version %d of %s", version, time.UnixMilli(milliseconds).UTC().Format(time.RFC3339))
}

func (c *parameter) object() string { return c.path() }

// look looks up only this parameter; see definition.find.
func (c *parameter) look(ctx context.Context) error {
	c.seen, c.tags = nil, nil
	out, err := found(c.s.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(c.path())}))
	if out == nil {
		return err
	}
	c.seen = out.Parameter
	return c.findTags(ctx)
}

// listParameters reads the parameters below a path, by name. Secrets stay encrypted.
func listParameters(ctx context.Context, client *ssm.Client, path string) (map[string]types.Parameter, error) {
	list, err := listed(ctx, ssm.NewGetParametersByPathPaginator(client, &ssm.GetParametersByPathInput{
		Path: aws.String(path), Recursive: aws.Bool(true), MaxResults: aws.Int32(10),
	}), func(page *ssm.GetParametersByPathOutput) []types.Parameter { return page.Parameters })
	all := map[string]types.Parameter{}
	for _, found := range list {
		all[aws.ToString(found.Name)] = found
	}
	return all, err
}

// findTags reads the tags of a parameter that was found.
func (c *parameter) findTags(ctx context.Context) error {
	tags, err := found(c.s.SSM.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String(c.path()),
	}))
	if tags == nil {
		c.seen = nil // deleted between the two calls
		return err
	}
	c.tags = tagMap(tags.TagList, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	return nil
}

// decrypt reads the value as clear text.
func (c *parameter) decrypt(ctx context.Context) (string, error) {
	out, err := c.s.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(c.path()), WithDecryption: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Parameter.Value), nil
}

// diffTags compares the tags. For a missing parameter it reports only that it is missing.
func (c *parameter) diffTags(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: c.setting(), Have: missing}}
	}
	return c.s.diffTags(c.setting(), c.tags, want)
}

// given reports whether the function's environment names the existing write of the value.
func (c *parameter) given() bool {
	return c.seen != nil && c.s.function.environment()[c.revisionVariable] == c.revision()
}

// diffSecret also reports that a secret was written outside of Terraform. This is unknown without a function, which is reported as missing
// anyway.
func (c *parameter) diffSecret(want *Spec) []Difference {
	all := c.diffTags(want)
	if c.seen == nil || c.s.function.seen == nil || c.given() {
		return all
	}
	return append(all, Difference{Setting: c.setting() + ".revision", Have: revisionInWords(c.revision()),
		Want: revisionInWords(c.s.function.environment()[c.revisionVariable])})
}

// setting returns the parameter's name in differences.
func (c *parameter) setting() string { return "parameter." + c.suffix }

// ensureTags checks who owns the parameter, and sets its tags. A missing parameter is fine: put creates it next.
func (c *parameter) ensureTags(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		return nil
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("SSM parameter", c.path())
	}
	return c.s.syncTags(ctx, c, &c.tags, want)
}

func parameterTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

func (c *parameter) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.SSM.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String(c.path()), Tags: tagList(set, parameterTag),
	}))
}

func (c *parameter) untag(ctx context.Context, keys []string) error {
	return done(c.s.SSM.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String(c.path()), TagKeys: keys,
	}))
}

// put writes the value, and reads the time of the write.
func (c *parameter) put(ctx context.Context, want *Spec, value string) error {
	version, err := c.write(ctx, want, value)
	if err != nil {
		return err
	}
	return c.readBack(ctx, version)
}

// write writes the value as a new parameter with its tags, or as the next version of an existing one. SSM takes no tags with a new version.
func (c *parameter) write(ctx context.Context, want *Spec, value string) (version int64, err error) {
	input := &ssm.PutParameterInput{
		Name: aws.String(c.path()), Value: aws.String(value), Type: types.ParameterTypeString, Tier: types.ParameterTierStandard,
		Description: aws.String("The " + c.title + " of the task chain " + c.s.chain + "."),
	}
	if c.secret {
		input.Type, input.KeyId = types.ParameterTypeSecureString, aws.String(cmp.Or(want.KMSKeyARN, managedKey))
	}
	if c.seen == nil {
		input.Tags = tagList(c.s.tags(want), parameterTag)
	} else {
		input.Overwrite = aws.Bool(true)
	}
	out, err := c.s.SSM.PutParameter(ctx, input)
	if input.Tags != nil && hasCode(err, "ParameterAlreadyExists") {
		// The SDK has repeated a call after its answer got lost. It does not matter who wrote the value, because it is written once more.
		if err := c.look(ctx); err != nil {
			return 0, err
		}
		if err := c.ensureTags(ctx, want); err != nil {
			return 0, err
		}
		input.Tags, input.Overwrite = nil, aws.Bool(true)
		out, err = c.s.SSM.PutParameter(ctx, input)
	}
	if err != nil {
		return 0, err
	}
	c.tags = withRotation(c.s.tags(want), c.tags)
	return out.Version, nil
}

// managedKey is the key that AWS manages for SecureStrings, free of charge.
const managedKey = "alias/aws/ssm"

// underKey reports whether the function's environment proves that the secret is encrypted with the wanted key. A write with another key has
// another revision.
func (c *parameter) underKey(want *Spec) bool {
	return c.s.function.seen == nil || c.s.function.environment()[chain.EnvSecretsKMSKeyARN] == want.KMSKeyARN
}

// setRotation sets the tag with the rotation that the secret was made for.
func (c *parameter) setRotation(ctx context.Context, rotation string) error {
	if c.tags[TagRotation] == rotation {
		return nil
	}
	var err error
	if rotation == "" {
		err = c.untag(ctx, []string{TagRotation})
	} else {
		err = c.tag(ctx, map[string]string{TagRotation: rotation})
	}
	if err == nil {
		c.tags[TagRotation] = rotation
	}
	return err
}

// errOtherVersion means that SSM returns another version. Parameter Store does not show a write, or a deletion before it, to every reader
// at once.
var errOtherVersion = errors.New("SSM returns another version of the parameter than the last written one")

// readBack reads what put wrote, to get the time of the write.
func (c *parameter) readBack(ctx context.Context, version int64) error {
	passing := func(err error) bool { return errors.Is(err, errOtherVersion) || isNotFound(err) }
	return retry(ctx, propagationTimeout, passing, func(ctx context.Context) error {
		out, err := c.s.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(c.path())})
		if err != nil {
			return err
		}
		if out.Parameter.Version != version {
			return errOtherVersion
		}
		c.seen = out.Parameter
		return nil
	})
}

func (c *parameter) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(c.path())})); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func (c *parameter) ours() bool { return c.seen != nil && c.s.ours(c.tags) }

func (c *parameter) report(state *State) { state.note(c.ours()) }
