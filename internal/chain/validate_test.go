// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

func TestValidateAcceptsAValidChain(t *testing.T) {
	t.Parallel()
	d := nightly()
	d.Steps["Umsätze ▸ “EU” <b> 👩‍💻"] = after(100, "transform")
	d.Steps[strings.Repeat("ж", chain.KeyMaxLength)] = after(101, "transform")
	if problems := d.Validate(); len(problems) > 0 {
		t.Errorf("Validate() = %v, want no problem", problems)
	}
}

func TestValidateName(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"a": true, "7": true, "a-b": true, strings.Repeat("a", 32): true,
		"": false, "-a": false, "a-": false, "A": false, "a_b": false, "a\n": false, strings.Repeat("a", 33): false,
	} {
		d := nightly()
		d.Name = name
		problems := d.Validate()
		if valid != (len(problems) == 0) {
			t.Errorf("Validate() with the name %q = %v, want valid %t", name, problems, valid)
		}
		if !valid && problems[0].Path.String() != "name" {
			t.Errorf("the problem of the name %q is at %s", name, problems[0].Path)
		}
	}
}

func TestValidateFindsEveryProblem(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 21 {
		many[fmt.Sprint("v", i)] = ""
	}
	long := strings.Repeat("ü", 257)
	tests := map[string]struct {
		steps map[string]chain.Step
		want  []string // path: a piece of the message
	}{
		"no step": {nil, []string{`steps: Add at least one`}},
		"unknown key": {
			map[string]chain.Step{"transform": after(1), "dashboard": after(2, "nowhere")},
			[]string{`steps["dashboard"].after["nowhere"]: There is no step "nowhere" in the chain. Use a key of steps`},
		},
		"misspelled keys": {
			map[string]chain.Step{"transform": after(1), "load": after(2, "tranfsorm", "Transform", "lod", "xyz")},
			[]string{
				`steps["load"].after["Transform"]: Did you mean "transform"?`,
				`steps["load"].after["lod"]: Use a key of steps`,
				`steps["load"].after["tranfsorm"]: Did you mean "transform"?`,
				`steps["load"].after["xyz"]: Use a key of steps`,
			},
		},
		"self reference": {
			map[string]chain.Step{"a": after(1, "a")},
			[]string{`steps["a"].after["a"]: The step "a" starts after itself`},
		},
		"bad condition": {
			map[string]chain.Step{"a": after(1), "b": {App: appID(2), After: map[string]chain.Condition{"a": "succeeded"}}},
			[]string{`steps["b"].after["a"]: "succeeded" is not a condition. Did you mean "success"?`},
		},
		"two problems in one entry": {
			map[string]chain.Step{"b": {App: appID(2), After: map[string]chain.Condition{"other": ""}}},
			[]string{`steps["b"].after["other"]: There is no step "other"`, `steps["b"].after["other"]: "" is not a condition`},
		},
		"not a UUID": {
			map[string]chain.Step{"a": {App: "sales"}, "b": {App: "{" + appID(1) + "}"}, "c": {App: "x"}},
			[]string{
				`steps["a"].app: "sales" is not an app id. Use the app's UUID`,
				`steps["b"].app: is not an app id`,
				`steps["c"].app: "x" is not an app id`,
			},
		},
		"the same app three times": {
			map[string]chain.Step{"c": {App: strings.ToUpper(appID(10))}, "a": {App: appID(10)}, "b": {App: appID(10)}},
			[]string{
				`steps["b"].app: The step "a" has the same app`,
				`steps["c"].app: The step "a" has the same app`,
			},
		},
		"steps without app are not the same": {
			map[string]chain.Step{"a": {}, "b": {}},
			[]string{`steps["a"].app: The step starts nothing`, `steps["b"].app: Set one of app, automation, data_task and signal`},
		},
		"variables": {
			map[string]chain.Step{
				"a": {App: appID(1), Variables: many},
				"b": {App: appID(2), Variables: map[string]string{"": "x", long: "x", "mode": long}},
			},
			[]string{
				`steps["a"].variables: There are 21 variables. Qlik takes at most 20`,
				`steps["b"].variables[""]: empty name`,
				`steps["b"].variables["mode"]: The variable's value has 257 characters`,
				`steps["b"].variables["` + long + `"]: The variable's name has 257 characters`,
			},
		},
		"weight": {
			map[string]chain.Step{"a": {App: appID(1), Weight: 11}, "b": {App: appID(2), Weight: -1}, "c": {App: appID(3), Weight: 1}},
			[]string{`steps["a"].weight: The weight 11 is out of range. Use 1 to 10`, `steps["b"].weight: The weight -1`},
		},
		"keys": {
			map[string]chain.Step{
				"": after(1), "a\nb": after(2), strings.Repeat("ü", 201): after(3), "a\u202eb": after(4), "a\xffb": after(5),
			},
			[]string{
				`steps[""]: empty name`,
				`steps["a\nb"]: characters that cannot be seen`,
				`steps["a\u202eb"]: characters that cannot be seen`,
				`steps["a\xffb"]: characters that cannot be seen`,
				`steps["` + strings.Repeat("ü", 201) + `"]: The step's name has 201 characters. Use at most 200`,
			},
		},
		"cycle": {
			map[string]chain.Step{"c": after(3, "b"), "a": after(1, "c", "root"), "b": after(2, "a"), "root": after(4), "leaf": after(5, "c")},
			[]string{`steps["a"].after["c"]: in a circle: a → b → c → a. Remove one`},
		},
		"the shortest cycle of each group": {
			map[string]chain.Step{
				"a": after(1, "d"), "b": after(2, "a", "c"), "c": after(3, "b"), "d": after(4, "c"),
				"x": after(5, "y", "c"), "y": after(6, "x"),
			},
			[]string{`steps["b"].after["c"]: b → c → b.`, `steps["x"].after["y"]: x → y → x.`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC", Steps: tt.steps}
			expectProblems(t, d, tt.want)
		})
	}
}

