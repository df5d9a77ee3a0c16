// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// maxGuardRange is the widest range that a guard may have. It is far wider than any variable's values.
const maxGuardRange = 1000

// guardName is a step's key that a guard compares a variable with.
type guardName struct {
	variable string // upstream, origin or results
	value    string
	at       *GuardError // where, without a message
}

func (n guardName) problem(format string, args ...any) string {
	e := *n.at
	e.Message = fmt.Sprintf(format, args...)
	return e.problem()
}

// inspect finds errors that the compiler accepts. It also collects the variables, and the steps' keys to check against a definition.
func (g *Guard) inspect() *GuardError {
	tree, err := parser.Parse(g.source)
	if err != nil {
		problem := asGuardError(err)
		if meant := meantGuard(g.source); meant != "" {
			problem.Message += fmt.Sprintf(" Did you mean %q?", meant)
		}
		return problem
	}
	i := &inspection{guard: g, source: tree.Source}
	ast.Walk(&tree.Node, i)
	for _, node := range i.bare {
		i.report(node, "The variable %s has the result of each upstream. Name one, such as %s[\"hr\"].", guardResults, guardResults)
	}
	slices.Sort(g.results)
	g.results = slices.Compact(g.results)
	return i.problem
}

// inspection is a walk through a guard's syntax tree, inner nodes first.
type inspection struct {
	guard   *Guard
	source  file.Source
	problem *GuardError // the one to report
	bare    []ast.Node  // results without a member
}

func (i *inspection) report(node ast.Node, format string, args ...any) {
	if i.problem == nil {
		i.problem = i.locate(node)
		i.problem.Message = fmt.Sprintf(format, args...)
	}
}

// refuse reports a problem of a whole node instead of the problems inside it.
func (i *inspection) refuse(node ast.Node, format string, args ...any) {
	i.problem = nil
	i.report(node, format, args...)
}

func (i *inspection) locate(node ast.Node) *GuardError {
	at := (&file.Error{Location: node.Location()}).Bind(i.source)
	return &GuardError{Line: at.Line, Column: at.Column + 1}
}

// Visit implements ast.Visitor.
func (i *inspection) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		i.variable(n)
	case *ast.BinaryNode:
		i.operator(n)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.ArrayNode, *ast.UnaryNode, *ast.ConditionalNode:
	case *ast.MemberNode:
		i.member(n)
	case *ast.CallNode, *ast.BuiltinNode, *ast.PredicateNode, *ast.PointerNode:
		i.refuse(n, "A guard has no functions. Use variables, literals and operators.")
	default:
		i.refuse(n, "A guard has no such thing as %s. Use variables, literals and operators.", n)
	}
}

func (i *inspection) variable(n *ast.IdentifierNode) {
	if _, ok := guardDomains[n.Value]; ok {
		i.guard.used[n.Value] = true
		if n.Value == guardResults {
			i.bare = append(i.bare, n)
		}
		return
	}
	names := slices.Sorted(maps.Keys(guardDomains))
	if near, ok := nearest(n.Value, "", names); ok {
		i.report(n, "There is no variable %q. %s", n.Value, didYouMean(near))
		return
	}
	i.report(n, "There is no variable %q. The variables are %s.", n.Value, enumerate(names, "and"))
}

// member checks the result of an upstream. Only results have members.
func (i *inspection) member(n *ast.MemberNode) {
	if !isVariable(n.Node, guardResults) {
		i.refuse(n, "A guard has no such thing as %s. Use variables, literals and operators.", n)
		return
	}
	i.bare = slices.DeleteFunc(i.bare, func(node ast.Node) bool { return node == n.Node })
	step, ok := n.Property.(*ast.StringNode)
	if !ok {
		i.report(n.Property, "The step of a result is a name in quotes, such as %s[\"hr\"].", guardResults)
		return
	}
	i.guard.results = append(i.guard.results, step.Value)
	i.guard.names = append(i.guard.names, guardName{variable: guardResults, value: step.Value, at: i.locate(n.Property)})
}

