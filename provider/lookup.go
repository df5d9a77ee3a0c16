// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// notFoundError means that the tenant has no such thing, or shows none.
type notFoundError struct{ what, text string }

// Error returns what is missing, with a hint.
func (e *notFoundError) Error() string { return e.text }

func notFound(what, format string, args ...any) error {
	return &notFoundError{what, fmt.Sprintf(format, args...)}
}

// addLookUpError reports that something was not found, or that looking for it failed.
func addLookUpError(diags *diag.Diagnostics, at, what string, err error) {
	title := "Looking the " + what + " up failed"
	if missing, ok := errors.AsType[*notFoundError](err); ok {
		title = strings.ToUpper(missing.what[:1]) + missing.what[1:] + " not found"
	}
	diags.AddAttributeError(path.Root(at), title, sentence(err))
}

// maxCandidates is how many apps or spaces an error lists at most.
const maxCandidates = 10

// personalSpace stands for the caller's own personal space, where Qlik Cloud expects a space's id.
const personalSpace = "personal"

// lookUp finds a tenant's apps, automations, data tasks and spaces. Qlik Cloud only searches for names, so the provider compares the
// results itself.
type lookUp struct{ tenant *qlik.Client }

// itemKind is a kind of thing that the tenant's catalog lists.
type itemKind struct {
	resource string // as the catalog names it
	one      string // for messages
	many     string
	id       string // where users find its id
}

var (
	appKind = itemKind{qlik.ResourceApp, "app", "apps",
		"Look at the last part of the app's address in the hub, and at who may see the app's space"}
	automationKind = itemKind{qlik.ResourceAutomation, "automation", "automations",
		"Look at the automation's address in the editor, and at who may see the automation's space"}
)

// place is where to look for apps: a space, or everywhere.
type place struct{ id, title string }

// String describes the place, for messages.
func (p place) String() string {
	switch {
	case p.id == "":
		return "the tenant"
	case p.id == personalSpace:
		return "your personal space"
	case p.title != "":
		return fmt.Sprintf("the space %q", p.title)
	default:
		return "the space " + p.id
	}
}

// sameName compares a name in a configuration with one in the tenant. Terraform converts names in a configuration to Unicode's form NFC.
func sameName(configured, found string) bool { return configured == norm.NFC.String(found) }

// space finds the space with exactly this name.
func (l lookUp) space(ctx context.Context, name string) (*qlik.Space, error) {
	spaces, err := l.tenant.Spaces(ctx, qlik.SpaceFilter{Name: name})
	if err != nil {
		return nil, err
	}
	named := func(s qlik.Space) bool { return sameName(name, s.Name) }
	if !slices.ContainsFunc(spaces, named) { // Qlik does not document how its search reads special characters
		if spaces, err = l.tenant.Spaces(ctx, qlik.SpaceFilter{}); err != nil {
			return nil, err
		}
	}
	matches := slices.DeleteFunc(slices.Clone(spaces), func(s qlik.Space) bool { return !named(s) })
	switch len(matches) {
	case 1:
		return &matches[0], nil
	case 0:
		return nil, notFound("space", "there is no space named %q among the %d that the provider's credentials can see%s", name, len(spaces),
			similar(name, spaces, func(s qlik.Space) string { return s.Name }, describeSpace))
	default:
		return nil, fmt.Errorf("%d spaces are named %q: %s. Rename all but one of them, or use the id where one is asked for", len(matches), name,
			several(matches, describeSpace))
	}
}

