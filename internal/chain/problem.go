package chain

import (
	"strconv"
	"strings"
)

// Path leads to a value of a definition. It alternates between an attribute's name and a map's key:
// ["apps"], ["apps", "dashboard", "id"], ["apps", "dashboard", "after", "transform"].
type Path []string

// String writes the path as in HCL: apps["dashboard"].after["transform"].
func (p Path) String() string {
	var b strings.Builder
	for i, step := range p {
		switch {
		case i%2 == 1:
			b.WriteString("[" + strconv.Quote(step) + "]")
		case i > 0:
			b.WriteString("." + step)
		default:
			b.WriteString(step)
		}
	}
	return b.String()
}

// Problem is one thing that is wrong with a definition, and the mend.
type Problem struct {
	Path    Path   // the innermost value that is wrong
	Message string // sentences
}

// Error returns the path and the message.
func (p Problem) Error() string {
	return p.Path.String() + ": " + p.Message
}

// InvalidError is a definition that could be read but breaks its rules.
type InvalidError struct {
	Problems []Problem // at least one
}

// Error names every problem.
func (e *InvalidError) Error() string {
	messages := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		messages[i] = p.Error()
	}
	return "the definition is not valid: " + strings.Join(messages, " ")
}
