// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func errorf(format string, args ...any) error {
	return wire.Sender("ValidationException", format, args...)
}

// Placeholders are a request's names (beginning with #) and values (beginning with :) for its expressions.
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

// NewPlaceholders returns the placeholders of a request's ExpressionAttributeNames and ExpressionAttributeValues; either may be nil.
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

// CheckUsed refuses placeholders that no expression has used. Call it after the last expression.
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