// item finds the app or the automation with exactly this name.
func (l lookUp) item(ctx context.Context, kind itemKind, name string, in place) (*qlik.Item, error) {
	items, err := l.tenant.Items(ctx, qlik.ItemFilter{Type: kind.resource, Name: name, SpaceID: in.id})
	if err != nil {
		return nil, err
	}
	named := func(i qlik.Item) bool { return sameName(name, i.Name) }
	if !slices.ContainsFunc(items, named) { // as above; and the error lists similar names
		if items, err = l.tenant.Items(ctx, qlik.ItemFilter{Type: kind.resource, SpaceID: in.id}); err != nil {
			return nil, err
		}
	}
	matches := slices.DeleteFunc(slices.Clone(items), func(i qlik.Item) bool { return !named(i) })
	if len(matches) == 1 {
		return &matches[0], nil
	}
	describe, err := l.describeItem(ctx)
	if err != nil {
		return nil, err
	}
	if len(matches) == 0 {
		return nil, notFound(kind.one, "there is no %s named %q among the %d that the provider's credentials can see in %v%s", kind.one, name,
			len(items), in, similar(name, items, func(i qlik.Item) string { return i.Name }, describe))
	}
	hint := "Say by space or space_id which one is meant, or use its id"
	if in.id != "" {
		hint = "Use the id of the one that is meant, or rename the others"
	}
	return nil, fmt.Errorf("%d %s in %v are named %q: %s. %s", len(matches), kind.many, in, name, several(matches, describe), hint)
}

// itemByID finds an app or an automation by its id, in upper or lower case.
func (l lookUp) itemByID(ctx context.Context, kind itemKind, id string) (*qlik.Item, error) {
	items, err := l.tenant.Items(ctx, qlik.ItemFilter{Type: kind.resource, ResourceIDs: []string{strings.ToLower(id)}})
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if strings.EqualFold(item.ResourceID, id) {
			return &item, nil
		}
	}
	return nil, notFound(kind.one, "there is no %s with the id %q that the provider's credentials can see. %s", kind.one, id, kind.id)
}

// apps lists the apps with a matching name, sorted by name, then id.
func (l lookUp) apps(ctx context.Context, in place, match func(name string) bool) ([]qlik.Item, error) {
	items, err := l.tenant.Items(ctx, qlik.ItemFilter{SpaceID: in.id})
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i].Name = norm.NFC.String(items[i].Name)
	}
	items = slices.DeleteFunc(items, func(i qlik.Item) bool { return !match(i.Name) })
	slices.SortFunc(items, func(a, b qlik.Item) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ResourceID, b.ResourceID))
	})
	return items, nil
}

func describeSpace(s qlik.Space) string { return fmt.Sprintf("%q (id %s, %s)", s.Name, s.ID, s.Type) }

// describeItem returns a function that describes an app or an automation with the name of its space.
func (l lookUp) describeItem(ctx context.Context) (func(qlik.Item) string, error) {
	spaces, err := l.tenant.Spaces(ctx, qlik.SpaceFilter{})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(spaces))
	for _, s := range spaces {
		names[s.ID] = s.Name
	}
	return func(i qlik.Item) string {
		switch name, known := names[i.SpaceID]; {
		case i.SpaceID == "":
			return fmt.Sprintf("%q (id %s, in the personal space of %s)", i.Name, i.ResourceID, i.OwnerID)
		case known:
			return fmt.Sprintf("%q (id %s, in the space %q, %s)", i.Name, i.ResourceID, name, i.SpaceID)
		default:
			return fmt.Sprintf("%q (id %s, in the space %s)", i.Name, i.ResourceID, i.SpaceID)
		}
	}, nil
}

// similar continues the error that nothing has the name, with a list of similar names.
func similar[T any](name string, all []T, nameOf func(T) string, describe func(T) string) string {
	names := make([]string, len(all))
	for i, each := range all {
		names[i] = nameOf(each)
	}
	var near []T
	for _, like := range slices.Compact(chain.Near(name, names, maxCandidates)) {
		near = append(near, slices.DeleteFunc(slices.Clone(all), func(each T) bool { return nameOf(each) != like })...)
	}
	if len(near) == 0 {
		return ". Names must be equal, in upper and lower case too. Who may not see a space does not see what is in it"
	}
	return ". Names must be equal, in upper and lower case too. Did you mean " + several(near, describe) + "?"
}

// several describes the first few of many items.
func several[T any](all []T, describe func(T) string) string {
	var words []string
	for _, each := range all[:min(len(all), maxCandidates)] {
		words = append(words, describe(each))
	}
	if more := len(all) - len(words); more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}
