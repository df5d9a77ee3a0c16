// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// targetPlace is where the target of a step is.
type targetPlace struct {
	kind           chain.Kind
	name           string // of the target; empty if unknown
	personal       bool
	space, spaceID string
	spaceType      string // shared, managed or data
}

// placesOf describes where the targets of the steps are, by step id. What it cannot find out is left out.
func (r *rights) placesOf(ctx context.Context, steps []checkedStep) (identity string, places map[string]targetPlace) {
	identity, places = "the function's credentials", map[string]targetPlace{}
	if me, err := r.me(ctx); err == nil {
		identity = fmt.Sprintf("the function's credentials, those of %q,", me.Name)
	}
	for _, kind := range []chain.Kind{chain.KindApp, chain.KindAutomation} {
		r.findItems(ctx, kind, steps, places)
	}
	for _, step := range steps {
		if step.target.Kind != chain.KindDataTask {
			continue
		}
		place := targetPlace{kind: chain.KindDataTask}
		if task, err := r.client.GetDataTask(ctx, step.target.Project, step.target.ID); err == nil {
			place.name, place.spaceID = task.Name, task.SpaceID
		}
		places[step.id] = place
	}
	spaces, err := r.spaces(ctx)
	if err != nil {
		return identity, places
	}
	for id, place := range places {
		if i := slices.IndexFunc(spaces, func(s qlik.Space) bool { return s.ID == place.spaceID }); i >= 0 {
			place.space, place.spaceType = spaces[i].Name, spaces[i].Type
			places[id] = place
		}
	}
	return identity, places
}

// findItems looks the targets of one kind up in the catalog.
func (r *rights) findItems(ctx context.Context, kind chain.Kind, steps []checkedStep, places map[string]targetPlace) {
	byTarget := map[string]string{} // the step's id
	var ids []string
	for _, step := range steps {
		if id := strings.ToLower(step.target.ID); step.target.Kind == kind {
			byTarget[id], ids = step.id, append(ids, id)
			places[step.id] = targetPlace{kind: kind}
		}
	}
	if len(ids) == 0 {
		return
	}
	items, err := r.client.Items(ctx, qlik.ItemFilter{Type: string(kind), ResourceIDs: ids})
	if err != nil {
		return
	}
	for _, item := range items {
		if step, asked := byTarget[strings.ToLower(item.ResourceID)]; asked {
			places[step] = targetPlace{kind: kind, name: item.Name, personal: item.SpaceID == "", spaceID: item.SpaceID}
		}
	}
}

// target describes the target of a step with its name, if that is known.
func (p targetPlace) target(t chain.Target) string {
	what := map[chain.Kind]string{chain.KindAutomation: "automation", chain.KindDataTask: "data task"}[t.Kind]
	if what == "" {
		what = "app"
	}
	if p.name != "" {
		return fmt.Sprintf("The %s %q (%s)", what, p.name, t.ID)
	}
	return fmt.Sprintf("The %s %s", what, t.ID)
}

// The roles with which apps may be reloaded and automations run, by type of space. The sources are
// https://qlik.dev/manage/access-control/space-roles/ and, for automations, https://qlik.dev/apis/rest/workflows/automations/.
const (
	inShared       = "Can edit (producer), Can edit data in apps (codeveloper) or Can manage (facilitator)"
	inManaged      = "Can operate (operator) or Can manage (facilitator)"
	forAutomations = "Can edit (producer), Can operate (operator) or Can manage (facilitator)"
)

// repair describes how to give the identity the right to start the target.
func (p targetPlace) repair() string {
	space := fmt.Sprintf("the space %q", p.space)
	verb := "run"
	if p.kind == chain.KindApp {
		verb = "reload"
	}
	switch {
	case p.personal:
		return fmt.Sprintf("It is in a personal space, where only its owner may %s it: move it to a shared space, or give the function its "+
			"owner's credentials.", verb)
	case p.kind == chain.KindAutomation && p.space != "":
		return "Give them one of these roles in " + space + ": " + forAutomations + "."
	case p.kind == chain.KindAutomation:
		return "Give them a role in the automation's space that may run it: " + forAutomations + "."
	case p.kind == chain.KindDataTask:
		return "Give them a role in the space of its data project that may run it, such as Can operate (operator)."
	case p.spaceType == "shared":
		return "Give them one of these roles in " + space + ", which is shared: " + inShared + "."
	case p.spaceType == "managed":
		return "Give them one of these roles in " + space + ", which is managed: " + inManaged + "."
	default:
		return "Give them a role in the app's space that may reload: in a shared one " + inShared + "; in a managed one " + inManaged + "."
	}
}
