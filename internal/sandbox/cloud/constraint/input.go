// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// fault describes a part of a request that does not have the form of the model.
type fault struct{ path, reason string }

// read returns a request's input and all its members as JSON values by their names in the model. A body in the wrong format has no members:
// the service refuses it with its own error.
func (o *operation) read(key string, r *wire.Request) (in *Input, members map[string]any, faults []fault) {
	in = &Input{Body: r.Body}
	member, isPayload := payloads[key]
	switch protocol := wire.ProtocolOf(r.HTTP); {
	case protocol == wire.ProtocolQuery:
		form, err := url.ParseQuery(string(r.Body))
		if err != nil {
			return in, nil, nil
		}
		form.Del("Action")
		form.Del("Version")
		members, faults = readForm(o.input, form)
		if in.Body, err = json.Marshal(members); err != nil {
			return in, nil, nil
		}
		return in, members, faults
	case isPayload:
		in.Body, members = nil, map[string]any{}
		if len(r.Body) > 0 {
			members[member] = string(r.Body)
		}
	case protocol == wire.ProtocolCBOR:
		body, err := wire.CBORToJSON(r.Body)
		if err != nil {
			return in, nil, nil
		}
		in.Body = body
		fallthrough
	default:
		value, err := decode(in.Body)
		if err != nil {
			return in, nil, nil
		}
		members, faults = byMember(o.input, value)
		if o.renames {
			if in.Body, err = json.Marshal(members); err != nil {
				return in, nil, nil
			}
		}
	}
	if o.path != "" {
		var outside []fault
		in.Outside, outside = o.readHTTP(r.HTTP)
		maps.Copy(members, in.Outside)
		faults = append(faults, outside...)
	}
	return in, members, faults
}

// Routes reports whether a request is for a REST operation of the service with this scope.
func Routes(scope, name string, r *http.Request) bool {
	o, err := find(scope, name)
	if err != nil || o.method != r.Method {
		return false
	}
	_, matches := pathParameters(o.path, r.URL.EscapedPath())
	return matches
}

// decode reads a JSON body. An empty body is an empty object.
func decode(body []byte) (map[string]any, error) {
	value := map[string]any{}
	if len(bytes.TrimSpace(body)) == 0 {
		return value, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(withoutArchive(body)))
	decoder.UseNumber()
	err := decoder.Decode(&value)
	return value, err
}

// withoutArchive removes a function's zip from a body: it is megabytes long and has no constraints.
func withoutArchive(body []byte) []byte {
	const member = `"ZipFile":"`
	before, rest, found := bytes.Cut(body, []byte(member))
	end := bytes.IndexByte(rest, '"')
	if !found || end < 0 {
		return body
	}
	return slices.Concat(before, []byte(member), rest[end:])
}

// byMember renames the members of a body: from their names in the request to their names in the model.
func byMember(s *shape, body map[string]any) (map[string]any, []fault) {
	names := map[string]string{}
	for name, field := range s.fields {
		if field.In == "" {
			names[field.wireName()] = name
		}
	}
	input := map[string]any{}
	var faults []fault
	for name, value := range body {
		member, known := names[name]
		if !known {
			faults = append(faults, fault{name, "AWS's model has no such member of the body"})
			continue
		}
		input[member] = value
	}
	return input, faults
}

// readHTTP returns the members of a REST operation that are outside the body.
func (o *operation) readHTTP(r *http.Request) (members map[string]any, faults []fault) {
	parameters, matches := pathParameters(o.path, r.URL.EscapedPath())
	if !matches || r.Method != o.method {
		return nil, []fault{{"", "AWS's model has this operation at " + o.method + " " + o.path}}
	}
	query := r.URL.Query()
	members = map[string]any{}
	for name, field := range o.input.fields {
		var texts []string
		switch field.In {
		case "uri":
			if text, there := parameters[field.wireName()]; there {
				texts = []string{text}
			}
		case "querystring":
			texts = query[field.wireName()]
		case "header":
			texts = r.Header.Values(field.wireName())
		}
		if field.In == "" || len(texts) == 0 || field.Type == "map" {
			continue // the entries of such a map have their own names and no constraints
		}
		var problem *fault
		if members[name], problem = field.scalarOrList(name, texts); problem != nil {
			faults = append(faults, *problem)
		}
	}
	return members, faults
}

