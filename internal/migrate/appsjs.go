// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// AppsJS reads the apps of a function that starts the next reloads by a list of its own, as JSON:
//
//   - an array of apps; or an object whose member apps is one; or an object that has the apps by their names or ids;
//   - an app's id is its appId (or id, guid), its name its name (or appName, title);
//   - its chain (or chains, next) is what starts after it: names, ids, or apps in their turn; or one of them without an array; or an object
//     that has such lists by outcome. onSuccess and onFailure are lists for one outcome;
//   - condition, of an app in a chain or else of the app that the chain stands in, is the outcome: success (the default), failure, completion.
//
// Spelling is taken without regard to case, hyphens and underscores. Such functions start an app after each of the apps that name it, so a
// step with several upstreams waits for any.
func AppsJS(data []byte, name string) (*Chain, error) {
	var document any
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &document); err != nil {
		return nil, fmt.Errorf("the file is not JSON: %w. Export apps.js with: node -p 'JSON.stringify(require(\"./apps.js\"))'", err)
	}
	r := &appsJS{byID: map[string]*found{}}
	r.document(document, 0)
	r.connect()
	return r.build(name)
}

// appsJS reads.
type appsJS struct {
	builder
	byID  map[string]*found // by id in lower case: an app may stand in several chains
	edges []edge
}

type edge struct {
	from      *found
	to        string
	condition chain.Condition
}

// maxNesting ends the reading of apps within apps.
const maxNesting = 1000

var members = map[string][]string{
	"id": {"appid", "id", "guid"}, "name": {"name", "appname", "title"}, "chain": {"chain", "chains", "next"},
	"condition": {"condition", "when", "on"}, "success": {"onsuccess", "success"}, "failure": {"onfailure", "failure", "onfail", "fail"},
	"completion": {"oncompletion", "completion", "always"},
}

// spelled is a word without what people spell differently.
func spelled(word string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
}

// member is the value of an object's member, by any of its names.
func member(object map[string]any, what string) (any, bool) {
	for _, name := range members[what] {
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if spelled(key) == name {
				return object[key], true
			}
		}
	}
	return nil, false
}

func textMember(object map[string]any, what string) string {
	value, _ := member(object, what)
	text, _ := value.(string)
	return strings.ToValidUTF8(strings.TrimSpace(text), "?")
}

func (r *appsJS) document(value any, depth int) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			if object, ok := each.(map[string]any); ok {
				r.app(object, "", depth)
			} else {
				r.note("", "%v is no app. It is left out.", short(each))
			}
		}
	case map[string]any:
		for key, inner := range v {
			if _, list := inner.([]any); list && slices.Contains([]string{"apps", "tasks", "chains"}, spelled(key)) || len(v) == 1 && spelled(key) == "apps" {
				r.document(inner, depth+1)
				return
			}
		}
		if _, isApp := member(v, "id"); isApp {
			r.app(v, "", depth)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch inner := v[key].(type) {
			case map[string]any:
				r.app(inner, key, depth)
			case []any, string: // of an app that is known by its key, only the chain
				r.app(map[string]any{"chain": inner}, key, depth)
			default:
				r.note("", "%q is no app. It is left out.", key)
			}
		}
	default:
		r.note("", "%v is no list of apps.", short(value))
	}
}

// short is the beginning of a value.
func short(value any) string {
	text := []rune(fmt.Sprint(value))
	if len(text) > 40 {
		return string(text[:40]) + "…"
	}
	return string(text)
}

