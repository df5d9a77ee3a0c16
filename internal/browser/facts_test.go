// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/chromedp/chromedp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/browser"
)

// facts are functions of a page's layout, as the browser has laid it out. Each returns what is wrong, one text for each fault.
const facts = `(() => {
const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".unseen, .out");
const box = (e) => e.getBoundingClientRect();
const called = (e) => (e.id || e.className || e.tagName) + " " + (e.textContent || "").trim().slice(0, 30);
const targets = () => [...document.querySelectorAll("#desk :is(button, a, select, input)")].filter(seen);
const scaleOf = (e) => { const b = e.closest(".node"); return b ? box(b).height / b.offsetHeight : 1; };
const texts = () => {
  const walker = document.createTreeWalker(document.querySelector("#desk"), NodeFilter.SHOW_TEXT);
  const all = [];
  for (let n = walker.nextNode(); n; n = walker.nextNode()) if (n.data.trim() && seen(n.parentElement)) all.push(n);
  return all;
};
const rects = (node, from, to) => {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return [...range.getClientRects()].filter((r) => r.width > 0);
};
const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
const pairs = (all) => all.flatMap((a, i) => all.slice(i + 1).filter((b) => meet(box(a), box(b)))
  .map((b) => called(a) + " covers " + called(b)));
window.facts = {
  headerRows: () => {
    const all = [...document.querySelectorAll("header > *")].map(box);
    return Math.max(...all.map((r) => r.top)) < Math.min(...all.map((r) => r.bottom)) ? [] : ["the header has several rows"];
  },
  smallTexts: () => texts().filter((n) => rects(n, 0, n.length).length > 0)
    .map((n) => [n, parseFloat(getComputedStyle(n.parentElement).fontSize) * scaleOf(n.parentElement)])
    .filter(([, size]) => size < 10.95).map(([n, size]) => n.data.slice(0, 30) + " has " + size.toFixed(1) + " px"),
  brokenWords: () => [...document.querySelectorAll(".name, #panel strong, #panel h2, .who .link")].filter(seen).flatMap((name) => {
    const walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
    const bad = [];
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      for (const word of n.data.matchAll(/[^\s_-]+/g)) {
        const parts = rects(n, word.index, word.index + word[0].length);
        const room = n.parentElement.closest(".text, li, #panel, .who").clientWidth; // a longer word has to be broken
        const lines = new Set(parts.map((r) => Math.round(r.top / 4))).size;
        const width = parts.reduce((w, r) => w + r.width, 0);
        if (lines > 1 && width < room - 60) bad.push(word[0] + " is broken in " + name.textContent);
      }
    }
    return bad;
  }),
  overlaps: () => [
    ...pairs([...document.querySelectorAll(".node")].filter(seen)),
    ...pairs([...document.querySelectorAll("header > *")].filter(seen)),
    ...pairs([...document.querySelectorAll("header, .said > *, #statuses, #panel, #more, #canvas, .foot, .table")].filter(seen)),
    ...pairs([...document.querySelectorAll("header, .said, #side")].filter((e) => seen(e) && getComputedStyle(e).display !== "contents")),
  ],
  covered: () => targets().filter((e) => !e.closest("#canvas")).flatMap((e) => {
    e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const r = box(e);
    const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    return top && e.contains(top) ? [] : [called(e) + " is below " + (top ? called(top) : "nothing")];
  }),
  smallTargets: () => targets().filter((e) => box(e).width < 43.9 || box(e).height < 43.9)
    .map((e) => called(e) + " has " + Math.round(box(e).width) + " × " + Math.round(box(e).height)),
  wide: () => document.documentElement.scrollWidth > innerWidth ? ["the page is " + document.documentElement.scrollWidth + " px wide"] : [],
  listFirst: () => box(document.querySelector("#panel")).bottom <= box(document.querySelector("#chain-view")).top + 1 ? []
    : ["the picture is not below the list"],
  outside: () => {
    const c = box(document.querySelector("#canvas"));
    return [...document.querySelectorAll(".node")].map((n) => [n, box(n)])
      .filter(([, r]) => r.left < c.left - 1 || r.top < c.top - 1 || r.right > c.right + 1 || r.bottom > c.bottom + 1)
      .map(([n]) => called(n) + " is outside of the canvas");
  },
};
})()`

// check compares facts of the layout with what is allowed.
func (b *tab) check(what string, names ...string) {
	b.t.Helper()
	value[chromedp.Void](b, facts)
	for _, name := range names {
		if wrong := value[[]string](b, "facts."+name+"().slice(0, 8)"); len(wrong) > 0 {
			b.t.Errorf("%s, %s: %q", what, name, wrong)
		}
	}
}

// axe fails for each fault that axe-core finds in what is shown.
func (b *tab) axe(what string) {
	b.t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		b.t.Fatal(err)
	}
	script, err := browser.Axe(b.ctx, root, os.Stderr)
	if err != nil {
		b.t.Fatal(err)
	}
	value[chromedp.Void](b, "if (!window.axe) { "+script+" }")
	const run = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations, passes }) => [String(passes.length),
		...violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.target + " " + n.failureSummary).join(" | "))])`
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](run, chromedp.EvalAwaitPromise))
	switch {
	case err != nil:
		b.t.Fatalf("%s: %v", what, err)
	case found[0] == "0":
		b.t.Errorf("%s: axe-core has checked nothing", what)
	case len(found) > 1:
		b.t.Errorf("%s: %q", what, found[1:])
	}
}

// views are the page's views, by the ids of their tabs.
var views = []string{"chain", "runs", "timeline"}

// show opens a view and waits until it is filled.
func (b *tab) show(view string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS("#tab-" + view)))
	b.until(map[string]string{
		"chain": `document.querySelector(".node")?.checkVisibility()`,
		"runs":  `document.querySelector("#runs-view td.cell")`, "timeline": `document.querySelector("#timeline-view .bars")`,
	}[view])
}

// choose clicks a step, and waits until the panel is about it.
func (b *tab) choose(step string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(node(step))))
	b.until(fmt.Sprintf(`document.querySelector("#panel h2").textContent === %q`, step))
}

// resize makes the window another one.
func (b *tab) resize(width, height int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, height))
	b.until(`innerWidth === ` + strconv.FormatInt(width, 10))
	// The page lays the chain out anew when it sees its canvas's new size.
	b.until(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}
