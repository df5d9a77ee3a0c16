// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// RenamedGuard returns a guard with other names of steps, in the form in which the guard's language prints it. It returns a guard that
// cannot be read as it is.
func RenamedGuard(expression string, names map[string]string) string {
	tree, err := parser.Parse(expression)
	if err != nil {
		return expression
	}
	ast.Walk(&tree.Node, &renaming{names})
	return tree.Node.String()
}

// renaming is a walk through a guard's syntax tree that renames steps.
type renaming struct{ names map[string]string }

// Visit implements ast.Visitor.
func (r *renaming) Visit(node *ast.Node) {
	text, is := (*node).(*ast.StringNode)
	if !is || isOutcome(text.Value) || slices.Contains(GuardResults(), text.Value) { // which a step may be called too
		return
	}
	if other, found := r.names[text.Value]; found {
		text.Value = other
	}
}

// AsksBeyondWeekday reports whether a guard depends on more of the time than the day of the week. It is false for a guard that cannot be
// compiled.
func AsksBeyondWeekday(expression string) bool {
	guard, problem := compileGuard(expression)
	return problem == nil && (guard.uses([]string{"day", "month", "year", "date"}) || guard.uses(guardClocks))
}