func (i *inspection) operator(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		i.bounds(n)
	case "in":
		if operand, ok := operandOf(n.Left); ok {
			i.compareEach(operand, n.Right)
		}
	case "==", "!=":
		i.compare(n)
	case "<", "<=", ">", ">=":
		if isVariable(n.Left, "date") || isVariable(n.Right, "date") { // for the other variables, any value may be a bound
			i.compare(n)
		}
	}
}

// bounds checks a range. An empty range is always a mistake: "22..6" does not wrap around midnight.
func (i *inspection) bounds(n *ast.BinaryNode) {
	from, fromOK := integer(n.Left)
	to, toOK := integer(n.Right)
	switch {
	case !fromOK || !toOK:
		i.report(n, "The ends of a range are whole numbers.")
	case from > to:
		i.report(n, "The range %d..%d is empty: its end is before its start. For one that goes round, join two ranges with or.", from, to)
	case to-from < 0 || to-from > maxGuardRange: // the difference may overflow
		i.report(n, "The range %d..%d is too wide. Use at most %d numbers.", from, to, maxGuardRange)
	}
}

// compare checks a comparison of a variable with a literal, on either side.
func (i *inspection) compare(n *ast.BinaryNode) {
	if operand, ok := operandOf(n.Left); ok {
		i.value(operand, n.Right)
	} else if operand, ok := operandOf(n.Right); ok {
		i.value(operand, n.Left)
	}
}

// operand is a variable or an upstream's result that is compared with a literal.
type operand struct {
	node   ast.Node
	label  string // its name in messages
	name   string // of the variable; empty for a result
	domain guardDomain
}

func operandOf(n ast.Node) (operand, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		domain, known := guardDomains[n.Value]
		return operand{n, "The variable " + n.Value, n.Value, domain}, known
	case *ast.MemberNode:
		step, named := n.Property.(*ast.StringNode)
		if !named || !isVariable(n.Node, guardResults) {
			return operand{}, false
		}
		return operand{node: n, label: "The result of " + step.Value, domain: resultDomain()}, true
	default:
		return operand{}, false
	}
}

// compareEach checks the array or range that a variable is compared with.
func (i *inspection) compareEach(of operand, list ast.Node) {
	if of.name == "duration" {
		i.report(of.node, "The duration is hardly ever a whole number, so it is in no list or range. Compare it with < and >.")
	}
	switch list := list.(type) {
	case *ast.ArrayNode:
		for _, each := range list.Nodes {
			i.value(of, each)
		}
	case *ast.BinaryNode:
		if list.Operator == ".." {
			i.value(of, list.Left)
			i.value(of, list.Right)
		}
	}
}

// value checks a literal that a variable is compared with. If the variable never has that value, the result is always the same.
func (i *inspection) value(of operand, literal ast.Node) {
	domain := of.domain
	if number, ok := integer(literal); ok && domain.most > 0 && (number < domain.least || number > domain.most) {
		i.report(literal, "%s is %s, never %d.", of.label, domain.words, number)
	}
	text, ok := literal.(*ast.StringNode)
	if !ok {
		return
	}
	if domain.most > 0 {
		i.report(literal, "%s is a number, %s, never the text %q.", of.label, domain.words, text.Value)
	}
	if domain.has != nil && !domain.has(text.Value) {
		i.report(literal, "%s is %s, never %q.", of.label, domain.words, text.Value)
	}
	if domain.step {
		i.guard.names = append(i.guard.names, guardName{variable: of.name, value: text.Value, at: i.locate(literal)})
	}
}

func isVariable(n ast.Node, name string) bool {
	identifier, ok := n.(*ast.IdentifierNode)
	return ok && identifier.Value == name
}

// integer returns a literal's value.
func integer(n ast.Node) (int, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.UnaryNode:
		value, ok := integer(n.Node)
		switch n.Operator {
		case "-":
			return -value, ok
		case "+":
			return value, ok
		}
	}
	return 0, false
}
