// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// members maps a meaning to the names of its members, in the form of spelled.
var members = map[string][]string{
	"id": {"appid", "id", "guid"}, "name": {"name", "appname", "title"}, "chain": {"chain", "chains", "next"},
	"condition": {"condition", "when", "on"}, "success": {"onsuccess", "success"}, "failure": {"onfailure", "failure", "onfail", "fail"},
	"completion": {"oncompletion", "completion", "always"},
	"enabled":    {"enabled"}, "partial": {"partial", "partialreload"}, "weight": {"weight"}, "delay": {"delay"}, "variables": {"variables"},
	"schedule": {"schedule", "cron"}, "retries": {"retries"},
}

// spelled returns a word without the differences in spelling between files.
func spelled(word string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
}

// object reads an object, and remembers which members were read.
type object struct {
	members map[string]any
	read    map[string]bool
}

func newObject(members map[string]any) *object {
	return &object{members, map[string]bool{}}
}

func (o *object) keys() []string { return slices.Sorted(maps.Keys(o.members)) }

// value returns the value of a member, by any of its names.
func (o *object) value(what string) (any, bool) {
	for _, name := range members[what] {
		for _, key := range o.keys() {
			if spelled(key) == name {
				o.read[key] = true
				return o.members[key], true
			}
		}
	}
	return nil, false
}

// text returns a member if it is a text. Another value stays unread.
func (o *object) text(what string) string {
	for _, name := range members[what] {
		for _, key := range o.keys() {
			if text, ok := o.members[key].(string); ok && spelled(key) == name {
				o.read[key] = true
				return strings.TrimSpace(text)
			}
		}
	}
	return ""
}

// left returns the names of the relevant members that were not read.
func (o *object) left() (plain, functions []string) {
	for _, key := range o.keys() {
		value := o.members[key]
		inner, isObject := value.(map[string]any)
		list, isList := value.([]any)
		switch {
		case o.read[key], value == nil, value == "", isList && len(list) == 0, isObject && len(inner) == 0:
		case function(value):
			functions = append(functions, key)
		default:
			plain = append(plain, key)
		}
	}
	return plain, functions
}

// function reports whether a value represents a function: export-apps.mjs marks those.
func function(value any) bool {
	members, _ := value.(map[string]any)
	_, is := members["$function"]
	return is
}

// short returns the beginning of a value.
func short(value any) string {
	text := []rune(fmt.Sprint(value))
	if len(text) > 80 {
		return string(text[:80]) + "…"
	}
	return string(text)
}