// expectProblems checks that these are all of a definition's problems, each given as its path and a piece of its message.
func expectProblems(t *testing.T, d *chain.Definition, want []string) {
	t.Helper()
	problems := d.Validate()
	if !slices.IsSortedFunc(problems, func(a, b chain.Problem) int { return slices.Compare(a.Path, b.Path) }) {
		t.Errorf("Validate() is not sorted: %v", problems)
	}
	if len(problems) != len(want) {
		t.Fatalf("Validate() found %d problems, want %d: %q", len(problems), len(want), problems)
	}
	for i, want := range want {
		path, piece, _ := strings.Cut(want, ": ")
		if problems[i].Path.String() != path || !strings.Contains(problems[i].Message, piece) {
			t.Errorf("problem %d is %q, want at %s: %q", i, problems[i], path, piece)
		}
	}
}

func TestValidateTheChain(t *testing.T) {
	t.Parallel()
	line := func(n int) *chain.Definition {
		d := chaintest.Tree(n)
		keys := slices.Sorted(maps.Keys(d.Steps))
		for i := range keys[1:] {
			d.Steps[keys[i+1]] = after(i+1, keys[i])
		}
		return d
	}
	with := func(d *chain.Definition, change func(*chain.Definition)) *chain.Definition {
		change(d)
		return d
	}
	tests := map[string]struct {
		d    *chain.Definition
		want []string
	}{
		"a long chain": {line(1000), nil},
		"history_days": {with(line(2), func(d *chain.Definition) { d.HistoryDays = 366 }),
			[]string{"history_days: history_days is 366. Use 1 to 365."}},
		"a year": {with(line(2), func(d *chain.Definition) { d.HistoryDays = 365 }), nil},
	}
	for zone, want := range map[string]string{
		"Local": "Use an IANA name", "Mars/Olympus": "Use an IANA name", "CEST": `Did you mean "CET"?`,
		"europe/berlin": `Did you mean "Europe/Berlin"?`,
		"Europe/Belin":  `Did you mean "Europe/Berlin"?`, "New York": `Did you mean "America/New_York"?`,
		"berlin":              `Did you mean "Europe/Berlin"?`,
		"right/Europe/Berlin": "There is no time zone", "../etc/passwd": "There is no time zone", "+01:00": "There is no time zone",
	} {
		d := with(line(2), func(d *chain.Definition) { d.Timezone = zone })
		tests["timezone "+zone] = struct {
			d    *chain.Definition
			want []string
		}{d, []string{"timezone: " + want}}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectProblems(t, tt.d, tt.want)
		})
	}
}

// TestEveryTimezoneLoads: every name that is accepted has a zone.
func TestEveryTimezoneLoads(t *testing.T) {
	t.Parallel()
	names, err := os.ReadFile("timezones.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(names)) {
		d := nightly()
		d.Timezone = strings.TrimSuffix(name, "\n")
		if problems := d.Validate(); len(problems) > 0 {
			t.Error(problems)
		}
		if _, err := d.Location(); err != nil {
			t.Error(err)
		}
	}
}

func TestValidateVersion(t *testing.T) {
	t.Parallel()
	d := nightly()
	d.Version = 0
	if problems := d.Validate(); len(problems) != 1 || problems[0].Path.String() != "version" {
		t.Errorf("Validate() = %v, want one problem at version", problems)
	}
}

// The ring is the hardest small case for a search that enumerates, the complete graph for one that follows every link.
func TestValidateFindsCyclesInLargeChains(t *testing.T) {
	t.Parallel()
	ring, complete := chaintest.Tree(1000), chaintest.Tree(1000)
	ring.Timezone, complete.Timezone = "UTC", "UTC"
	keys := slices.Sorted(maps.Keys(ring.Steps))
	for i, key := range keys {
		ring.Steps[key] = after(i, keys[(i+len(keys)-1)%len(keys)])
		complete.Steps[key] = after(i, slices.Concat(keys[:i], keys[i+1:])...)
	}
	for name, tt := range map[string]struct {
		d      *chain.Definition
		at     string
		length int
	}{
		"ring":     {ring, `steps["app 0000"].after["app 0999"]`, 1000},
		"complete": {complete, `steps["app 0000"].after["app 0001"]`, 2},
	} {
		problems := tt.d.Validate()
		if len(problems) != 1 {
			t.Fatalf("%s: %d problems, want 1", name, len(problems))
		}
		if got := problems[0].Path.String(); got != tt.at {
			t.Errorf("%s: reported at %s, want %s", name, got, tt.at)
		}
		if got := strings.Count(problems[0].Message, "→"); got != tt.length {
			t.Errorf("%s: the cycle has %d links, want %d", name, got, tt.length)
		}
	}
}
