// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

func TestPage(t *testing.T) {
	s := deploy(t)
	t.Run("a night", func(t *testing.T) { night(t, s) })
	t.Run("strangers", func(t *testing.T) { strangers(t, s) })
	t.Run("by hand", func(t *testing.T) { byHand(t, s) })
	t.Run("viewer", func(t *testing.T) { viewer(t, s) })
	t.Run("signed", func(t *testing.T) { signed(t, s) })
	for _, chain := range []string{"thirty", "threehundred"} {
		s.Tenant.SetOutcomes(s.ids[chain]["mart_01"], "FAILED")
		s.Tenant.SetOutcomes(s.ids[chain]["transform_04"], "FAILED")
		s.reload(t, chain, "start")
	}
	s.Tenant.SetOutcomes(s.ids["three"]["dashboard"], "FAILED")
	s.reload(t, "three", "extract")
	t.Run("odd names", func(t *testing.T) { oddNames(t, s) })
	for _, chain := range []string{"three", "thirty", "threehundred"} {
		t.Run(chain, func(t *testing.T) { look(t, s, chain) })
	}
	t.Run("healthy", func(t *testing.T) { allIsWell(t, s) })
	t.Run("thirty at once", func(t *testing.T) { thirtyAtOnce(t, s) })
	t.Run("folds", func(t *testing.T) { folds(t, s) })
	for chain, step := range map[string]string{"nightly": "transform", "three": "dashboard",
		"thirty": "mart_01", "threehundred": "transform_04", "healthy": "erp"} {
		t.Run("states of "+chain, func(t *testing.T) { states(t, s, chain, step) })
	}
}

func node(step string) string { return fmt.Sprintf(`[data-id=%q]`, "step:"+step) }

// has is an expression that reports whether an element has a class.
func has(selector, class string) string {
	return fmt.Sprintf("document.querySelector(%q)?.classList.contains(%q)", selector, class)
}

// shows is an expression that reports whether a node has a text.
func shows(id, text string) string {
	return fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", fmt.Sprintf("[data-id=%q]", id), text)
}

// night opens the page before anything has happened, and watches a night.
func night(t *testing.T, s *stage) {
	b := open(t, s.urls["nightly"], 1500, 850)
	b.run(chromedp.WaitVisible(chromedp.CSS("#door")))
	if b.mu.Lock(); !slices.Equal(b.requests, []string{"GET " + s.urls["nightly"] + "/page", "GET data:,"}) && len(b.requests) != 1 {
		t.Errorf("the empty page has asked for %q", b.requests)
	}
	b.mu.Unlock()

	b.enter("made-up")
	b.until(`document.querySelector("#refused").textContent`)
	if got := b.text("#refused"); !strings.HasPrefix(got, "The chain does not accept this key.") {
		t.Errorf("of a wrong key the page says %q", got)
	}
	b.shot("door")

	b.enter(s.key(t, "nightly"))
	b.until(has(node("transform"), "plain"))
	if got := b.text("#chain"); got != "nightly" {
		t.Errorf("the page names the chain %q", got)
	}

	s.reload(t, "nightly", "extract_sales")
	b.refresh()
	b.until(has(node("extract_sales"), "succeeded") + " && " + shows("join:transform", "1 of 2 arrived") + " && " +
		shows("join:transform", "waits for extract_hr until "))
	for _, says := range []string{"waits: of 5 steps 1 succeeded", "waits until "} {
		b.until(fmt.Sprintf(`document.querySelector("#panel .runs").innerText.includes(%q)`, says))
	}
	b.shot("night-join")

	// While something waits, the page asks by itself every few seconds.
	s.Tenant.SetOutcomes(s.ids["nightly"]["transform"], "FAILED")
	s.reload(t, "nightly", "extract_hr")
	for step, want := range map[string]string{
		"extract_hr": "succeeded", "transform": "failed", "fallback": "succeeded", "archive": "succeeded", "dashboard": "blocked",
	} {
		b.until(has(node(step), want)) // it may have asked in the middle of it, and asks again
	}
	b.until(shows("join:transform", "2 of 2 arrived"))
	if got := b.text("#panel"); !strings.Contains(got, "transform") || strings.Contains(got, "archive") {
		t.Errorf("what to look at is %q", got)
	}
	b.until(`document.querySelector("#panel .runs").innerText.includes("failed after ")`)
	b.shot("night-failed")
	whyItFailed(t, s, b)

	b.choose("dashboard")
	if got := b.text("#panel"); !strings.Contains(got, "dashboard is blocked: transform failed.") ||
		!strings.Contains(got, "success, not taken") {
		t.Errorf("of dashboard the page says %q", got)
	}
	link := value[string](b, `document.querySelector("#panel .outside a:last-child").getAttribute("href")`)
	if want := s.Tenant.URL() + "/sense/app/" + sandbox.AppDashboard; link != want {
		t.Errorf("the link leads to %q, want %q", link, want)
	}
	b.shot("night-details")

	keyboard(t, b)
	runsToChooseFrom(t, b)
	kept := value[string](b, `Object.values(sessionStorage).join() + "|" + Object.values(localStorage).join() + "|" + document.cookie`)
	if kept != s.key(t, "nightly")+"||" {
		t.Error("the key is kept elsewhere than in the tab")
	}
	b.run(chromedp.Click(chromedp.CSS("#leave")), chromedp.WaitVisible(chromedp.CSS("#door")))
	if left := value[string](b, `Object.values(sessionStorage).join() + document.querySelector("#sheet").textContent + document.querySelector("#panel").textContent`); left != "" {
		t.Errorf("after locking, the page still has %q", left)
	}
	b.clean()
}

