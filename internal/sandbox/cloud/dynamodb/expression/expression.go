// SPDX-License-Identifier: MPL-2.0

// Package expression carries out DynamoDB's expressions: conditions, filters, key conditions, updates and projections. The
// grammar and the reserved words are minidyn's; what an expression means is decided here, because minidyn calculates with
// floating-point numbers, keeps what REMOVE removes, reads the outcome of one SET action in the next, takes a value that is
// not defined for an attribute that is missing, and fails where a condition on a missing attribute or on another type is
// false.
// What is wrong with an expression, or cannot be done to an item, is a *wire.Error.
// Source: DynamoDB Developer Guide, "Expressions in DynamoDB".
package expression

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func errorf(format string, args ...any) error {
	return wire.Sender("ValidationException", format, args...)
}

// Placeholders are what a request gives for the names beginning with # and the values beginning with : in its expressions.
type Placeholders struct {
	names  map[string]string
	values attribute.Item
	used   map[string]bool
	any    bool // whether there was an expression
}

var (
	namePlaceholder  = regexp.MustCompile(`^#[A-Za-z0-9_]+$`)
	valuePlaceholder = regexp.MustCompile(`^:[A-Za-z0-9_]+$`)
)

// NewPlaceholders takes a request's ExpressionAttributeNames and ExpressionAttributeValues; either may be nil.
func NewPlaceholders(names map[string]string, values attribute.Item) (*Placeholders, error) {
	if names != nil && len(names) == 0 {
		return nil, errorf("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, errorf("ExpressionAttributeValues must not be empty")
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !namePlaceholder.MatchString(name) {
			return nil, errorf("ExpressionAttributeNames contains invalid key: Syntax error; key: \"%s\"", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !valuePlaceholder.MatchString(name) {
			return nil, errorf("ExpressionAttributeValues contains invalid key: Syntax error; key: \"%s\"", name)
		}
	}
	return &Placeholders{names: names, values: values, used: map[string]bool{}}, nil
}

// CheckUsed refuses placeholders that no expression has used. It is called after the last expression.
func (p *Placeholders) CheckUsed() error {
	if err := p.checkUsed("ExpressionAttributeNames", slices.Sorted(maps.Keys(p.names))); err != nil {
		return err
	}
	return p.checkUsed("ExpressionAttributeValues", slices.Sorted(maps.Keys(p.values)))
}

func (p *Placeholders) checkUsed(kind string, given []string) error {
	if len(given) > 0 && !p.any {
		return errorf("%s can only be specified when using expressions", kind)
	}
	unused := slices.DeleteFunc(given, func(name string) bool { return p.used[name] })
	if len(unused) > 0 {
		return errorf("Value provided in %s unused in expressions: keys: {%s}", kind, strings.Join(unused, ", "))
	}
	return nil
}

// maxLength is the longest expression, in bytes. Source: "Constraints in Amazon DynamoDB", "Expression parameters".
const maxLength = 4096

// compiler turns one expression of a request into what carries it out. All that can be wrong with an expression whatever the
// item, it finds.
type compiler struct {
	kind string // ConditionExpression
	*Placeholders
}

func newCompiler(kind, text string, p *Placeholders) (*compiler, error) {
	p.any = true
	c := &compiler{kind: kind, Placeholders: p}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, c.errorf("The expression can not be empty;")
	case len(text) > maxLength:
		return nil, c.errorf("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	return c, nil
}

func (c *compiler) errorf(format string, args ...any) error {
	return errorf("Invalid %s: %s", c.kind, fmt.Sprintf(format, args...))
}

func (c *compiler) syntaxError(near string) error { return c.errorf("Syntax error; near: %q", near) }

// parse reads expressions with commas between them, to the end of the text.
func (c *compiler) parse(text string) ([]language.Expression, error) {
	if err := c.checkTokens(text); err != nil {
		return nil, err
	}
	// Of the parser's entries this one alone refuses what comes after an expression.
	parser := language.NewParser(language.NewLexer(text))
	list := parser.ParseProjectionExpression()
	if len(parser.Errors()) > 0 {
		return nil, c.errorf("Syntax error; %s", strings.Join(parser.Errors(), "; "))
	}
	return list, nil
}

// checkTokens refuses texts that the parser would read in a way of its own.
func (c *compiler) checkTokens(text string) error {
	lexer := language.NewLexer(text)
	for token := lexer.NextToken(); token.Type != language.EOF; token = lexer.NextToken() {
		if token.Type == language.ILLEGAL {
			return c.syntaxError(token.Literal)
		}
	}
	if strings.ContainsRune(text, 0) { // the lexer takes it for the end
		return c.syntaxError("\\0")
	}
	return nil
}

// value returns the value that an identifier such as :rank stands for.
func (c *compiler) value(name string) (attribute.Value, error) {
	value, found := c.values[name]
	if !found {
		return value, c.errorf("An expression attribute value used in expression is not defined; attribute value: %s", name)
	}
	c.used[name] = true
	return value, nil
}
