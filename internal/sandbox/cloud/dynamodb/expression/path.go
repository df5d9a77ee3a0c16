// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// path is a document path: an attribute's name, and what leads from there to a part of its value.
type path []step

// step is a name of an attribute or a map's field, or an index in a list.
type step struct {
	name  string
	index int // -1 for a name
}

func (p path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		if parts[i] = s.name; s.index >= 0 {
			parts[i] = "[" + strconv.Itoa(s.index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// plainName is an attribute's name that can stand in an expression as it is, unless it is reserved.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

// path reads a document path.
func (c *compiler) path(node language.Expression) (path, error) {
	switch n := node.(type) {
	case *language.Identifier:
		name, err := c.name(n)
		return path{{name: name, index: -1}}, err
	case *language.IndexExpression:
		p, err := c.path(n.Left)
		if err != nil {
			return nil, err
		}
		last, ok := n.Index.(*language.Identifier)
		if !ok {
			return nil, c.syntaxError(n.String())
		}
		if n.Type == language.ObjectTypeList {
			index, err := strconv.ParseUint(last.Value, 10, 31)
			if err != nil {
				return nil, c.syntaxError(last.Value)
			}
			return append(p, step{index: int(index)}), nil
		}
		name, err := c.name(last)
		return append(p, step{name: name, index: -1}), err
	default:
		return nil, c.syntaxError(textOf(node))
	}
}

func (c *compiler) name(id *language.Identifier) (string, error) {
	name := id.Value
	switch {
	case id.Token.Type != language.IDENT && !language.IsReservedWord(strings.ToUpper(name)):
		return "", c.syntaxError(name)
	case strings.HasPrefix(name, "#"):
		resolved, found := c.names[name]
		if !found {
			return "", c.errorf("An expression attribute name used in the document path is not defined; attribute name: %s", name)
		}
		c.used[name] = true
		return resolved, nil
	case language.IsReservedWord(strings.ToUpper(name)):
		return "", c.errorf("Attribute name is a reserved keyword; reserved keyword: %s", name)
	case !plainName.MatchString(name):
		return "", c.syntaxError(name)
	}
	return name, nil
}

// textOf names a node in a message; the parser leaves some nil.
func textOf(node language.Expression) string {
	if node == nil {
		return ""
	}
	return node.String()
}

// get returns what the path leads to.
func (p path) get(item attribute.Item) (attribute.Value, bool) {
	value, found := item[p[0].name]
	for _, s := range p[1:] {
		if !found {
			break
		}
		value, found = s.into(value)
	}
	return value, found
}

func (s step) into(value attribute.Value) (attribute.Value, bool) {
	switch {
	case s.index < 0 && value.Type == attribute.Map:
		field, found := value.Fields[s.name]
		return field, found
	case s.index >= 0 && value.Type == attribute.List && s.index < len(value.List):
		return value.List[s.index], true
	default:
		return attribute.Value{}, false
	}
}

// overlaps tells whether one of two paths leads through the other.
func (p path) overlaps(other path) bool {
	n := min(len(p), len(other))
	return slices.Equal(p[:n], other[:n])
}
