// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// exportAppsJS is the command that converts an apps.js to JSON.
const exportAppsJS = "node export-apps.mjs apps.js > apps.json"

// AppsJS reads the apps of a function that starts the next reloads by a list of its own, as JSON:
//
//   - an array of apps; or an object with one as its member apps; or an object that has the apps by their names or ids;
//   - an app's id is its appId (or id, guid), its name its name (or appName, title);
//   - its chain (or chains, next) is what starts after it: names, ids, or apps in their turn; or one of them without an array; or an object
//     that has such lists by outcome; or a function that was called, as export-apps.mjs writes it. onSuccess and onFailure are lists for
//     one outcome;
//   - condition, of an app in a chain or else of the app that the chain stands in, is the outcome: success (the default), failure,
//     completion;
//   - enabled, partial, weight, delay, variables, schedule and retries are the step's.
//
// Spelling is taken without regard to case, hyphens and underscores. Such functions start an app after each of the apps that name it, so a
// step with several upstreams waits for any. Notes name other members without their values, which may be secrets.
func AppsJS(data []byte, name string) (*Chain, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("the file is not JSON: %w. Export apps.js with: %s (qlik-chain migrate --print-exporter prints "+
			"the program)", err, exportAppsJS)
	}
	r := &appsJS{byID: map[string]*app{}}
	r.document(document, 0)
	r.connect()
	c, err := r.build(name)
	if err != nil && len(r.edges) == 0 {
		return nil, fmt.Errorf("%w If chain is a function in apps.js, JSON.stringify has dropped it. Export the file with: %s", err, exportAppsJS)
	}
	return c, err
}

// appsJS is the reader of an apps.js.
type appsJS struct {
	builder
	apps  []*app
	byID  map[string]*app // by id in lower case: an app may be in several chains
	edges []edge
}

// app is an app of the file.
type app struct {
	*found
	given     map[string]any // settings of the step, by member
	mentioned string         // the app with the chain that contains it; empty for an app of the list
}

// edge leads from an app to one that starts after it. The latter is known, or only named.
type edge struct {
	from, to  *app
	name      string
	condition chain.Condition
}

// maxNesting is the maximum depth of apps within apps.
const maxNesting = 1000

func (r *appsJS) document(value any, depth int) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			if members, ok := each.(map[string]any); ok && !function(each) {
				r.app(newObject(members), "", depth)
			} else {
				r.note("", "%v is no app. It is left out.", short(each))
			}
		}
	case map[string]any:
		if function(v) {
			r.note("", "The file exports a function. What it returned is read; decisions in its code are not carried over.")
			r.document(v["result"], depth+1)
			return
		}
		if r.lists(v, depth) {
			return
		}
		o := newObject(v)
		if _, isApp := o.value("id"); isApp {
			r.app(newObject(v), "", depth)
			return
		}
		known, objects := names(v)
		var rest []string
		for _, key := range o.keys() {
			if text, ok := v[key].(string); ok && objects && !known[spelled(text)] && !uuid.MatchString(text) {
				rest = append(rest, key) // a setting, perhaps a secret, but not a name
				continue
			}
			switch inner := v[key].(type) {
			case map[string]any:
				if function(inner) {
					inner = map[string]any{"chain": inner}
				}
				r.app(newObject(inner), key, depth)
			case []any, string: // for an app that is known by its key, only the chain
				r.app(newObject(map[string]any{"chain": inner}), key, depth)
			default:
				r.note("", "%q is no app. It is left out.", key)
			}
		}
		r.noteRest(rest)
	default:
		r.note("", "%v is no list of apps.", short(value))
	}
}

// lists reads the members of a document that contain its apps, and reports whether there are any.
func (r *appsJS) lists(members map[string]any, depth int) bool {
	var rest []string
	read := false
	for _, key := range slices.Sorted(maps.Keys(members)) {
		_, list := members[key].([]any)
		inner, isObject := members[key].(map[string]any)
		switch word := spelled(key); {
		case list && slices.Contains([]string{"apps", "tasks", "chains"}, word),
			word == "apps" && isObject && (len(members) == 1 || function(inner)):
			read = true
			r.document(members[key], depth+1)
		default:
			rest = append(rest, key)
		}
	}
	if read {
		r.noteRest(rest)
	}
	return read
}

// noteRest adds a note about members of a document that are not apps.
func (r *appsJS) noteRest(rest []string) {
	if len(rest) > 0 {
		r.note("", "The file has members beside its apps that are not carried over: %s.", strings.Join(rest, ", "))
	}
}

// names returns the keys of a document that has apps by their keys, and the names of its apps, in the form of spelled. objects reports
// whether any of them is an object.
func names(document map[string]any) (all map[string]bool, objects bool) {
	all = map[string]bool{}
	for key, value := range document {
		all[spelled(key)] = true
		if members, isObject := value.(map[string]any); isObject {
			objects = true
			all[spelled(newObject(members).text("name"))] = true
		}
	}
	return all, objects
}