// pathParameters returns the parameters in a request's escaped path, by their names in the route's path. It returns false for a path of
// another route.
func pathParameters(path, escaped string) (map[string]string, bool) {
	parts, segments := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(strings.Trim(escaped, "/"), "/")
	if len(parts) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, part := range parts {
		value, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		name, isParam := strings.CutPrefix(part, "{")
		switch {
		case isParam && value != "":
			params[strings.TrimSuffix(name, "}")] = value
		case isParam || part != value:
			return nil, false
		}
	}
	return params, true
}

// scalarOrList converts texts to a value or a list.
func (s *shape) scalarOrList(path string, texts []string) (any, *fault) {
	if s.Type != "list" {
		return s.scalar(path, texts[0])
	}
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list, nil
}

// scalar converts a text to a value.
func (s *shape) scalar(path, text string) (any, *fault) {
	switch s.Type {
	case "integer", "long", "double":
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return nil, &fault{path, "it is not a number"}
		}
		return json.Number(text), nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, &fault{path, "it is neither true nor false"}
		}
		return text == "true", nil
	}
	return text, nil
}

// readForm returns the members in a form of the query protocol. Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
func readForm(s *shape, form url.Values) (map[string]any, []fault) {
	r := &formReader{}
	root := &node{}
	for name := range form {
		at := root
		for part := range strings.SplitSeq(name, ".") {
			at = at.child(part)
		}
		text := form.Get(name)
		at.text = &text
	}
	input, ok := r.value(s, root, "").(map[string]any)
	if !ok { // without parameters
		input = map[string]any{}
	}
	return input, r.faults
}

// node is a parameter, or a group of parameters that begin with the same names.
type node struct {
	text     *string
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	if n.children[name] == nil {
		n.children[name] = &node{}
	}
	return n.children[name]
}

// numbered returns the children 1, 2 and so on.
func (n *node) numbered() []*node {
	var all []*node
	for i := 1; n != nil && n.children[strconv.Itoa(i)] != nil; i++ {
		all = append(all, n.children[strconv.Itoa(i)])
	}
	return all
}

// level returns the node with the entries of a list or a map: a child with the given name, or n itself if it is flat.
func (n *node) level(flat bool, name string) *node {
	if flat {
		return n
	}
	return n.children[name]
}

type formReader struct{ faults []fault }

func (r *formReader) value(s *shape, n *node, path string) any {
	switch {
	case s == nil || s.Type == "" && n.text == nil:
		return map[string]any{} // the model does not describe its content
	case s.Type == "list":
		list := []any{}
		for i, entry := range n.level(s.Flat, "member").numbered() {
			list = append(list, r.value(s.element, entry, path+"."+strconv.Itoa(i+1)+".member"))
		}
		return list
	case s.Type == "map":
		entries := map[string]any{}
		for _, entry := range n.level(s.Flat, "entry").numbered() {
			key, value := entry.either("key", "Name"), entry.either("value", "Value")
			if key == nil || key.text == nil || value == nil {
				r.faults = append(r.faults, fault{path, "an entry has no key or no value"})
				continue
			}
			entries[*key.text] = r.value(s.element, value, path+"."+*key.text)
		}
		return entries
	case s.Type == "structure":
		fields := map[string]any{}
		names := map[string]string{}
		for name, field := range s.fields {
			names[field.wireName()] = name
		}
		for name, child := range n.children {
			member, known := names[name]
			if !known {
				r.faults = append(r.faults, fault{strings.TrimPrefix(path+"."+name, "."), "AWS's model has no such parameter"})
				continue
			}
			fields[member] = r.value(s.fields[member], child, strings.TrimPrefix(path+"."+member, "."))
		}
		return fields
	case n.text == nil:
		r.faults = append(r.faults, fault{path, "it is no single value in AWS's model"})
		return nil
	}
	value, problem := s.scalar(path, *n.text)
	if problem != nil {
		r.faults = append(r.faults, *problem)
	}
	return value
}

func (n *node) either(names ...string) *node {
	for _, name := range names {
		if n.children[name] != nil {
			return n.children[name]
		}
	}
	return nil
}
