// SPDX-License-Identifier: MPL-2.0

package draw_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

func TestMermaid(t *testing.T) {
	t.Parallel()
	const want = `flowchart LR
  join_transform{{"all of 2"}}
  step_archive["archive<br/><small>disabled</small>"]:::disabled
  step_audit["audit"]
  step_dashboard["dashboard"]
  step_extract_hr["extract_hr"]
  step_extract_sales["extract_sales"]
  step_fallback["fallback"]
  step_transform["transform"]
  join_transform --> step_transform
  step_extract_hr -->|success| join_transform
  step_extract_sales -->|success| join_transform
  step_transform -->|success| step_archive
  step_transform ==>|completion| step_audit
  step_transform -->|success| step_dashboard
  step_transform -.->|failure| step_fallback
  classDef disabled stroke-dasharray: 4 4
`
	if got := draw.Of(nightly()).Mermaid(); got != want {
		t.Errorf("Mermaid() = %s\nwant %s", got, want)
	}
}

func TestMermaidNotes(t *testing.T) {
	t.Parallel()
	got := draw.Of(durable()).Mermaid()
	for _, want := range []string{
		`step_transform["transform<br/><small>when weekday in 1..5 and upstream #33;#61; #34;extract_hr#34; · delay 1h30m</small>"]`,
		`step_publish["publish<br/><small>any of 2 · 2 attempts</small>"]`,
		`step_extract_sales["extract_sales<br/><small>3 attempts</small>"]`,
		`join_transform{{"all of 2<br/><small>those that start<br/>extract_hr up to 35d old</small>"}}`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("Mermaid() = %s\nwant it to contain %s", got, want)
		}
	}
	scheduled := &chain.Definition{Timezone: "Europe/Zurich", Steps: map[string]chain.Step{
		"daily":   {Enabled: true, Schedule: &chain.Schedule{Cron: "0 5 ? * MON-FRI *"}},
		"hourly":  {Enabled: true, Schedule: &chain.Schedule{Rate: chain.Duration(time.Hour)}, Retry: &chain.Retry{MaxAttempts: 2}},
		"weird":   {Enabled: true, Schedule: &chain.Schedule{Cron: "0/7 3-5 1W * ? *", Timezone: "Asia/Tokyo"}},
		"stopped": {Schedule: &chain.Schedule{Rate: chain.Duration(24 * time.Hour)}},
	}}
	got = draw.Of(scheduled).Mermaid()
	for _, want := range []string{
		`step_daily["daily<br/><small>at 05:00, Monday to Friday, Europe/Zurich</small>"]`,
		`step_hourly["hourly<br/><small>every 1h · 2 attempts</small>"]`,
		`step_weird["weird<br/><small>cron(0/7 3-5 1W #42; #63; #42;)#44; Asia/Tokyo</small>"]`,
		`step_stopped["stopped<br/><small>disabled<br/>every 24h</small>"]:::disabled`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("Mermaid() = %s\nwant it to contain %s", got, want)
		}
	}
	long := after(1, "a")
	long.When = "hour in [" + strings.Repeat("1, ", 50) + "\n 2]"
	want := "when hour in #91;" + strings.Repeat("1, ", 16) + "1,…</small>"
	if got := draw.Of(&chain.Definition{Steps: map[string]chain.Step{"x": long}}).Mermaid(); !strings.Contains(got, want) {
		t.Errorf("Mermaid() of a long guard = %s\nwant it to contain %s", got, want)
	}
}