// app reads one app and what starts after it, and returns it.
func (r *appsJS) app(o *object, key string, depth int) *app {
	id, name := o.text("id"), o.text("name")
	switch {
	case id == "" && uuid.MatchString(key):
		id = key
	case name == "":
		name = key
	}
	if name == "" {
		name = id
	}
	a := r.byID[strings.ToLower(id)]
	switch {
	case a == nil || id == "":
		a = &app{found: &found{ref: id, name: name, step: chain.Step{App: id, Enabled: true}}, given: map[string]any{}}
		if id != "" {
			r.byID[strings.ToLower(id)] = a
		}
		r.apps = append(r.apps, a)
	case a.name == a.ref:
		a.name = name
	case name != id && name != a.name:
		r.noteOn(a.found, "The app %s has two names, %q and %q. The first one counts.", id, a.name, name)
	}
	if depth > maxNesting {
		r.note("", "%q stands within %d others. What it starts is left out.", name, maxNesting)
		return a
	}
	r.settings(a, o)
	value, conditional := o.value("condition")
	conditional = conditional && !function(value)
	byDefault := r.condition(a, o, chain.ConditionSuccess)
	edges := len(r.edges)
	if next, ok := o.value("chain"); ok {
		r.chain(a, next, byDefault, depth)
	}
	if conditional && len(r.edges) == edges {
		r.noteOn(a.found, "%q has a condition and no chain that it is for. It is left out.", a.name)
	}
	for _, outcome := range chain.Conditions() {
		if next, ok := o.value(string(outcome)); ok {
			r.chain(a, next, outcome, depth)
		}
	}
	r.reportLeft(a, o)
	return a
}

// reportLeft adds a note about the members that were not read.
func (r *appsJS) reportLeft(a *app, o *object) {
	plain, functions := o.left()
	if len(plain) > 0 {
		r.noteOn(a.found, "%q has members that are not carried over: %s.", a.name, strings.Join(plain, ", "))
	}
	if len(functions) > 0 {
		r.noteOn(a.found, "%q has functions, which decide in code: %s. They are not carried over: write what they decide as when of the steps.",
			a.name, strings.Join(functions, ", "))
	}
}

// condition reads an outcome.
func (r *appsJS) condition(of *app, o *object, byDefault chain.Condition) chain.Condition {
	value, there := o.value("condition")
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
	if function(value) {
		r.noteOn(of.found, "%q has a function as condition, which decides in code. It is not carried over: write what it decides as when of "+
			"the steps.", of.name)
		return byDefault
	}
	r.noteOn(of.found, "The condition %q of %q is not one that a chain knows. It is taken as %s. If it decides on something else, write "+
		"it as when of the steps.", short(value), of.name, byDefault)
	return byDefault
}

// chain reads what starts after an app.
func (r *appsJS) chain(from *app, value any, condition chain.Condition, depth int) {
	switch v := value.(type) {
	case nil:
	case string:
		if v = strings.TrimSpace(v); v != "" {
			r.edges = append(r.edges, edge{from: from, name: v, condition: condition})
		}
	case []any:
		for _, each := range v {
			r.chain(from, each, condition, depth)
		}
	case map[string]any:
		if function(v) {
			r.called(from, v, condition, depth)
			return
		}
		o := newObject(v)
		id, name := o.text("id"), o.text("name")
		if id == "" && name == "" {
			r.byOutcome(from, newObject(v), depth)
			return
		}
		rest := maps.Clone(v) // without the settings of the link
		for key := range rest {
			if slices.Contains(members["condition"], spelled(key)) {
				delete(rest, key)
			}
		}
		to := r.app(newObject(rest), "", depth+1)
		if to.mentioned == "" && id == "" {
			to.mentioned = from.name
		}
		r.edges = append(r.edges, edge{from: from, to: to, condition: r.condition(to, o, condition)})
	default:
		r.note("", "%v in the chain of %q is no app. It is left out.", short(value), from.name)
	}
}

// byOutcome reads an object that has lists by outcome.
func (r *appsJS) byOutcome(from *app, o *object, depth int) {
	read := false
	for _, outcome := range chain.Conditions() {
		if next, ok := o.value(string(outcome)); ok {
			read = true
			r.chain(from, next, outcome, depth+1)
		}
	}
	if !read {
		r.note("", "%v in the chain of %q is no app. It is left out.", short(o.members), from.name)
		return
	}
	r.reportLeft(from, o)
}

// called reads a chain that is a function, which export-apps.mjs has called.
func (r *appsJS) called(from *app, v map[string]any, condition chain.Condition, depth int) {
	const other = "Write what else the code decides, such as the day, as when of the steps."
	note := func(format string, args ...any) {
		r.noteOn(from.found, "%q decides in code what starts after it. "+format, append([]any{from.name}, args...)...)
	}
	if problem, failed := v["error"]; failed {
		note("The code failed in the export: %s. What it starts then is missing: add it.", short(problem))
	}
	result, whatever := v["result"]
	list, isList := result.([]any)
	switch {
	case whatever && result == nil:
		note("It returned nothing: it may start reloads itself. What it starts is missing: add it.")
	case whatever && isList && len(list) == 0:
		note("It named no app, whatever the outcome. " + other)
	case whatever:
		note("What it returned whatever the outcome is carried over. An entry without an outcome of its own starts after %s. "+other, condition)
		r.chain(from, result, condition, depth)
	}
	for _, outcome := range []chain.Condition{chain.ConditionSuccess, chain.ConditionFailure} {
		if next, there := v[string(outcome)]; there {
			note("What it returned after a %s is carried over. "+other, outcome)
			r.chain(from, next, outcome, depth)
		}
	}
}
