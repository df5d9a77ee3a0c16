// SPDX-License-Identifier: MPL-2.0

// Package constraint checks requests against the constraints of AWS's own API models: required members, types, enumerations, lengths,
// ranges and patterns. With it the sandbox refuses what AWS refuses, and tests compare the provider's own rules with AWS's.
// README.md names the source of the models.
package constraint

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed aws-constraints.json
var document []byte

// Member is what AWS's model says about one member of a request.
type Member struct {
	Type     string   // structure, list, map, string, integer, long, double, boolean
	Required []string // of a structure: the required members
	Members  []string // of a structure: all members
	Min, Max *float64 // characters of a string, entries of a list or map, value of a number
	Pattern  string   // that a string must match as a whole, in the syntax of the model
	Enum     []string
	In       string // uri, querystring, header, headers; empty for the body
	As       string // the name in the request, if it differs from the member's
	Flat     bool   // a list or map without a level of its own in the query protocol
}

// shape is a member with its own members or entries. A shape without a type has no constraints.
type shape struct {
	Member
	name    string // of the member
	fields  map[string]*shape
	element *shape // of a list, or a map's values
	key     *shape // of a map's keys
	pattern matcher
}

// wireName returns the name in the request.
func (s *shape) wireName() string {
	if s.As != "" {
		return s.As
	}
	return s.name
}

// operation is the input of one operation.
type operation struct {
	method, path string // of REST operations
	input        *shape
	renames      bool // some members of the body have another name in the request
}

type service struct {
	operations map[string]*operation
}

// scopes maps services' names in a credential scope to the model's, where they differ.
var scopes = map[string]string{"monitoring": "cloudwatch"}

// load reads the model once.
var load = sync.OnceValues(func() (map[string]*service, error) { return parse(document) })

func parse(document []byte) (map[string]*service, error) {
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(document, &sections); err != nil {
		return nil, err
	}
	delete(sections, "_source")
	services := map[string]*service{}
	for name, section := range sections {
		var read struct {
			Operations map[string]struct {
				HTTP    []string
				Members map[string]Member
			}
		}
		if err := json.Unmarshal(section, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s := &service{operations: map[string]*operation{}}
		for operationName, o := range read.Operations {
			input, err := tree(name+" "+operationName, o.Members)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", name, operationName, err)
			}
			op := &operation{input: input}
			for _, member := range input.fields {
				op.renames = op.renames || member.In == "" && member.As != ""
			}
			if len(o.HTTP) == 2 {
				op.method, op.path = o.HTTP[0], o.HTTP[1]
			}
			s.operations[operationName] = op
		}
		services[name] = s
	}
	return services, nil
}

// step is the next part of a member's path: .name, [], {} or {key}.
var step = regexp.MustCompile(`^(?:\.?([^.\[\]{}]+)|\[\]|\{\}|\{key\})`)

// tree builds a shape from the members of an operation's input.
func tree(operation string, members map[string]Member) (*shape, error) {
	root := &shape{Member: Member{Type: "structure"}}
	for _, path := range slices.Sorted(maps.Keys(members)) {
		at := root
		for rest := path; rest != ""; {
			part := step.FindStringSubmatch(rest)
			if part == nil {
				return nil, fmt.Errorf("the path %q of a member is not understood", path)
			}
			at = at.below(part[0], part[1])
			rest = strings.TrimPrefix(rest, part[0])
		}
		at.Member = members[path]
		if at.As != "" && at != root.fields[at.name] {
			return nil, fmt.Errorf("%s has another name in the request, which is read at the top only", path)
		}
		widen(operation, path, &at.Member)
		if at.Pattern != "" {
			var err error
			if at.pattern, err = compile(at.Pattern); err != nil {
				return nil, fmt.Errorf("the pattern of %s: %w", path, err)
			}
		}
	}
	root.complete()
	return root, nil
}

// below returns the shape one step further down. It creates the shape if it is missing.
func (s *shape) below(part, name string) *shape {
	next := func(at **shape) *shape {
		if *at == nil {
			*at = &shape{}
		}
		return *at
	}
	switch part {
	case "[]":
		s.Type = "list"
		return next(&s.element)
	case "{}":
		s.Type = "map"
		return next(&s.element)
	case "{key}":
		s.Type = "map"
		return next(&s.key)
	}
	s.Type = "structure"
	if s.fields == nil {
		s.fields = map[string]*shape{}
	}
	field := s.fields[name]
	if field == nil {
		field = &shape{name: name}
		s.fields[name] = field
	}
	return field
}

// complete adds to a structure its members without constraints.
func (s *shape) complete() {
	for _, name := range s.Members {
		if s.fields[name] == nil {
			s.below("."+name, name)
		}
	}
	for _, field := range s.fields {
		field.complete()
	}
	for _, also := range []*shape{s.element, s.key} {
		if also != nil {
			also.complete()
		}
	}
}

// find returns an operation of the service with this name in a credential scope.
func find(scope, name string) (*operation, error) {
	services, err := load()
	if err != nil {
		return nil, fmt.Errorf("reading AWS's constraints: %w", err)
	}
	if model, found := scopes[scope]; found {
		scope = model
	}
	s := services[scope]
	if s == nil || s.operations[name] == nil {
		return nil, fmt.Errorf("aws-constraints.json has no operation %s of %s: add it, or do not offer it", name, scope)
	}
	return s.operations[name], nil
}
