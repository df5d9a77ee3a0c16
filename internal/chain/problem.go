// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Path is the path to a value of a definition, made of attributes' names and maps' keys:
// ["steps"], ["steps", "dashboard", "app"], ["steps", "dashboard", "after", "transform"], ["steps", "dashboard", "retry", "interval"].
type Path []string

// IsKey reports whether the path's element i is a map's key. If not, it is an attribute's name.
func (p Path) IsKey(i int) bool {
	return i == 1 && p[0] == "steps" || i == 3 && p[0] == "steps" && stepMaps()[p[2]] || i > 0 && p[i-1] == "variables"
}

// stepMaps holds the attributes of a step that are maps.
var stepMaps = sync.OnceValue(func() map[string]bool {
	maps := map[string]bool{}
	for field := range reflect.TypeFor[Step]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		maps[name] = field.Type.Kind() == reflect.Map
	}
	return maps
})

// Within reports whether the path is that of the outer value, or of a value in it.
func (p Path) Within(outer Path) bool {
	return len(p) >= len(outer) && slices.Equal(p[:len(outer)], outer)
}

// String formats the path as in HCL: steps["dashboard"].after["transform"].
func (p Path) String() string {
	var b strings.Builder
	for i, element := range p {
		switch {
		case p.IsKey(i):
			b.WriteString("[" + strconv.Quote(element) + "]")
		case i > 0:
			b.WriteString("." + element)
		default:
			b.WriteString(element)
		}
	}
	return b.String()
}

// Problem is one error in a definition, with its fix.
type Problem struct {
	Path    Path   // the innermost value that is wrong
	Message string // sentences
	Others  []Path // further values that contribute to the problem, besides those at and around Path
}

// Concerns reports whether the value at the path, or one in it, contributes to the problem. While the value is unknown, the problem is
// uncertain.
func (p Problem) Concerns(value Path) bool {
	return p.Path.Within(value) || slices.ContainsFunc(p.Others, func(other Path) bool { return other.Within(value) })
}

// Error returns the path and the message.
func (p Problem) Error() string {
	return p.Path.String() + ": " + p.Message
}

// InvalidError reports a definition that breaks its rules.
type InvalidError struct {
	Problems []Problem // at least one
}

// Error lists every problem.
func (e *InvalidError) Error() string {
	messages := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		messages[i] = p.Error()
	}
	return "the definition is not valid: " + strings.Join(messages, " ")
}
