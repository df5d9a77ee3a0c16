// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"sort"
	"strings"
)

// Tag is one tag of a resource, as SSM and IAM write it.
type Tag struct {
	Key   string
	Value string
}

// Tags are the tags of a resource.
type Tags map[string]string

// Change adds tags, if the rules allow them, and removes others. refuse returns the error of a service.
func (t Tags) Change(add []Tag, remove []string, refuse func(format string, args ...any) *Error) error {
	if problem := CheckTags(t, add); problem != "" {
		return refuse("%s", problem)
	}
	t.Put(add)
	t.Remove(remove)
	return nil
}

// Put adds tags, or changes the values of existing ones.
func (t Tags) Put(tags []Tag) {
	for _, tag := range tags {
		t[tag.Key] = tag.Value
	}
}

// Remove removes tags. Missing keys are not an error.
func (t Tags) Remove(keys []string) {
	for _, key := range keys {
		delete(t, key)
	}
}

// List returns the tags sorted by key.
func (t Tags) List() []Tag {
	list := make([]Tag, 0, len(t))
	for key, value := range t {
		list = append(list, Tag{Key: key, Value: value})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list
}

// maxTags is the maximum number of tags of a resource.
const maxTags = 50

// CheckTags checks tags against the rules that all services share: at most 50 on a resource, no duplicate keys. Keys have 1 to 128
// characters and do not begin with "aws:", values have at most 256. It returns the problem, or "". Source: AWS General Reference, "Tag
// naming limits and requirements".
func CheckTags(present Tags, add []Tag) string {
	seen := map[string]bool{}
	total := len(present)
	for _, tag := range add {
		key := []rune(tag.Key)
		switch {
		case len(key) == 0 || len(key) > 128:
			return "Tag keys must have 1 to 128 characters."
		case len([]rune(tag.Value)) > 256:
			return "Tag values must have at most 256 characters."
		case strings.HasPrefix(strings.ToLower(tag.Key), "aws:"):
			return "Tag keys beginning with aws: are reserved for system use."
		case seen[tag.Key]:
			return "Duplicate tag keys found: " + tag.Key + "."
		}
		seen[tag.Key] = true
		if _, there := present[tag.Key]; !there {
			total++
		}
	}
	if total > maxTags {
		return "A resource can have at most 50 tags."
	}
	return ""
}

// Each returns permissions for an action on each of the objects.
func Each(action string, objects ...string) []Permission {
	var needed []Permission
	for _, object := range objects {
		needed = append(needed, Permission{Action: action, Resource: object})
	}
	return needed
}
