// SPDX-License-Identifier: MPL-2.0

package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// transformer makes a target's input from an event. Source: User Guide, "Amazon EventBridge input transformation".
type transformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate string
}

var (
	placeholder = regexp.MustCompile(`<([A-Za-z0-9_.-]+)>`)
	pathStep    = regexp.MustCompile(`^(?:\.([A-Za-z0-9_-]+)|\[(\d+)\])`)
)

// predefined are the variables that need no path.
var predefined = []string{
	"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event", "aws.events.event.json",
}

// path is a JSON path: names and indices below the event.
type path []any

// parsePath reads a path with dots and indices: $.detail.items[0]. EventBridge also knows wildcards; the sandbox refuses them.
func parsePath(text string) (path, error) {
	rest, found := strings.CutPrefix(text, "$")
	if !found {
		return nil, fmt.Errorf("the path %q does not begin with $", text)
	}
	p := path{}
	for rest != "" {
		step := pathStep.FindStringSubmatch(rest)
		switch {
		case step == nil:
			return nil, fmt.Errorf("the sandbox does not support the JSON path %q", text)
		case step[1] != "":
			p = append(p, step[1])
		default:
			index, err := strconv.Atoi(step[2])
			if err != nil {
				return nil, fmt.Errorf("the JSON path %q: %w", text, err)
			}
			p = append(p, index)
		}
		rest = rest[len(step[0]):]
	}
	return p, nil
}

// of returns the value at the path, and whether there is one.
func (p path) of(value any) (any, bool) {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			object, isObject := value.(map[string]any)
			if value = object[step]; !isObject || value == nil {
				return nil, false
			}
		case int:
			list, isList := value.([]any)
			if !isList || step >= len(list) {
				return nil, false
			}
			value = list[step]
		}
	}
	return value, true
}

// check refuses a template with variables that have no path, reserved names, and paths that cannot be read.
func (t *transformer) check() error {
	for name, text := range t.InputPathsMap {
		if strings.HasPrefix(strings.ToLower(name), "aws") {
			return fmt.Errorf("the name %s is reserved", name)
		}
		if _, err := parsePath(text); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	for _, name := range predefined {
		known[name] = true
	}
	for name := range maps.Keys(t.InputPathsMap) {
		known[name] = true
	}
	for _, found := range placeholder.FindAllStringSubmatch(t.InputTemplate, -1) {
		if !known[found[1]] {
			return fmt.Errorf("InputTemplate contains the placeholder <%s> that InputPathsMap does not define", found[1])
		}
	}
	return t.checkForm()
}

// checkForm refuses a template that is neither JSON nor a text in quotes with any values for its variables.
func (t *transformer) checkForm() error {
	if !json.Valid([]byte(substitute(t.InputTemplate, func(string) (any, bool) { return json.Number("0"), true }))) {
		return errors.New("InputTemplate is not JSON")
	}
	return nil
}

// apply returns the input for an event. A variable does not appear if the event does not have its path.
func (t *transformer) apply(r *rule, e *event) (string, error) {
	input := substitute(t.InputTemplate, func(name string) (any, bool) {
		if value, found := e.predefined(r, name); found {
			return value, true
		}
		path, err := parsePath(t.InputPathsMap[name])
		if err != nil {
			return nil, false
		}
		return path.of(e.document)
	})
	if !json.Valid([]byte(input)) {
		return "", errors.New("the transformed input is not JSON")
	}
	return input, nil
}

// predefined returns the value of a variable that needs no path.
func (e *event) predefined(r *rule, name string) (any, bool) {
	switch name {
	case "aws.events.rule-arn":
		return r.arn, true
	case "aws.events.rule-name":
		return r.Name, true
	case "aws.events.event.ingestion-time":
		return e.arrived.UTC().Format(time.RFC3339), true
	case "aws.events.event":
		without := maps.Clone(e.document)
		delete(without, "detail")
		return without, true
	case "aws.events.event.json":
		return e.document, true
	default:
		return nil, false
	}
}

// substitute replaces the variables of a template. Within quotes a text is inserted without quotes of its own, and other values as JSON
// without its quotes. Outside of quotes each value is JSON.
func substitute(template string, value func(name string) (any, bool)) string {
	var b strings.Builder
	quoted, last := false, 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		between := template[last:at[0]]
		b.WriteString(between)
		quoted = quotedAfter(quoted, between)
		last = at[1]
		v, found := value(template[at[2]:at[3]])
		if !found {
			continue
		}
		text, err := encode(v)
		if err != nil {
			continue // a decoded document can always be encoded
		}
		if quoted {
			if _, isText := v.(string); isText {
				text = text[1 : len(text)-1]
			} else {
				text = strings.ReplaceAll(text, `"`, "")
			}
		}
		b.WriteString(text)
	}
	b.WriteString(template[last:])
	return b.String()
}

// quotedAfter reports whether the end of a piece of JSON is within quotes.
func quotedAfter(quoted bool, piece string) bool {
	for i := 0; i < len(piece); i++ {
		switch {
		case quoted && piece[i] == '\\':
			i++
		case piece[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}

// encode writes JSON without escaping characters that only matter in HTML.
func encode(value any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
