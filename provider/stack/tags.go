// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The tags that make an object the chain's. An object with our name and without them is somebody else's.
const (
	TagChain     = "qlik-task-chain"
	TagManagedBy = "managed-by"
	TagTenant    = "qlik-tenant"   // so that the chains of the same name of two tenants do not take each other's objects
	TagInstance  = "qlik-instance" // which create made the chain, so that each chain deletes its own objects only
	TagRotation  = "qlik-rotation" // of the API key and the signing secret: for which rotation they were made
	managedBy    = "terraform-provider-qlik"
)

// OwnTags are the keys of the chain's own tags.
var OwnTags = []string{TagChain, TagManagedBy, TagTenant, TagInstance, TagRotation}

// objectName names every object that has no path of its own.
func (s *Stack) objectName() string { return "qlik-task-chain-" + s.chain }

// tags are the chain's own and the user's.
func (s *Stack) tags(want *Spec) map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, want.Tags)
	maps.Copy(tags, s.mark())
	return tags
}

// mark is the chain's own tags. The instance is one of them as soon as it is known.
func (s *Stack) mark() map[string]string {
	mark := s.nameMark()
	if s.instance != "" {
		mark[TagInstance] = s.instance
	}
	return mark
}

// nameMark is the tags that every chain of this name and tenant carries, whichever create made it.
func (s *Stack) nameMark() map[string]string {
	return map[string]string{TagChain: s.chain, TagManagedBy: managedBy, TagTenant: s.TenantID}
}

// userTags are those of an object that are neither the chain's own nor AWS's.
func userTags(tags map[string]string) map[string]string {
	users := map[string]string{}
	for key, value := range tags {
		if !slices.Contains(OwnTags, key) && !strings.HasPrefix(key, "aws:") {
			users[key] = value
		}
	}
	return users
}

// foreign is the refusal to touch an object that has our name and is not ours.
func (s *Stack) foreign(kind, name string) error {
	return &ForeignObjectError{Kind: kind, Name: name, Mark: "the tags " + inWords(s.mark())}
}

// changes tells which entries of a map to set and which to take away, these sorted.
func changes(have, want map[string]string) (set map[string]string, unset []string) {
	set = map[string]string{}
	for key, value := range want {
		if old, ok := have[key]; !ok || old != value {
			set[key] = value
		}
	}
	for _, key := range keys(have) {
		if _, ok := want[key]; !ok {
			unset = append(unset, key)
		}
	}
	return set, unset
}

// tagChanges tells which tags to set and which to take away. Tags of AWS's own are left alone, and that of a rotation, which is a setting
// of its own.
func tagChanges(have, want map[string]string) (set map[string]string, unset []string) {
	have = maps.Clone(have)
	maps.DeleteFunc(have, func(key, _ string) bool { return strings.HasPrefix(key, "aws:") || key == TagRotation })
	return changes(have, want)
}

// tagger is how a service sets an object's tags, and takes them away.
type tagger interface {
	tag(ctx context.Context, set map[string]string) error
	untag(ctx context.Context, keys []string) error
}

// syncTags brings an object's tags to what is wanted. No call is made that has nothing to do.
func (s *Stack) syncTags(ctx context.Context, object tagger, have *map[string]string, want *Spec) error {
	set, unset := tagChanges(*have, s.tags(want))
	if len(set) > 0 {
		if err := object.tag(ctx, set); err != nil {
			return err
		}
	}
	if len(unset) > 0 {
		if err := object.untag(ctx, unset); err != nil {
			return err
		}
	}
	*have = withRotation(s.tags(want), *have)
	return nil
}

// tagList makes a service's list of tags.
func tagList[Tag any](tags map[string]string, one func(key, value *string) Tag) []Tag {
	var list []Tag
	for _, key := range keys(tags) {
		list = append(list, one(aws.String(key), aws.String(tags[key])))
	}
	return list
}

// tagMap reads a service's list of tags.
func tagMap[Tag any](list []Tag, one func(Tag) (key, value *string)) map[string]string {
	tags := map[string]string{}
	for _, tag := range list {
		key, value := one(tag)
		tags[aws.ToString(key)] = aws.ToString(value)
	}
	return tags
}

// diffTags is the difference in one object's tags, in words: those that are the same are left out.
func (s *Stack) diffTags(setting string, have map[string]string, want *Spec) []Difference {
	set, unset := tagChanges(have, s.tags(want))
	if len(set) == 0 && len(unset) == 0 {
		return nil
	}
	changed := append(keys(set), unset...)
	return []Difference{{Setting: setting + ".tags", Have: only(have, changed), Want: only(s.tags(want), changed)}}
}

// only are the entries of a map with these keys, in words.
func only(m map[string]string, keys []string) string {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(key, _ string) bool { return !slices.Contains(keys, key) })
	return inWords(m)
}

// withRotation returns tags with what before says about the rotation.
func withRotation(tags, before map[string]string) map[string]string {
	if rotation := before[TagRotation]; rotation != "" {
		tags[TagRotation] = rotation
	}
	return tags
}

// inWords writes tags in a stable order, for messages.
func inWords(tags map[string]string) string {
	if len(tags) == 0 {
		return "none"
	}
	var words []string
	for _, key := range keys(tags) {
		words = append(words, key+" = "+tags[key])
	}
	return strings.Join(words, ", ")
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
