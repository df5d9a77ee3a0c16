// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// These tags make an object the chain's. An object with the chain's name and without the tags belongs to another owner.
const (
	TagChain     = "qlik-task-chain"
	TagManagedBy = "managed-by"
	TagTenant    = "qlik-tenant"   // keeps the chains of the same name of two tenants from taking each other's objects
	TagInstance  = "qlik-instance" // the create that made the chain, so that each chain deletes its own objects only
	TagRotation  = "qlik-rotation" // of the API key and the signing secret: the rotation that they were made for
	managedBy    = "terraform-provider-qlik"
)

// OwnTags are the keys of the chain's own tags.
var OwnTags = []string{TagChain, TagManagedBy, TagTenant, TagInstance, TagRotation}

// objectName returns the name of every object that has no path of its own.
func (s *Stack) objectName() string { return "qlik-task-chain-" + s.chain }

// tags returns the chain's own tags and the user's.
func (s *Stack) tags(want *Spec) map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, want.Tags)
	maps.Copy(tags, s.mark())
	return tags
}

// mark returns the chain's own tags. The instance is one of them as soon as it is known.
func (s *Stack) mark() map[string]string {
	mark := s.nameMark()
	if s.instance != "" {
		mark[TagInstance] = s.instance
	}
	return mark
}

// nameMark returns the tags that every chain of this name and tenant has, from any create.
func (s *Stack) nameMark() map[string]string {
	return map[string]string{TagChain: s.chain, TagManagedBy: managedBy, TagTenant: s.TenantID}
}

// userTags returns the tags of an object that are neither the chain's own nor AWS's.
func userTags(tags map[string]string) map[string]string {
	users := map[string]string{}
	for key, value := range tags {
		if !slices.Contains(OwnTags, key) && !strings.HasPrefix(key, "aws:") {
			users[key] = value
		}
	}
	return users
}

// oursByTagsOr reports whether an object with these tags is the chain's. The function does not vouch for it, because it may be created long
// after the function. recognized says whether it is known as the chain's in another way, for an object without its tags.
func (s *Stack) oursByTagsOr(tags map[string]string, recognized bool) bool {
	if _, tagged := tags[TagChain]; tagged {
		return s.owns(tags) || s.carriesName(tags) && tags[TagInstance] == ""
	}
	return !s.isAnothers(tags) && recognized
}

// foreign returns the error that an object has the chain's name and is not the chain's.
func (s *Stack) foreign(kind, name string) error {
	return &ForeignObjectError{Kind: kind, Name: name, Mark: "the tags " + inWords(s.mark())}
}

// changes returns which entries of a map to set and which to remove. The removals are sorted.
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

// tagChanges returns which tags to set and which to remove. It ignores AWS's own tags, and the tag of a rotation, which is a separate
// setting.
func tagChanges(have, want map[string]string) (set map[string]string, unset []string) {
	have = maps.Clone(have)
	maps.DeleteFunc(have, func(key, _ string) bool { return strings.HasPrefix(key, "aws:") || key == TagRotation })
	return changes(have, want)
}

// tagger sets and removes an object's tags in a service.
type tagger interface {
	tag(ctx context.Context, set map[string]string) error
	untag(ctx context.Context, keys []string) error
}

// syncTags changes an object's tags to the wanted ones. It makes no call that would change nothing.
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

// tagList converts tags to a service's list.
func tagList[Tag any](tags map[string]string, one func(key, value *string) Tag) []Tag {
	var list []Tag
	for _, key := range keys(tags) {
		list = append(list, one(aws.String(key), aws.String(tags[key])))
	}
	return list
}

// tagMap converts a service's list to tags.
func tagMap[Tag any](list []Tag, one func(Tag) (key, value *string)) map[string]string {
	tags := map[string]string{}
	for _, tag := range list {
		key, value := one(tag)
		tags[aws.ToString(key)] = aws.ToString(value)
	}
	return tags
}

// diffTags returns the difference in one object's tags, in words. Equal tags are left out.
func (s *Stack) diffTags(setting string, have map[string]string, want *Spec) []Difference {
	set, unset := tagChanges(have, s.tags(want))
	if len(set) == 0 && len(unset) == 0 {
		return nil
	}
	changed := append(keys(set), unset...)
	return []Difference{{Setting: setting + ".tags", Have: only(have, changed), Want: only(s.tags(want), changed)}}
}

// only describes the entries of a map that have these keys.
func only(m map[string]string, keys []string) string {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(key, _ string) bool { return !slices.Contains(keys, key) })
	return inWords(m)
}

// withRotation returns tags with the tag of the rotation that before has.
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
