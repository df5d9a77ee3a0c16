// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"maps"
	"slices"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Apply returns an item as the update makes it; the given one does not change.
func (u *Update) Apply(item attribute.Item) (attribute.Item, error) {
	type assignment struct {
		path  path
		value attribute.Value
		keep  bool // false: the path is removed
	}
	assignments := make([]assignment, 0, len(u.actions))
	for _, one := range u.actions {
		value, keep, err := one.outcome(item) // each from the item as it was
		if err != nil {
			return nil, err
		}
		assignments = append(assignments, assignment{one.path, value, keep})
	}
	// Indexes are those of the list as it was: what is removed goes last, from the end of each list.
	slices.SortStableFunc(assignments, func(a, b assignment) int {
		switch {
		case a.keep && !b.keep:
			return -1
		case b.keep && !a.keep:
			return 1
		default:
			order := comparePaths(a.path, b.path)
			if !a.keep {
				order = -order
			}
			return order
		}
	})
	updated := maps.Clone(item)
	for _, a := range assignments {
		whole := attribute.Value{Type: attribute.Map, Fields: updated}
		changed, err := assigned(whole, a.path, a.value, a.keep)
		if err != nil {
			return nil, err
		}
		updated = changed.Fields
	}
	return updated, nil
}

// outcome works out what an action makes of what its path leads to; keep is false when it is to go.
func (a action) outcome(item attribute.Item) (value attribute.Value, keep bool, err error) {
	switch a.clause {
	case language.SET:
		value, err = a.value(item)
		return value, true, err
	case language.REMOVE:
		return value, false, nil
	}
	old, found := a.path.get(item)
	switch {
	case !found && a.clause == language.ADD:
		return *a.operand, true, nil
	case !found:
		return value, false, nil // DELETE from a set that is not there
	case old.Type != a.operand.Type:
		return value, false, errOperandType
	case old.Type == attribute.Number:
		value, err = old.Add(*a.operand)
		return value, true, err
	case a.clause == language.ADD:
		return attribute.NewSet(old.Type, slices.Concat(old.Set, a.operand.Set)), true, nil
	default:
		rest := slices.DeleteFunc(slices.Clone(old.Set), func(member string) bool { return slices.Contains(a.operand.Set, member) })
		return attribute.NewSet(old.Type, rest), len(rest) > 0, nil // a set is never empty
	}
}

// assigned returns a document with the value where the path leads, or without what is there.
func assigned(in attribute.Value, to path, value attribute.Value, keep bool) (attribute.Value, error) {
	if len(to) == 0 {
		return value, nil
	}
	first, last := to[0], len(to) == 1
	inner, found := first.into(in)
	if !last {
		if !found {
			return in, errInvalidPath
		}
		var err error
		if inner, err = assigned(inner, to[1:], value, keep); err != nil {
			return in, err
		}
		return first.replaced(in, inner), nil
	}
	switch {
	case first.index < 0 && in.Type != attribute.Map, first.index >= 0 && in.Type != attribute.List:
		return in, errInvalidPath
	case keep:
		return first.replaced(in, value), nil
	case !found:
		return in, nil
	}
	return first.removed(in), nil
}

var errInvalidPath = errorf("The document path provided in the update expression is invalid for update")

func (s step) replaced(in, inner attribute.Value) attribute.Value {
	if s.index < 0 {
		fields := maps.Clone(in.Fields)
		if fields == nil {
			fields = map[string]attribute.Value{}
		}
		fields[s.name] = inner
		return attribute.Value{Type: attribute.Map, Fields: fields}
	}
	list := slices.Clone(in.List)
	if s.index >= len(list) {
		return attribute.Value{Type: attribute.List, List: append(list, inner)} // past the end: at the end
	}
	list[s.index] = inner
	return attribute.Value{Type: attribute.List, List: list}
}

func (s step) removed(in attribute.Value) attribute.Value {
	if s.index < 0 {
		fields := maps.Clone(in.Fields)
		delete(fields, s.name)
		return attribute.Value{Type: attribute.Map, Fields: fields}
	}
	return attribute.Value{Type: attribute.List, List: slices.Delete(slices.Clone(in.List), s.index, s.index+1)}
}
