// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"maps"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// connect converts what starts after an app into what an app starts after. An app that is only named becomes a part of the chain too.
func (r *appsJS) connect() {
	same := r.mergeNames()
	var kept []*app
	for _, a := range r.apps {
		if _, merged := same[a]; merged {
			continue
		}
		kept = append(kept, a)
		if a.mentioned != "" {
			r.noteOn(a.found, "%q starts after %q and stands nowhere else in the file.", a.name, a.mentioned)
		}
	}
	r.apps = kept
	for i := range r.edges {
		e := &r.edges[i]
		for _, end := range []**app{&e.from, &e.to} {
			if to, merged := same[*end]; merged {
				if *end = to; to == nil {
					e.from = nil
					break
				}
			}
		}
		if e.from != nil {
			r.connectTo(e)
		}
	}
	for _, a := range r.apps {
		r.apply(a)
		r.all = append(r.all, a.found)
	}
}

// connectTo adds a trigger to the app that an edge leads to.
func (r *appsJS) connectTo(e *edge) {
	if e.to == nil {
		switch all := r.named(e.name); len(all) {
		case 0:
			e.to = &app{found: &found{name: e.name, step: chain.Step{Enabled: true}}, given: map[string]any{}}
			if uuid.MatchString(e.name) {
				e.to.step.App = e.name
				e.to.ref = e.name
				r.byID[strings.ToLower(e.name)] = e.to
			}
			r.apps = append(r.apps, e.to)
			r.noteOn(e.to.found, "%q starts after %q and stands nowhere else in the file.", e.name, e.from.name)
		case 1:
			e.to = all[0]
		default:
			r.noteOn(e.from.found, "%q names %q in its chain, which is the name of %d apps. That link is missing: add the one that is meant.",
				e.from.name, e.name, len(all))
			return
		}
	}
	e.to.triggers = append(e.to.triggers, trigger{links: []link{{source: e.from.found, label: e.from.name, condition: e.condition}}})
}

// named returns the apps that a text in a chain can mean: one by its id, or all with this name.
func (r *appsJS) named(text string) []*app {
	if a := r.byID[strings.ToLower(text)]; a != nil {
		return []*app{a}
	}
	return ofName(r.apps, text)
}

// ofName returns the apps with a name: in the same spelling, or else in another case.
func ofName(apps []*app, name string) []*app {
	var exact, folded []*app
	for _, a := range apps {
		if a.name == name {
			exact = append(exact, a)
		}
		if strings.EqualFold(a.name, name) {
			folded = append(folded, a)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return folded
}

// mergeNames finds apps without an id that are other apps of the file: the one app with the name, or else the first without an id. An app
// that may be several becomes nil.
func (r *appsJS) mergeNames() map[*app]*app {
	var known []*app // those with an id, and then the first of each other name
	for _, a := range r.apps {
		if a.step.App != "" {
			known = append(known, a)
		}
	}
	r.same = map[*found]*found{}
	same := map[*app]*app{}
	for _, a := range r.apps {
		if a.step.App != "" {
			continue
		}
		switch all := ofName(known, a.name); len(all) {
		case 0:
			known = append(known, a)
		case 1:
			other := all[0]
			same[a], r.same[a.found] = other, other.found
			if a.mentioned == "" {
				other.mentioned = ""
			}
			for _, what := range slices.Sorted(maps.Keys(a.given)) {
				r.give(other, what, a.given[what])
			}
		default:
			same[a] = nil
			r.note("", "%q stands without an id, and it is the name of %d apps. What starts after it and what it starts after there is left "+
				"out: write its id.",
				a.name, len(all))
		}
	}
	return same
}