// keyboard goes through the chain without a mouse.
func keyboard(t *testing.T, b *tab) {
	t.Helper()
	focus := func() string {
		return value[string](b, `document.activeElement?.dataset.id ?? document.activeElement?.id ?? ""`)
	}
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.Focus(chromedp.CSS(node("extract_hr"))))
	for _, move := range []struct{ key, to string }{
		{kb.ArrowRight, "join:transform"}, {kb.ArrowRight, "step:transform"}, {kb.ArrowLeft, "join:transform"},
	} {
		b.run(chromedp.KeyEvent(move.key))
		if got := focus(); got != move.to {
			t.Errorf("the key %q leads to %q, want %q", move.key, got, move.to)
		}
	}
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("/"))
	if got := focus(); got != "search" {
		t.Errorf("/ leads to %q", got)
	}
	value[chromedp.Void](b, `document.querySelector("#search").value = ""`) // a real keyboard's "/" does not get there
	b.run(chromedp.KeyEvent("extr"))
	b.until(has(node("transform"), "out") + " && !" + has(node("extract_hr"), "out"))
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until("!" + has(node("transform"), "out"))
	b.run(chromedp.Click(chromedp.CSS(".chip.failed")))
	b.until(has(node("extract_hr"), "out") + " && !" + has(node("transform"), "out"))
	b.run(chromedp.Click(chromedp.CSS(".chip.failed")))
	b.until("!" + has(node("extract_hr"), "out"))
}

// runsToChooseFrom shows the chain as it is defined, then a run.
func runsToChooseFrom(t *testing.T, b *tab) {
	t.Helper()
	b.until(`document.querySelector("#run").options.length === 4`)
	options := value[[]string](b, `[...document.querySelector("#run").options].map((o) => o.textContent)`)
	// Two runs of one second have no order.
	if all := strings.Join(options[2:], "\n") + "\n"; !strings.Contains(all, "extract_hr: failed\n") ||
		!strings.Contains(all, "extract_sales: succeeded\n") {
		t.Errorf("the runs to choose from are %q", options)
	}
	choose := `(i) => { const s = document.querySelector("#run"); s.selectedIndex = i; s.dispatchEvent(new Event("change")) }`
	value[chromedp.Void](b, "("+choose+")(1)")
	b.until(has(node("transform"), "plain"))
	value[chromedp.Void](b, "("+choose+")(3)")
	b.until(has(node("transform"), "failed"))
	// In between another one, by which it shows that the page has the answer: it moves what is clicked next.
	value[chromedp.Void](b, "("+choose+")(1)")
	b.until(has(node("transform"), "plain"))
	value[chromedp.Void](b, "("+choose+")(0)")
	b.until(has(node("transform"), "failed"))
}

// strangers get the empty page and nothing else.
func strangers(t *testing.T, s *stage) {
	for path, want := range map[string]int{"/page": 200, "": 403, "/": 403, "/runs": 403, "/graph": 403, "/page/": 403, "/page/x": 403} {
		status, body, err := sandbox.Call(t.Context(), http.MethodGet, s.urls["nightly"]+path, nil, nil)
		if err != nil || status != want || path != "/page" && strings.Contains(string(body), "extract") {
			t.Errorf("GET %s without a key = %d %s, %v", path, status, body, err)
		}
	}
	if status, body, err := sandbox.Call(t.Context(), http.MethodPost, s.urls["nightly"]+"/page", nil, nil); err != nil || status != 403 {
		t.Errorf("POST /page = %d %s, %v", status, body, err)
	}
	response, err := http.Get(s.urls["nightly"] + "/page")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
	} {
		if got := response.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("the page's header %s is %q, want %q", name, got, want)
		}
	}
	limited(t, s)
}

