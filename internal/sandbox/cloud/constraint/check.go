// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// violation is one constraint that a request does not meet.
type violation struct {
	path    string // as AWS writes it: target.roleArn, tags.1.member.key
	value   string // in quotes, or null
	wrong   string // the value, or the key of a map, that breaks the rule
	rule    string // Member must not be null
	missing bool
	member  string // the name of the member at the top
}

func (v violation) String() string {
	return "Value " + v.value + " at '" + v.path + "' failed to satisfy constraint: " + v.rule
}

// checker collects the violations of one request.
type checker struct {
	violations []violation
	faults     []fault
	member     string
}

// check checks a value against a shape. The value is a JSON value with numbers as json.Number; nil means that it is missing.
func (c *checker) check(s *shape, value any, path string) {
	switch {
	case s == nil || value == nil || s.Type == "":
		return
	case s.Type == "structure":
		c.structure(s, value, path)
		return
	case !s.fits(value):
		c.fault(path, "a value of the type "+s.Type, value)
		return
	}
	for _, rule := range s.broken(value) {
		c.add(path, value, value, rule)
	}
	c.entries(s, value, path)
}

// entries checks the entries of a list or a map. AWS reports an entry that is a single value or a list at the path of the whole. It names
// all rules for such an entry.
func (c *checker) entries(s *shape, value any, path string) {
	switch whole := value.(type) {
	case []any:
		for i, entry := range whole {
			c.entry(s.element, entry, path+"."+strconv.Itoa(i+1)+".member", func() {
				c.add(path, entry, whole, "Member must satisfy constraint: "+s.element.all())
			})
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(whole)) {
			if s.key != nil && len(s.key.broken(key)) > 0 {
				c.add(path, key, whole, "Map keys must satisfy constraint: "+s.key.all())
			}
			c.entry(s.element, whole[key], path+"."+key+".member", func() {
				c.add(path, whole[key], whole, "Map value must satisfy constraint: "+s.element.all())
			})
		}
	}
}

// entry checks one entry of a list or a map. It calls report if the entry breaks its rules.
func (c *checker) entry(s *shape, value any, path string, report func()) {
	if s == nil || s.Type == "" || s.Type == "structure" || value == nil || !s.fits(value) {
		c.check(s, value, path)
		return
	}
	if len(s.broken(value)) > 0 {
		report()
	}
	c.entries(s, value, path)
}

func (c *checker) structure(s *shape, value any, path string) {
	fields, ok := value.(map[string]any)
	if !ok {
		c.fault(path, "an object", value)
		return
	}
	for _, name := range s.Required {
		if fields[name] == nil {
			if path == "" {
				c.member = name
			}
			c.violations = append(c.violations, violation{
				path: join(path, name), value: "null", rule: "Member must not be null", missing: true, member: c.member,
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := s.fields[name]
		if path == "" {
			c.member = name
		}
		if field == nil {
			if len(s.fields) > 0 {
				c.faults = append(c.faults, fault{join(path, name), "AWS's model has no such member"})
			}
			continue
		}
		c.check(field, fields[name], join(path, name))
	}
}

// add records a broken rule at a path. wrong is the part that breaks it; value is the whole value that AWS shows.
func (c *checker) add(path string, wrong, value any, rule string) {
	v := violation{path: path, wrong: inWords(wrong), value: "'" + inWords(value) + "'", rule: rule, member: c.member}
	c.violations = append(c.violations, v)
}

func (c *checker) fault(path, what string, value any) {
	c.faults = append(c.faults, fault{path, fmt.Sprintf("%s is not %s", inWords(value), what)})
}

// fits reports whether a value is of a type other than a structure.
func (s *shape) fits(value any) bool {
	switch s.Type {
	case "list":
		_, ok := value.([]any)
		return ok
	case "map":
		_, ok := value.(map[string]any)
		return ok
	case "integer", "long":
		number, ok := value.(json.Number)
		if !ok {
			return false
		}
		f, err := number.Float64()
		return err == nil && f == float64(int64(f))
	case "double":
		_, ok := value.(json.Number)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	default:
		_, ok := value.(string)
		return ok
	}
}

// broken returns the rules that a value of the right type breaks, in AWS's words. It does not check the entries of a list or a map.
func (s *shape) broken(value any) []string {
	var n float64
	switch v := value.(type) {
	case []any:
		n = float64(len(v))
	case map[string]any:
		n = float64(len(v))
	case json.Number:
		n, _ = v.Float64() // fits has read it
	case string:
		n = float64(utf8.RuneCountInString(v))
	}
	var rules []string
	if s.Max != nil && n > *s.Max {
		rules = append(rules, s.most())
	}
	if s.Min != nil && n < *s.Min {
		rules = append(rules, s.least())
	}
	text, isText := value.(string)
	if isText && s.Pattern != "" && !s.pattern.match(text) {
		rules = append(rules, s.likePattern())
	}
	if isText && len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		rules = append(rules, s.oneOf())
	}
	return rules
}

// all returns the rules for a value, as AWS lists them.
func (s *shape) all() string {
	var rules []string
	if s.Max != nil {
		rules = append(rules, s.most())
	}
	if s.Min != nil {
		rules = append(rules, s.least())
	}
	if s.Pattern != "" {
		rules = append(rules, s.likePattern())
	}
	if len(s.Enum) > 0 {
		rules = append(rules, s.oneOf())
	}
	return "[" + strings.Join(rules, ", ") + "]"
}

func (s *shape) most() string {
	return "Member must have " + s.measure() + " less than or equal to " + number(*s.Max)
}

func (s *shape) least() string {
	return "Member must have " + s.measure() + " greater than or equal to " + number(*s.Min)
}

func (s *shape) likePattern() string {
	return "Member must satisfy regular expression pattern: " + s.Pattern
}

func (s *shape) oneOf() string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

// measure returns what a minimum and a maximum count.
func (s *shape) measure() string {
	switch s.Type {
	case "integer", "long", "double":
		return "value"
	}
	return "length"
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// join appends a member's name to a path. As in AWS's messages, the name begins with a lower-case letter.
func join(path, name string) string {
	first, size := utf8.DecodeRuneInString(name)
	name = string(unicode.ToLower(first)) + name[size:]
	if path == "" {
		return name
	}
	return path + "." + name
}

// maxWords keeps an error readable when the value is long.
const maxWords = 300

func inWords(value any) string {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case []any, map[string]any:
		encoded, err := json.Marshal(v)
		if err != nil {
			panic(err) // it was read from JSON
		}
		text = string(encoded)
	default:
		text = fmt.Sprint(v)
	}
	if utf8.RuneCountInString(text) > maxWords {
		text = string([]rune(text)[:maxWords]) + "…"
	}
	return text
}

// inOrder sorts violations in a stable order and removes duplicates.
func inOrder(violations []violation) []violation {
	slices.SortStableFunc(violations, func(a, b violation) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.rule, b.rule)) })
	return slices.CompactFunc(violations, func(a, b violation) bool { return a.path == b.path && a.rule == b.rule })
}
