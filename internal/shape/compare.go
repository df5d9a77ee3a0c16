// SPDX-License-Identifier: MPL-2.0

package shape

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// class identifies the answers that are compared as one.
type class struct {
	service, operation string
	status             int
	code               string
}

// String returns the status and the code.
func (c class) String() string { return strings.TrimSpace(fmt.Sprintf("%d %s", c.status, c.code)) }

// seen holds all shapes of a class.
type seen struct {
	media   map[string]bool
	headers map[string]bool
	fields  map[string]string
}

// Set is a record, grouped by classes of answers.
type Set map[class]*seen

// Read reads a record of a Recorder.
func Read(name string) (Set, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the caller names it
	if err != nil {
		return nil, fmt.Errorf("reading the record of answers: %w", err)
	}
	set := Set{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() {
		var a Answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("reading the record of answers: %w", err)
		}
		set.add(a)
	}
	return set, lines.Err()
}

func (s Set) add(a Answer) {
	c := class{a.Service, a.Operation, a.Status, a.Code}
	if s[c] == nil {
		s[c] = &seen{media: map[string]bool{}, headers: map[string]bool{}, fields: map[string]string{}}
	}
	s[c].media[a.Media] = true
	for _, header := range a.Headers {
		s[c].headers[header] = true
	}
	for path, kind := range a.Fields {
		s[c].fields[path] = union(s[c].fields[path], kind)
	}
}

// Operations counts the operations of each service.
func (s Set) Operations() map[string]int {
	operations := map[string]map[string]bool{}
	for c := range s {
		if operations[c.service] == nil {
			operations[c.service] = map[string]bool{}
		}
		operations[c.service][c.operation] = true
	}
	counts := map[string]int{}
	for service, names := range operations {
		counts[service] = len(names)
	}
	return counts
}

// Refusal is an answer without success.
type Refusal struct {
	Service, Operation string
	Status             int
	Code               string
}

// Refusals returns the record's answers without success, in order.
func (s Set) Refusals() []Refusal {
	var all []Refusal
	for c := range s {
		if c.status == 0 || c.status >= 400 {
			all = append(all, Refusal{c.service, c.operation, c.status, c.code})
		}
	}
	slices.SortFunc(all, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.Code, b.Code))
	})
	return all
}

// Kind is the kind of a difference between two records.
type Kind string

// The kinds, the most important first.
const (
	OtherAnswer       Kind = "other status or error code"
	OtherType         Kind = "other type"
	OtherMedia        Kind = "other media type"
	MissingInReality  Kind = "missing in reality"
	MissingInSandbox  Kind = "missing in the sandbox"
	HeaderReality     Kind = "header missing in reality"
	HeaderSandbox     Kind = "header missing in the sandbox"
	OnlySandboxAnswer Kind = "answered so in the sandbox only"
	OnlyReality       Kind = "called in reality only"
	OnlySandbox       Kind = "called in the sandbox only"
)

// Kinds lists all kinds.
var Kinds = []Kind{
	OtherAnswer, OtherType, OtherMedia, MissingInReality, MissingInSandbox, HeaderReality, HeaderSandbox, OnlySandboxAnswer, OnlyReality,
	OnlySandbox,
}

// Difference is one difference between reality and the sandbox.
type Difference struct {
	Kind               Kind
	Service, Operation string
	Answer             string // 400 ValidationException
	What               string // the field, and the types
}

// Compare returns the differences between a record of reality and one of the sandbox.
func Compare(reality, sandbox Set) []Difference {
	var all []Difference
	for c, here := range reality {
		add := func(kind Kind, what string) {
			all = append(all, Difference{kind, c.service, c.operation, c.String(), what})
		}
		there, both := sandbox[c]
		switch {
		case both:
			compareSeen(here, there, add)
		case sandbox.calls(c):
			add(OtherAnswer, "the sandbox answers: "+sandbox.answers(c))
		default:
			add(OnlyReality, "")
		}
	}
	for c := range sandbox {
		switch {
		case reality[c] != nil:
		case reality.calls(c):
			all = append(all, Difference{OnlySandboxAnswer, c.service, c.operation, c.String(), "reality answers: " + reality.answers(c)})
		default:
			all = append(all, Difference{OnlySandbox, c.service, c.operation, c.String(), ""})
		}
	}
	slices.SortFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Answer, b.Answer), cmp.Compare(a.What, b.What))
	})
	return all
}

// calls reports whether the operation of a class was called at all.
func (s Set) calls(c class) bool { return s.answers(c) != "" }

// answers lists the answers to the operation of a class.
func (s Set) answers(c class) string {
	var all []string
	for other := range s {
		if other.service == c.service && other.operation == c.operation {
			all = append(all, other.String())
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func compareSeen(reality, sandbox *seen, add func(Kind, string)) {
	if here, there := join(reality.media), join(sandbox.media); here != there {
		add(OtherMedia, fmt.Sprintf("%s, in the sandbox %s", here, there))
	}
	for _, header := range missing(sandbox.headers, reality.headers) {
		add(HeaderReality, header)
	}
	for _, header := range missing(reality.headers, sandbox.headers) {
		add(HeaderSandbox, header)
	}
	for path, here := range reality.fields {
		if there, found := sandbox.fields[path]; found && here != there {
			add(OtherType, fmt.Sprintf("%s: %s, in the sandbox %s", path, here, there))
		}
	}
	for _, path := range missing(reality.fields, sandbox.fields) {
		if reportable(path, sandbox.fields) {
			add(MissingInSandbox, path+": "+reality.fields[path])
		}
	}
	for _, path := range missing(sandbox.fields, reality.fields) {
		if reportable(path, reality.fields) {
			add(MissingInReality, path+": "+sandbox.fields[path])
		}
	}
}

// reportable reports whether a missing path is a difference: the parent is there and could have it, and the path is a field. Elements of a
// list and keys of a map may be missing.
func reportable(path string, others map[string]string) bool {
	if path == root {
		return true
	}
	if strings.HasSuffix(path, inList) || strings.HasSuffix(path, anyKey) || strings.HasSuffix(path, ".member") {
		return false
	}
	parent := others[path[:strings.LastIndexByte(path, '.')]]
	return strings.Contains(parent, typeObject) || strings.Contains(parent, typeElement)
}

func missing[V any](here, there map[string]V) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(here)) {
		if _, found := there[key]; !found {
			all = append(all, key)
		}
	}
	return all
}

func join(set map[string]bool) string {
	keys := slices.Sorted(maps.Keys(set))
	for i, key := range keys {
		keys[i] = cmp.Or(key, "none")
	}
	return strings.Join(keys, " or ")
}

// Answered reports whether an operation ever got an answer with this status.
func (s Set) Answered(operation string, status int) bool {
	for c := range s {
		if c.operation == operation && c.status == status {
			return true
		}
	}
	return false
}