// limited asks for the page as fast as it can: the stage answers some of it with 429, and users with the key do not have to wait.
func limited(t *testing.T, s *stage) {
	t.Helper()
	var all sync.WaitGroup
	var refused atomic.Int32
	for range 8 { // fewer than Lambda runs at once
		all.Go(func() {
			for range 10 {
				status, body, err := sandbox.Call(t.Context(), http.MethodGet, s.urls["nightly"]+"/page", nil, nil)
				switch {
				case err != nil || status != http.StatusOK && status != http.StatusTooManyRequests:
					t.Errorf("GET /page = %d %s, %v", status, body, err)
				case status == http.StatusTooManyRequests:
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	if refused.Load() == 0 {
		t.Error("80 requests for the page, as fast as they went, were all answered")
	}
	status, body, err := sandbox.Call(t.Context(), http.MethodGet, s.urls["nightly"]+"/graph",
		map[string]string{"x-api-key": s.key(t, "nightly")}, nil)
	if err != nil || status != http.StatusOK {
		t.Errorf("GET /graph with the key, meanwhile = %d %s, %v", status, body, err)
	}
}

// oddNames checks that names are drawn, in the page and in the SVG, and do nothing.
func oddNames(t *testing.T, s *stage) {
	b := open(t, s.urls["thirty"], 1500, 850)
	b.enter(s.key(t, "thirty"))
	b.until(has(node("start"), "succeeded"))
	names := value[[]string](b, `[...document.querySelectorAll(".node .name")].map((n) => n.textContent)`)
	for _, name := range []string{markupName, quotedName, emojiName, rightName, longName} {
		if !slices.Contains(names, name) {
			t.Errorf("the page does not draw %q: %q", name, names)
		}
	}
	_, svg, err := sandbox.Call(t.Context(), http.MethodGet, s.urls["thirty"]+"/graph?format=svg",
		map[string]string{"x-api-key": s.key(t, "thirty")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "thirty.svg")
	if err := os.WriteFile(file, svg, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range names { // each in the panel too
		value[chromedp.Void](b, fmt.Sprintf(`document.querySelectorAll(".node.step")[%d].click()`, i))
	}
	if value[bool](b, `window.pwned === 1`) {
		t.Error("a name was executed")
	}
	// The SVG as a document by itself, which would run whatever is in it.
	b.run(chromedp.Navigate("file://" + file))
	titles := value[[]string](b, `[...document.querySelectorAll("title")].map((n) => n.textContent.split("\n")[0])`)
	for _, name := range []string{markupName, quotedName, emojiName, rightName, longName} {
		if !slices.Contains(titles, name) {
			t.Errorf("the SVG does not name %q: %q", name, titles)
		}
	}
	if value[bool](b, `window.pwned === 1 || document.querySelectorAll("script, img, foreignObject, parsererror").length > 0`) {
		t.Error("the SVG has more than a picture in it")
	}
	b.shot("thirty-svg")
	b.clean()
}

// look leaves screenshots of a chain, light and dark, and prints how long the first drawing took.
func look(t *testing.T, s *stage, chain string) {
	b := open(t, s.urls[chain], 1600, 900)
	b.scheme("light")
	before := b.cpu()
	b.enter(s.key(t, chain))
	b.until(`performance.getEntriesByName("drawn").length > 0`)
	worked := b.cpu() - before
	took := value[float64](b, `performance.getEntriesByName("drawn")[0].startTime - performance.getEntriesByName("answered")[0].startTime`)
	script := value[float64](b, `performance.getEntriesByName("first drawing")[0].duration`)
	fmt.Printf("page: %d steps drawn %.0f ms after the answer, %.0f ms of them script; %.0f ms of a processor since the key was entered\n",
		len(s.ids[chain]), took, script, worked.Seconds()*1000)
	b.shot(chain + "-light")
	b.scheme("dark")
	b.shot(chain + "-dark")
	b.run(chromedp.Click(chromedp.CSS("#fit")))
	b.shot(chain + "-whole")
	value[chromedp.Void](b, `document.querySelector("#panel .row")?.click()`)
	b.shot(chain + "-close")
	b.clean()
}
