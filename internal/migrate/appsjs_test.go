// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
)

// appB is a document in which a starts b, which has these members too.
func appB(members string) []byte {
	return fmt.Appendf(nil, `[{"name":"a","appId":%q,"chain":["b"]},{"name":"b","appId":%q,%s}]`, idA, idB, members)
}

// TestSettings: members that a step has too are the step's; other values of them are named.
func TestSettings(t *testing.T) {
	t.Parallel()
	c, err := migrate.AppsJS(appB(`"enabled":"false","Partial-Reload":true,"weight":10,"delay":"1h",`+
		`"retries":9,"variables":{"a":"","b":1.5}`), "x")
	if err != nil {
		t.Fatal(err)
	}
	b := c.Definition.Steps["b"]
	if b.Enabled || !b.Partial || b.Weight != 10 || b.Delay.String() != "1h" || b.Retry.MaxAttempts != 10 ||
		fmt.Sprint(b.Variables) != "map[a: b:1.5]" {
		t.Errorf("%+v", b)
	}
	expectHCL(t, c)
	for members, note := range map[string]string{
		`"enabled":"maybe"`:    "a value of enabled that a step cannot have",
		`"partial":1`:          "a value of partial",
		`"weight":11`:          "a value of weight",
		`"weight":2.5`:         "a value of weight",
		`"delay":300`:          "a value of delay",
		`"delay":"30s"`:        "a value of delay",
		`"retries":10`:         "see retry in the documentation",
		`"variables":["a"]`:    "a value of variables",
		`"variables":{"a":{}}`: "a value of variables",
		`"variables":{"a":"` + strings.Repeat("x", 257) + `"}`: "a value of variables",
		`"schedule":"0 5 * * *"`:                               "a value of schedule",
		`"schedule":{"cron":"0 5 * * ? *","timezone":"CET/"}`:  "a value of schedule",
		`"schedule":"0 5 * * ? *"`:                             "the schedule is left out. A reload task in Qlik Cloud can start the app then",
		`"enabled":{"$function":"enabled","result":true}`:      "a function as enabled, which decides in code",
		`"owner":"bi","apiKey":"secret"`:                       "members that are not carried over: apiKey, owner.",
	} {
		c, err := migrate.AppsJS(appB(members), "x")
		if err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		expectNote(t, c, "b", note)
		if text := string(c.HCL("x")); strings.Contains(text, "secret") {
			t.Errorf("a value of an unknown member is written: %s", text)
		}
		b := c.Definition.Steps["b"]
		if !b.Enabled || b.Partial || b.Weight != 0 || b.Delay != 0 || b.Retry != nil || b.Variables != nil || b.Schedule != nil {
			t.Errorf("%s: %+v", members, b)
		}
	}
}

// TestNames: a name that two apps have leads nowhere, with a note; entries without an id are the app with their name.
func TestNames(t *testing.T) {
	t.Parallel()
	for document, test := range map[string]struct{ want, step, note string }{
		`[{"name":"a","appId":"A","chain":["b"]},{"name":"b","appId":"B","chain":["c"]},` +
			`{"name":"b","appId":"C","chain":["c"]},{"name":"c"}]`: {
			"b, b_2, c after b success or b_2 success", "a", `"a" names "b" in its chain, which is the name of 2 apps. That link is missing`,
		},
		`[{"name":"a","appId":"A","chain":["b","c"]},{"name":"b","appId":"B","chain":["c"]},` +
			`{"name":"b","appId":"C","chain":["c"]},{"name":"c"}]`: {
			"a, b, b_2, c after a success or b success or b_2 success", "a", `"a" names "b" in its chain, which is the name of 2 apps`,
		},
		`[{"name":"a","appId":"A","chain":[{"name":"b","chain":["c"]}]},{"name":"b","appId":"B"},` +
			`{"name":"b","appId":"C","chain":["c"]},{"name":"c"}]`: {
			"b_2, c after b_2 success", "", `"b" stands without an id, and it is the name of 2 apps`,
		},
		`[{"name":"a","appId":"A","chain":[{"name":"B","chain":["c"],"weight":3}]},` +
			`{"name":"b","appId":"B","weight":4},{"name":"c"},{"name":"c","enabled":false}]`: {
			"a, b after a success, c after b success", "b", `"b" has two values of weight. The first one counts.`,
		},
		`[{"name":"a","appId":"A","chain":["b"]},{"name":"b","appId":"B"},{"name":"z","appId":"B"}]`: {
			"a, b after a success", "b", `has two names, "b" and "z"`,
		},
	} {
		document = strings.NewReplacer(`appId":"A"`, `appId":"`+idA+`"`, `appId":"B"`, `appId":"`+idB+`"`,
			`appId":"C"`, `appId":"`+idC+`"`).Replace(document)
		c, err := migrate.AppsJS([]byte(document), "x")
		if err != nil {
			t.Errorf("%s: %v", document, err)
			continue
		}
		if got := inWords(c.Definition); got != test.want {
			t.Errorf("%s: %s, want %s", document, got, test.want)
		}
		expectNote(t, c, test.step, test.note)
		expectHCL(t, c)
	}
}

// TestNoSecrets: a text beside apps that names none of them is a setting. Its name is noted, and its value is not written.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	c, err := migrate.AppsJS([]byte(`{"apiKey":"secret-key","a":{"id":"`+idA+`","chain":["b"]},`+
		`"b":"c","c":{"name":"C","token":"secret-too"}}`), "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := inWords(c.Definition), "a, b after a success, c after b success"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	expectNote(t, c, "", "The file has members beside its apps that are not carried over: apiKey.")
	expectNote(t, c, "c", "members that are not carried over: token.")
	if text := string(c.HCL("x")); strings.Contains(text, "secret") {
		t.Error(text)
	}
}
