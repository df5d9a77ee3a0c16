// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// read is a file of the repository.
func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wants checks that a guide names each of these in code.
func wants(t *testing.T, guide, what string, names []string) {
	t.Helper()
	text := read(t, "templates", "guides", guide)
	if len(names) == 0 {
		t.Errorf("%s: no %s was found", guide, what)
	}
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not have the %s `%s`", guide, what, name)
		}
	}
}

// found are what a pattern finds in a file of the code, in its first group.
func found(t *testing.T, pattern string, path ...string) []string {
	t.Helper()
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, path...), -1) {
		all = append(all, match[1])
	}
	return all
}

// fields are the names that the fields of a type have in JSON, with those of the types that it embeds.
func fields(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			names = append(names, fields(field.Type)...)
		case name != "":
			names = append(names, name)
		}
	}
	return names
}

// TestGuideHasTheRecord: the guide names each field of the record and of the picture, and each word that stands in one.
func TestGuideHasTheRecord(t *testing.T) {
	t.Parallel()
	for _, of := range []any{
		engine.RunView{}, engine.Counts{}, engine.StepRecord{}, engine.StartView{}, engine.Cause{}, engine.Operations{},
		engine.Event{}, draw.State{},
		draw.Edge{},
	} {
		names := fields(reflect.TypeOf(of))
		wants(t, "seeing.md", "field of "+reflect.TypeOf(of).String(), names)
	}
	var statuses []string
	for _, status := range draw.Statuses() {
		statuses = append(statuses, string(status))
	}
	wants(t, "seeing.md", "status of a node", statuses)
	wants(t, "seeing.md", "status of a step or a run", found(t, `Status = "(\w+)"`, "internal", "chain", "run", "evaluate.go"))
	wants(t, "seeing.md", "type of an event", found(t, `EventType = "(\w+)"`, "lambda", "engine", "event.go"))
	wants(t, "seeing.md", "phase", append(found(t, `Phase = "(\w+)"`, "lambda", "engine", "record.go"),
		found(t, `Phase\w+\s+= "(\w+)"`, "internal", "chain", "record.go")...))
	wants(t, "seeing.md", "beginning of a run", found(t, `StartedBy = "(\w+)"`, "lambda", "engine", "record.go"))
	for _, guide := range []string{"seeing.md", "how-a-chain-runs.md"} {
		wants(t, guide, "kind of a skip", found(t, `Skip = "(\w+)"`, "internal", "chain", "run", "run.go"))
	}
}

// TestGuideHasEveryRoute: each route that the function names is in the guide, and what each POST does too.
func TestGuideHasEveryRoute(t *testing.T) {
	t.Parallel()
	gets, posts := []string{}, []string{}
	for _, text := range found(t, `(?s)const whatThereIs = (.*?)\n\n`, "lambda", "routes.go") {
		for _, match := range regexp.MustCompile(`(GET|POST) (/[\w{}/]*)`).FindAllStringSubmatch(text, -1) {
			if match[1] == "GET" {
				gets = append(gets, match[2])
			} else {
				posts = append(posts, match[2])
			}
		}
	}
	wants(t, "seeing.md", "route", gets)
	wants(t, "operations.md", "operation", posts)
	for i := range posts {
		posts[i] = "POST " + posts[i]
	}
	wants(t, "seeing.md", "route", posts)
}

// TestGuideHasWhatIsWatched: the guide names each metric, each notice and each outcome in the log.
func TestGuideHasWhatIsWatched(t *testing.T) {
	t.Parallel()
	wants(t, "monitoring.md", "metric", found(t, `Metric = "(\w+)"`, "internal", "chain", "metric.go"))
	wants(t, "monitoring.md", "kind of notice", found(t, `NoticeKind = "(\w+)"`, "lambda", "engine", "notice.go"))
	wants(t, "monitoring.md", "outcome", found(t, `Outcome = "(\w+)"`, "lambda", "engine", "result.go"))
	wants(t, "monitoring.md", "end of a run to be notified of", []string{"failure", "recovered", "success"})
}

// TestGuideHasAnEvent checks that the guide's example of an event has each field that an event of a step has.
func TestGuideHasAnEvent(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(read(t, "templates", "guides", "seeing.md"), "```json\n{\n  \"version\"")
	text, _, _ = strings.Cut(text, "```")
	decoder := json.NewDecoder(strings.NewReader(`{"version"` + text))
	decoder.DisallowUnknownFields()
	var event engine.Event
	if err := decoder.Decode(&event); err != nil {
		t.Fatal(err)
	}
	value := reflect.ValueOf(event)
	for i := range value.NumField() {
		if name := value.Type().Field(i).Name; value.Field(i).IsZero() && name != "Type" && name != "Counts" {
			t.Errorf("the example has no %s", name)
		}
	}
	if event.Version != engine.EventVersion || event.EndedAt.Sub(event.StartedAt).Seconds() != event.Seconds {
		t.Errorf("the example is %+v", event)
	}
}
