// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"regexp"

	"github.com/expr-lang/expr/parser"
)

// foreignOperators are operators of other languages, each with the guard's own operator instead.
var foreignOperators = []struct {
	foreign func() *regexp.Regexp
	own     string
}{
	{pattern(`<>`), "!="},
	{pattern(`([^=!<>])=([^=])`), "$1==$2"},
	{pattern(`===`), "=="},
	{pattern(`\bAND\b`), "and"},
	{pattern(`\bOR\b`), "or"},
	{pattern(`\bNOT\b`), "not"},
	{pattern(`\bIN\b`), "in"},
	{pattern(`\bin *\(([^()]*)\)`), "in [$1]"},
}

// meantGuard returns the expression with the operators of guards instead of those of other languages, such as SQL. It is empty if that
// cannot be parsed either.
func meantGuard(source string) string {
	meant := source
	for _, operator := range foreignOperators {
		meant = operator.foreign().ReplaceAllString(meant, operator.own)
	}
	if _, err := parser.Parse(meant); meant == source || err != nil {
		return ""
	}
	return meant
}
