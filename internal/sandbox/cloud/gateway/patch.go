// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// patchOperation is one entry of an update's patchOperations, after RFC 6902. In the path, ~1 means / and ~0 means ~.
type patchOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// patch applies an operation to one field. rest is the path after the field's name.
type patch func(op patchOperation, rest []string) error

// patches are the fields that an update can change. The empty name means every other path; its rest is the whole path.
type patches map[string]patch

// updateInput is the input of the updates.
type updateInput struct {
	ref
	PatchOperations []patchOperation
}

// change patches an object, unless err says that it was not found. It patches a copy, which replaces the object if it passes the check. The
// check may be nil.
func change[T any](object *T, err error, in *updateInput, fields func(changed *T) patches, check func(changed *T) error) error {
	if err != nil {
		return err
	}
	changed := *object
	if err := fields(&changed).apply(in.PatchOperations); err != nil {
		return err
	}
	if check != nil {
		if err := check(&changed); err != nil {
			return err
		}
	}
	*object = changed
	return nil
}

// apply applies patch operations, in order.
func (p patches) apply(operations []patchOperation) error {
	for _, op := range operations {
		path, ok := strings.CutPrefix(op.Path, "/")
		if !ok || path == "" {
			return op.invalid()
		}
		segments := strings.Split(path, "/")
		for i := range segments {
			segments[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(segments[i])
		}
		field, rest := p[segments[0]], segments[1:]
		if field == nil {
			field, rest = p[""], segments
		}
		if field == nil {
			return op.invalid()
		}
		if err := field(op, rest); err != nil {
			return err
		}
	}
	return nil
}

// invalid returns the error for an operation that the API, or the sandbox, does not support.
func (op patchOperation) invalid() *wire.Error {
	return badRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", op.Path, op.Op)
}

// replace returns a patch that can only replace a whole field.
func replace(assign func(value string) error) patch {
	return func(op patchOperation, rest []string) error {
		if op.Op != "replace" || len(rest) != 0 {
			return op.invalid()
		}
		return assign(op.Value)
	}
}

func replaceString(to *string) patch {
	return replace(func(value string) error {
		*to = value
		return nil
	})
}

func replaceBool(to *bool) patch {
	return replace(func(value string) error {
		b, err := strconv.ParseBool(value)
		if err != nil {
			return badRequest("Invalid boolean value '%s'", value)
		}
		*to = b
		return nil
	})
}

func replaceInt(to *int) patch {
	return replace(func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return badRequest("Invalid integer value '%s'", value)
		}
		*to = n
		return nil
	})
}

// replaceOptionalInt returns a patch that replaces an optional number.
func replaceOptionalInt(to **int) patch {
	return func(op patchOperation, rest []string) error {
		if op.Value == "" {
			*to = nil
			return replace(func(string) error { return nil })(op, rest)
		}
		number := 0
		err := replaceInt(&number)(op, rest)
		*to = &number
		return err
	}
}

func replaceFloat(to *float64) patch {
	return replace(func(value string) error {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return badRequest("Invalid number '%s'", value)
		}
		*to = n
		return nil
	})
}

// entries returns a patch for a map's entries: /requestTemplates/application~1json. It copies the map before the change, because
// deployments keep the previous one.
func entries[T any](to *map[string]T, parse func(value string) (T, error)) patch {
	return func(op patchOperation, rest []string) error {
		if len(rest) != 1 {
			return op.invalid()
		}
		changed := map[string]T{}
		maps.Copy(changed, *to)
		switch op.Op {
		case "add", "replace":
			value, err := parse(op.Value)
			if err != nil {
				return badRequest("Invalid value '%s' for '%s'", op.Value, op.Path)
			}
			changed[rest[0]] = value
		case "remove":
			delete(changed, rest[0])
		default:
			return op.invalid()
		}
		*to = changed
		return nil
	}
}

func stringEntries(to *map[string]string) patch {
	return entries(to, func(value string) (string, error) { return value, nil })
}

func boolEntries(to *map[string]bool) patch { return entries(to, strconv.ParseBool) }

// elements returns a patch for a list with its entries in the path: /binaryMediaTypes/image~1png.
func elements(to *[]string) patch {
	return func(op patchOperation, rest []string) error {
		if len(rest) != 1 {
			return op.invalid()
		}
		others := slices.DeleteFunc(slices.Clone(*to), func(have string) bool { return have == rest[0] })
		switch op.Op {
		case "add":
			*to = slices.Concat(others, rest)
		case "remove":
			*to = others
		default:
			return op.invalid()
		}
		return nil
	}
}

// patchPart patches one field of an optional part, or removes the whole part. It copies the part before the change.
func patchPart[T any](to **T, op patchOperation, rest []string, fields func(changed *T) map[string]patch) error {
	if op.Op == "remove" && len(rest) == 0 {
		*to = nil
		return nil
	}
	changed := new(T)
	if *to != nil {
		*changed = **to
	}
	field := fields(changed)[strings.Join(rest, "/")]
	if field == nil {
		return op.invalid()
	}
	if op.Op == "add" { // the API accepts both words
		op.Op = "replace"
	}
	if err := field(op, nil); err != nil {
		return err
	}
	*to = changed
	return nil
}
