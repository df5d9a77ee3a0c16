// SPDX-License-Identifier: MPL-2.0

package draw_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// night is nightly's picture at 03:00: one extract has arrived and the transformation waits for the other; yesterday's dashboard has
// failed.
func night() *draw.Picture {
	p := draw.Of(durable())
	p.Runs = []draw.Run{{
		ID: "20261124T011500000Z-133e8b24", Origin: "extract_sales", At: time.Date(2026, 11, 24, 1, 15, 0, 0, time.UTC), Status: "waiting",
		Counts: draw.RunCounts{Steps: 5, Succeeded: 1},
	}}
	at := time.Date(2026, 11, 24, 1, 10, 3, 0, time.UTC)
	set := func(id string, s draw.State) {
		i := slices.IndexFunc(p.Nodes, func(n draw.Node) bool { return n.ID == id })
		p.Nodes[i].State = s
	}
	set("step:extract_sales", draw.State{Status: draw.StatusSucceeded, Attempt: 2, Of: 3, StartedAt: at, EndedAt: at.Add(161 * time.Second),
		Seconds: 161})
	set("join:transform", draw.State{
		Status: draw.StatusJoining, Of: 2, Arrived: 1, Missing: []string{"extract_hr"}, StartedAt: at,
		Until: time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC),
	})
	set("step:dashboard", draw.State{Status: draw.StatusFailed, Earlier: true, Attempt: 1, Of: 1, EndedAt: at.Add(-24 * time.Hour)})
	set("step:fallback", draw.State{Status: draw.StatusSkipped, Reason: "starts after transform = failure; it ended with success"})
	for i := range p.Edges {
		switch e := &p.Edges[i]; e.From + e.To {
		case "step:extract_salesjoin:transform":
			e.Way = draw.WayWaits
		case "step:transformstep:fallback":
			e.Way, e.Reason = draw.WayNotTaken, "starts after transform = failure; it ended with success"
		}
	}
	return p
}