// app reads one app and what starts after it, and returns it.
func (r *appsJS) app(object map[string]any, key string, depth int) *found {
	id, name := textMember(object, "id"), textMember(object, "name")
	switch {
	case id == "" && uuid.MatchString(key):
		id = key
	case name == "":
		name = strings.ToValidUTF8(key, "?")
	}
	if name == "" {
		name = id
	}
	f := r.byID[strings.ToLower(id)]
	if f == nil || id == "" {
		f = &found{ref: id, name: name, step: chain.Step{ID: id, Enabled: true}}
		if id == "" {
			f.ref = name
		} else {
			r.byID[strings.ToLower(id)] = f
		}
		r.all = append(r.all, f)
	} else if f.name == f.ref {
		f.name = name
	}
	if depth > maxNesting {
		r.note("", "%q stands within %d others. What it starts is left out.", name, maxNesting)
		return f
	}
	byDefault := r.condition(name, object, chain.ConditionSuccess)
	if next, ok := member(object, "chain"); ok {
		r.chain(f, next, byDefault, depth)
	}
	for _, outcome := range chain.Conditions() {
		if next, ok := member(object, string(outcome)); ok {
			r.chain(f, next, outcome, depth)
		}
	}
	return f
}

// condition reads an outcome.
func (r *appsJS) condition(of string, object map[string]any, byDefault chain.Condition) chain.Condition {
	value, there := member(object, "condition")
	if !there {
		return byDefault
	}
	word, _ := value.(string)
	switch spelled(word) {
	case "success", "succeeded", "successful", "ok", "onsuccess":
		return chain.ConditionSuccess
	case "failure", "failed", "fail", "error", "onfailure":
		return chain.ConditionFailure
	case "completion", "completed", "always", "any", "both", "finished":
		return chain.ConditionCompletion
	}
	r.note("", "The condition %q of %q is not one that a chain knows. It is taken as %s.", short(value), of, byDefault)
	return byDefault
}

// chain reads what starts after an app.
func (r *appsJS) chain(from *found, value any, condition chain.Condition, depth int) {
	switch v := value.(type) {
	case nil:
	case string:
		if v = strings.ToValidUTF8(strings.TrimSpace(v), "?"); v != "" {
			r.edges = append(r.edges, edge{from, v, condition})
		}
	case []any:
		for _, each := range v {
			r.chain(from, each, condition, depth)
		}
	case map[string]any:
		id, name := textMember(v, "id"), textMember(v, "name")
		if id == "" && name == "" {
			r.byOutcome(from, v, depth)
			return
		}
		condition = r.condition(name, v, condition)
		to := id
		if to == "" {
			to = name
		}
		inner := maps.Clone(v)
		for key := range inner { // said of the link
			if slices.Contains(members["condition"], spelled(key)) {
				delete(inner, key)
			}
		}
		_, deeper := member(inner, "chain")
		if id != "" || deeper {
			to = r.app(inner, "", depth+1).ref
		}
		r.edges = append(r.edges, edge{from, to, condition})
	default:
		r.note("", "%v in the chain of %q is no app. It is left out.", short(value), from.name)
	}
}

// byOutcome reads an object that has lists by outcome.
func (r *appsJS) byOutcome(from *found, v map[string]any, depth int) {
	read := false
	for _, outcome := range chain.Conditions() {
		if next, ok := member(v, string(outcome)); ok {
			read = true
			r.chain(from, next, outcome, depth+1)
		}
	}
	if !read {
		r.note("", "%v in the chain of %q is no app. It is left out.", short(v), from.name)
	}
}

// connect turns what starts after an app into what an app starts after. An app that is only named is one of the chain too.
func (r *appsJS) connect() {
	known := map[string]*found{}
	for _, f := range r.all {
		for _, ref := range []string{strings.ToLower(f.ref), strings.ToLower(f.name)} {
			if known[ref] == nil {
				known[ref] = f
			}
		}
	}
	for _, e := range r.edges {
		to := known[strings.ToLower(e.to)]
		if to == nil {
			to = &found{ref: e.to, name: e.to, step: chain.Step{Enabled: true}}
			if uuid.MatchString(e.to) {
				to.step.ID = e.to
			}
			known[strings.ToLower(e.to)] = to
			r.all = append(r.all, to)
			r.noteOn(to, "%q starts after %q and stands nowhere else in the file.", e.to, e.from.name)
		}
		to.triggers = append(to.triggers, trigger{links: []link{{e.from.ref, e.condition}}})
	}
}
