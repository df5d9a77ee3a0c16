// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// whyItFailed reads the list, the step's panel, the grid and the timeline after a night in which transform failed.
func whyItFailed(t *testing.T, s *stage, b *tab) {
	t.Helper()
	list := b.text("#panel .attention")
	for _, says := range []string{"transform", "failed", "1 step blocked", "EngineScriptError: "} {
		if !strings.Contains(list, says) {
			t.Errorf("the list lacks %q: %q", says, list)
		}
	}
	if rows := value[int](b, `document.querySelectorAll("#panel .attention li").length`); rows != 1 {
		t.Errorf("%d things need attention: %q", rows, list)
	}
	value[chromedp.Void](b, `document.querySelector("#panel .attention button").click()`)
	if got := b.text("#panel .failure .code"); got != "EngineScriptError" {
		t.Errorf("the code is %q", got)
	}
	if lines := b.text("#panel .failure pre"); strings.TrimSpace(lines) == "" {
		t.Error("the panel has no lines of the log")
	}
	if got := b.text("#panel"); !strings.Contains(got, "1 step blocked: dashboard.") {
		t.Errorf("what it blocks is missing: %q", got)
	}
	link := value[string](b, `document.querySelector("#panel .outside a").href`)
	if want := s.Tenant.URL() + "/sense/app/" + sandbox.AppTransform; link != want {
		t.Errorf("the link leads to %q, want %q", link, want)
	}
	b.shot("night-why")
	address := value[string](b, "location.href")
	if !strings.HasSuffix(address, "/page?step=transform") {
		t.Errorf("the address is %q", address)
	}
	b.run(chromedp.KeyEvent(kb.Escape))

	b.show("runs")
	cells := value[[]string](b, `[...document.querySelectorAll("td[data-step='step:transform']")].map((c) => c.innerText.trim())`)
	if all := strings.Join(cells, "; "); !strings.Contains(all, "failed") || len(cells) == 0 {
		t.Errorf("the last runs of transform are %q", cells)
	}
	b.show("timeline")
	bars(t, b)
	b.show("chain")
}

// bars checks where the bars of the timeline are: each after what it waited for, and the critical path without a step beside it.
func bars(t *testing.T, b *tab) {
	t.Helper()
	type bar struct {
		Step        string
		Critical    bool
		Queue, Ran  float64 // where they begin
		Queued, End float64
	}
	all := value[[]bar](b, `[...document.querySelectorAll("#timeline-view tbody tr")].map((row) => {
		const [queue, ran] = [row.querySelector(".queue"), row.querySelector(".bars .run")].map((e) => e.getBoundingClientRect());
		return { Step: row.querySelector(".link > span").textContent, Critical: Boolean(row.querySelector(".mark")),
			Queue: queue.left, Queued: queue.right, Ran: ran.left, End: ran.right };
	})`)
	at := map[string]bar{}
	for _, one := range all {
		at[one.Step] = one
		if one.Queue > one.Queued+1 || one.Queued > one.Ran+1 || one.Ran > one.End {
			t.Errorf("the bars of %s are in disorder: %+v", one.Step, one)
		}
	}
	// Two ends in one second have no order.
	if !at["transform"].Critical || at["extract_hr"].Critical == at["extract_sales"].Critical ||
		at["fallback"].Critical == at["archive"].Critical {
		t.Errorf("the critical path is %+v", all)
	}
	if at["transform"].Ran+1 < max(at["extract_hr"].Ran, at["extract_sales"].Ran) {
		t.Errorf("transform ran before what it waited for: %+v", all)
	}
}

// allIsWell runs a chain with a signal, in which nothing fails, and sends the signal from the page.
func allIsWell(t *testing.T, s *stage) {
	s.reload(t, "healthy", "load")
	b := open(t, s.urls["healthy"], 1280, 800)
	b.enter(s.key(t, "healthy"))
	b.until(has(node("load"), "succeeded"))
	value[chromedp.Void](b, fmt.Sprintf(`document.querySelector(%q).click()`, node("erp")))
	b.press("#panel .actions", "Report success")
	b.confirm("Report the success of erp?", "loaded by hand")
	b.until(`document.querySelector("#done").textContent.startsWith("Report success: ")`)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.KeyEvent(kb.Escape))
	b.refresh()
	b.until(has(node("report"), "succeeded"))
	b.until(`document.querySelector("#panel").innerText.includes("Nothing. The last good run ended ")`)
	if got := value[int](b, `document.querySelectorAll("#panel .attention").length`); got != 0 {
		t.Errorf("something needs attention: %q", b.text("#panel"))
	}
	more := b.text("#more")
	for _, says := range []string{"the whole chain by 06:00", "Next starts", "29 Feb 02:00"} {
		if !strings.Contains(more, says) {
			t.Errorf("what comes lacks %q: %q", says, more)
		}
	}
	if left := value[bool](b, `/in (less than 1 min|\d+ min|\d+ h \d+ min)/.test(document.querySelector(".deadlines").innerText)`); !left {
		t.Errorf("the time that is left is missing: %q", more)
	}
	b.shot("healthy")
	deepLink(t, s, b)
	b.clean()
}

// deepLink opens the page at a run and a view.
func deepLink(t *testing.T, s *stage, b *tab) {
	t.Helper()
	b.until(`document.querySelector("#run").options.length > 2`)
	run := value[string](b, `document.querySelector("#run").options[2].value`)
	status, _, err := sandbox.Call(t.Context(), http.MethodGet, s.urls["healthy"]+"/page?run="+run, nil, nil)
	if err != nil || status != http.StatusOK {
		t.Errorf("GET /page?run= without a key = %d, %v", status, err)
	}
	b.run(chromedp.Navigate(s.urls["healthy"] + "/page?run=" + run + "&step=load&view=timeline"))
	b.until(`document.querySelector("#timeline-view .bars")?.checkVisibility() && document.querySelector("#panel h2").innerText === "load"`)
	b.until(fmt.Sprintf(`document.querySelector("#run").value === %q`, run)) // the list of runs comes by itself
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until(`document.querySelector("#panel .calm")?.innerText.includes("Nothing in this run.")`)
	b.run(chromedp.Navigate(s.urls["healthy"] + "/page?run=20240101T000000000Z-00000000"))
	b.until(`document.querySelector("#done").textContent.startsWith("There is no run 20240101T000000000Z-00000000")`)
	b.until(`document.querySelector("#panel .calm")?.innerText.includes("The last good run ended ")`)
	if key := s.key(t, "healthy"); strings.Contains(value[string](b, "location.href"), key) {
		t.Error("the address has the key in it")
	}
}
