// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Projection is the part of an item that a request asks for.
type Projection struct{ paths []path }

// ParseProjection reads a ProjectionExpression.
func ParseProjection(text string, p *Placeholders) (*Projection, error) {
	c, err := newCompiler("ProjectionExpression", text, p)
	if err != nil {
		return nil, err
	}
	list, err := c.parse(text)
	if err != nil {
		return nil, err
	}
	projection := &Projection{}
	for _, node := range list {
		one, err := c.path(node)
		if err != nil {
			return nil, err
		}
		projection.paths = append(projection.paths, one)
	}
	return projection, c.checkOverlap(projection.paths)
}

// checkOverlap refuses paths that lead through each other.
func (c *compiler) checkOverlap(paths []path) error {
	for i, one := range paths {
		for _, other := range paths[:i] {
			if one.overlaps(other) {
				return c.errorf("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", other, one)
			}
		}
	}
	return nil
}

// Of returns the part of an item.
func (p *Projection) Of(item attribute.Item) attribute.Item {
	part := attribute.Item{}
	paths := slices.Clone(p.paths)
	slices.SortFunc(paths, comparePaths) // the elements of a list keep their order, whatever the expression's is
	kept := map[string]int{}             // how many elements of a list are in the part, by the list's path
	for _, one := range paths {
		if value, found := one.get(item); found {
			place(part, one, value, kept)
		}
	}
	return part
}

func comparePaths(a, b path) int {
	return slices.CompareFunc(a, b, func(x, y step) int { return x.index - y.index })
}

// place puts a value where its path leads. Lists close up: the first element asked for becomes the first one.
func place(part attribute.Item, to path, value attribute.Value, kept map[string]int) {
	part[to[0].name] = placed(part[to[0].name], to[1:], value, to[:1].String(), kept)
}

func placed(in attribute.Value, rest path, value attribute.Value, at string, kept map[string]int) attribute.Value {
	if len(rest) == 0 {
		return value
	}
	next := at + path{rest[0]}.String()
	if rest[0].index < 0 {
		if in.Type == "" {
			in = attribute.Value{Type: attribute.Map, Fields: map[string]attribute.Value{}}
		}
		in.Fields[rest[0].name] = placed(in.Fields[rest[0].name], rest[1:], value, next, kept)
		return in
	}
	in.Type = attribute.List
	position, there := kept[next]
	if !there {
		position = len(in.List)
		kept[next] = position
		in.List = append(in.List, attribute.Value{})
	}
	in.List[position] = placed(in.List[position], rest[1:], value, next, kept)
	return in
}