// texts are the contents of an SVG's text elements, and the names of all its elements.
func texts(t *testing.T, svg []byte) (texts, titles []string, elements map[string]int) {
	t.Helper()
	decoder, elements := xml.NewDecoder(strings.NewReader(string(svg))), map[string]int{}
	var path []string
	for {
		token, err := decoder.Token()
		switch x := token.(type) {
		case xml.StartElement:
			path = append(path, x.Name.Local)
			elements[x.Name.Local]++
			switch x.Name.Local {
			case "text":
				texts = append(texts, "")
			case "title":
				titles = append(titles, "")
			}
			for _, a := range x.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "https://") {
					t.Fatalf("the element %s has %s=%q", x.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			switch {
			case len(path) == 0:
			case path[len(path)-1] == "text":
				texts[len(texts)-1] += string(x)
			case path[len(path)-1] == "title":
				titles[len(titles)-1] += string(x)
			}
		}
		if errors.Is(err, io.EOF) {
			return texts, titles, elements
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

func TestSVGShowsTheNight(t *testing.T) {
	t.Parallel()
	got, titles, _ := texts(t, night().SVG())
	for _, want := range []string{
		"extract_sales", "succeeded, attempt 2 of 3", "24 Nov 02:10:03 – 02:12:44, 2m 41s", "1 of 2 arrived", "waits for extract_hr until 06:00",
		"failed", "starts after transform = failure; it", "ended with success", "ended 23 Nov 02:10:03", "skipped", "success, waits",
		"failure, not taken", "completion", "disabled",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the SVG does not show %q: %q", want, got)
		}
	}
	if want := "starts after transform = failure; it ended with success"; !slices.Contains(titles, want) {
		t.Errorf("the SVG does not say %q: %q", want, titles)
	}
	if svg := string(night().SVG()); strings.Count(svg, `class="edge failure`) != 1 || strings.Count(svg, `class="edge completion`) != 1 ||
		!strings.Contains(svg, "earlier") {
		t.Error("the edges' styles do not follow the conditions")
	}
}

func TestSVGOfADefinition(t *testing.T) {
	t.Parallel()
	got, _, _ := texts(t, draw.Of(durable()).SVG())
	for _, want := range []string{"all of 2", "those that start", "3 attempts", "any of 2 · 2 attempts", "success", "failure", "completion"} {
		if !slices.Contains(got, want) {
			t.Errorf("the SVG does not show %q: %q", want, got)
		}
	}
	for _, text := range got {
		if text == "not run yet" {
			t.Error("a definition has no statuses")
		}
	}
}

func TestMermaidShowsTheNight(t *testing.T) {
	t.Parallel()
	got := night().Mermaid()
	for _, want := range []string{
		`step_extract_sales["extract_sales<br/><small>succeeded, attempt 2 of 3<br/>24 Nov 02:10:03 – 02:12:44, 2m 41s</small>"]:::succeeded`,
		`join_transform{{"1 of 2 arrived<br/><small>waits for extract_hr until 06:00</small>"}}:::joining`,
		"step_transform -.->|failure, not taken| step_fallback", "step_extract_sales -->|success, waits| join_transform",
		"  classDef failed stroke:#b3261e,stroke-width:2px",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("Mermaid() = %s\nwant it to contain %s", got, want)
		}
	}
}

func TestDOT(t *testing.T) {
	t.Parallel()
	got := night().DOT()
	for _, want := range []string{
		`digraph "nightly" {`,
		`  join_transform [label="1 of 2 arrived\nwaits for extract_hr until 06:00" shape=hexagon style=solid color="#8a5a00" penwidth=2]`,
		`  step_archive [label="archive\nnot run yet\ndisabled" style="rounded,dashed"]`,
		`  step_transform -> step_fallback [label="failure, not taken" style=dashed]`,
		`  step_transform -> step_audit [label="completion" style=bold]`,
		`  join_transform -> step_transform`, "}",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("DOT() = %s\nwant it to contain %s", got, want)
		}
	}
}

// FuzzRenderers draws names and reasons that strangers have made up: in each format they stay text.
func FuzzRenderers(f *testing.F) {
	f.Add("transform", "waits for a", "nightly")
	f.Add(`say "hi"] --> x`, `</text><script>alert(1)</script>`, `" onload="alert(1)`)
	f.Add("<b>&amp; \\N \\", "]]><!--\x00\ufffe", "%%{init}%%")
	f.Add("Umsätze 👩‍💻 \u05e9\u05dc\u05d5\u05dd \u202eevil", strings.Repeat("名", 200), "a\nb\\")
	plain, _, allowed := texts(new(testing.T), draw.Of(nightly()).SVG())
	if len(plain) == 0 {
		f.Fatal("nothing is drawn")
	}
	allowed["a"] = 1
	dotLine := regexp.MustCompile(`^(?:digraph "(?:[^"\\]|\\.)*" \{|  rankdir=LR|  (?:node|edge) \[[^\]]*\]|  \w+ \[label="(?:[^"\\]|\\.)*"[^"]*(?:"[^"\\]*"[^"]*)*\]|  \w+ -> \w+(?: \[label="[a-z, ]+" style=\w+\])?|\})$`)
	mermaidLine := regexp.MustCompile(`^(?:flowchart LR|  \w+(?:\["[^"<>\x60]*(?:<br/><small>(?:[^"<>\x60]|<br/>)*</small>)?"\]|\{\{"[^"<>\x60]*(?:<br/><small>(?:[^"<>\x60]|<br/>)*</small>)?"\}\})(?::::\w+)?|  \w+ (?:-->|-\.->|==>)(?:\|[a-z, ]+\|)? \w+|  classDef \w+ [a-z0-9:#, -]+)$`)
	f.Fuzz(func(t *testing.T, key, says, name string) {
		d := nightly()
		d.Name = name
		s := d.Steps["transform"]
		s.When = says
		d.Steps[key] = s
		p := draw.Of(d)
		p.Runs = []draw.Run{{ID: "r", Origin: key}}
		for i := range p.Nodes {
			n := &p.Nodes[i]
			n.State = draw.State{Status: draw.StatusSkipped, Reason: says, Of: 2, Missing: []string{key}, Attempt: 1}
			if n.Kind == draw.KindJoin {
				n.Status = draw.StatusJoining
			} else {
				n.URL = "https://acme.eu.qlikcloud.com/sense/app/" + n.Target.ID
			}
		}
		for i := range p.Edges {
			p.Edges[i].Way, p.Edges[i].Reason = draw.WayNotTaken, says
		}
		_, titles, elements := texts(t, p.SVG())
		for element := range elements {
			if allowed[element] == 0 {
				t.Fatalf("the SVG has an element %q", element)
			}
		}
		if want := xmlChars(says); says != "" && !slices.Contains(titles, want) {
			t.Fatalf("the SVG does not say %q: %q", want, titles)
		}
		for _, line := range strings.Split(strings.TrimSuffix(p.DOT(), "\n"), "\n") {
			if !dotLine.MatchString(line) {
				t.Fatalf("the DOT has the line %q", line)
			}
		}
		for _, line := range strings.Split(strings.TrimSuffix(p.Mermaid(), "\n"), "\n") {
			if !mermaidLine.MatchString(line) {
				t.Fatalf("the Mermaid has the line %q", line)
			}
		}
	})
}

// xmlChars is a text as XML can hold it.
func xmlChars(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r > 0xffff && r <= unicode.MaxRune {
			return r
		}
		return utf8.RuneError
	}, s)
}