func TestMermaidLabels(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"end":                    `step_end["end"]`,
		"01_extract, EU (daily)": `["01_extract, EU (daily)"]`,
		`say "hi"`:               `["say #34;hi#34;"]`,
		"`x` <b>#1;</b> & %%{":   `["#96;x#96; #60;b#62;#35;1#59;#60;#47;b#62; #38; #37;#37;#123;"]`,
		"1. first":               `["1#46; first"]`,
		"- first":                `["#45; first"]`,
		"*a* _b_":                `["#42;a#42; #95;b_"]`,
		"Umsätze 👩‍💻":            `["Umsätze 👩‍💻"]`,
		"a\nb":                   `["a#10;b"]`,
	} {
		d := &chain.Definition{Steps: map[string]chain.Step{key: {Enabled: true}}}
		if got := draw.Of(d).Mermaid(); !strings.Contains(got, want) {
			t.Errorf("Mermaid() of %q = %s\nwant it to contain %s", key, got, want)
		}
	}
}

func TestMermaidIDs(t *testing.T) {
	t.Parallel()
	keys := []string{"a_b", "a b", "a-b", "a.b", "A_b", "ä_b", "end"}
	id := regexp.MustCompile(`  (step[0-9a-zA-Z_]+)\[`)
	seen := map[string]string{}
	for _, key := range keys {
		alone := &chain.Definition{Steps: map[string]chain.Step{key: {}}}
		match := id.FindStringSubmatch(draw.Of(alone).Mermaid())
		if match == nil {
			t.Fatalf("no id for %q in %s", key, draw.Of(alone).Mermaid())
		}
		if other, taken := seen[match[1]]; taken {
			t.Errorf("%q and %q share the id %s", key, other, match[1])
		}
		seen[match[1]] = key
	}
	together := &chain.Definition{Steps: map[string]chain.Step{}}
	for _, key := range keys {
		together.Steps[key] = chain.Step{}
	}
	for got, key := range seen {
		if !strings.Contains(draw.Of(together).Mermaid(), "  "+got+"[") {
			t.Errorf("the id of %q depends on the other steps", key)
		}
	}
}

func TestMermaidLeavesOutLinksFromNowhere(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{Steps: map[string]chain.Step{"a": after(1, "nowhere")}}
	if got := draw.Of(d).Mermaid(); strings.Contains(got, "nowhere") {
		t.Errorf("Mermaid() = %s", got)
	}
}

func FuzzMermaid(f *testing.F) {
	f.Add("transform", "dashboard", "success", "weekday in 1..5", true)
	f.Add("say \"hi\"]", "`a`\n  x --> y", "failure", "</small>\"]", false)
	f.Add("end", "%%{init: {}}%%", "completion", "1. `x`\n  y", true)
	f.Add("#quot;", "\u2028<br/>", "|x|", "", false)
	node := regexp.MustCompile(`^  step[0-9a-f]{0,8}_[0-9A-Za-z_]*\["(?:[^"#\x60<>\n\r]|#[0-9]+;)*(?:<br/><small>(?:[^"#\x60<>\n\r]|#[0-9]+;|<br/>)+</small>)?"\](?::::disabled)?$`)
	link := regexp.MustCompile(`^  step[0-9A-Za-z_]+ (?:-->\|success\||-\.->\|failure\||==>\|completion\||---) step[0-9A-Za-z_]+$`)
	f.Fuzz(func(t *testing.T, from, to, condition, guard string, enabled bool) {
		d := &chain.Definition{Steps: map[string]chain.Step{from: {Enabled: true}}}
		d.Steps[to] = chain.Step{Enabled: enabled, When: guard, After: map[string]chain.Condition{from: chain.Condition(condition)}}
		lines := strings.Split(strings.TrimSuffix(draw.Of(d).Mermaid(), "\n"), "\n")
		nodes, links, others := 0, 0, 0
		for _, line := range lines {
			switch {
			case node.MatchString(line):
				nodes++
			case link.MatchString(line):
				links++
			default:
				others++
			}
		}
		wantOthers := 1
		if !enabled {
			wantOthers = 2
		}
		if nodes != len(d.Steps) || links != 1 || others != wantOthers {
			t.Fatalf("%d nodes, %d links, %d other lines in:\n%s", nodes, links, others, draw.Of(d).Mermaid())
		}
	})
}
