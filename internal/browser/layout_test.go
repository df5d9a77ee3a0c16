// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// windows are the sizes that the page is checked at: a laptop's and a telephone's.
var windows = []struct{ width, height int64 }{{1280, 800}, {390, 844}}

// states opens a chain in each view, at each size and in both colour schemes, with and without a chosen step. It leaves a screenshot of
// each.
func states(t *testing.T, s *stage, chain, step string) {
	b := open(t, s.urls[chain], 1280, 800)
	if chain == "nightly" {
		b.inSchemes("door", b.axe)
	}
	b.enter(s.key(t, chain))
	b.until(`document.querySelector(".node")`)
	if chain == "nightly" {
		b.press("#actions", "Pause chain")
		b.until(`document.querySelector("#confirm").open`)
		b.inSchemes("question", b.axe)
		b.run(chromedp.KeyEvent(kb.Escape))
	}
	for _, w := range windows {
		b.resize(w.width, w.height)
		for _, view := range append([]string{"step"}, views...) {
			if view == "step" {
				b.show("chain")
				value[chromedp.Void](b, fmt.Sprintf(`document.querySelector(%q).click()`, node(step)))
				b.until(`document.querySelector("#panel .actions")`)
			} else {
				value[chromedp.Void](b, `document.querySelector("#panel .shut")?.click()`)
				b.show(view)
			}
			b.inSchemes(fmt.Sprintf("%s-%s-%d", chain, view, w.width), func(what string) {
				value[chromedp.Void](b, `scrollTo(0, 0); document.querySelector("#side").scrollTop = 0`)
				b.shot(what)
				b.axe(what)
			})
			value[chromedp.Void](b, `document.querySelector("#side").scrollTop = 0`)
			b.check(fmt.Sprintf("%s, %s at %d px", chain, view, w.width), "smallTexts", "brokenWords", "overlaps", "wide", "covered")
			if w.width == 1280 {
				b.check(chain+" at 1280 px", "headerRows")
			} else {
				b.check(chain+", "+view+" at 390 px", "smallTargets")
			}
			if w.width == 390 && view == "chain" {
				b.check(chain+" at 390 px", "listFirst")
			}
		}
	}
	b.clean()
}

// inSchemes does something in both colour schemes.
func (b *tab) inSchemes(what string, do func(what string)) {
	b.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		do(what + "-" + scheme)
	}
}

// thirtyAtOnce checks that a chain of 30 steps is seen as a whole, and can be read.
func thirtyAtOnce(t *testing.T, s *stage) {
	b := open(t, s.urls["thirty"], 1280, 800)
	b.enter(s.key(t, "thirty"))
	b.until(`document.querySelectorAll(".node.step").length === 30`)
	b.check("30 steps", "outside", "smallTexts", "overlaps")
	b.run(chromedp.Click(chromedp.CSS("#farther")))
	b.resize(390, 844) // what was scaled for a mouse is scaled anew for fingers
	b.until(`facts.smallTargets().length === 0`)
	b.clean()
}

// folds folds and unfolds the groups of a large chain.
func folds(t *testing.T, s *stage) {
	b := open(t, s.urls["threehundred"], 1280, 800)
	b.enter(s.key(t, "threehundred"))
	b.until(`document.querySelector(".node.group")`)
	b.check("300 steps, folded", "outside", "smallTexts", "overlaps")
	const steps = `document.querySelectorAll(".node.step").length`
	const shown = steps + ` + [...document.querySelectorAll(".node.group .line")].reduce((n, e) => n + parseInt(e.textContent), 0)`
	if got := value[int](b, shown); got != 300 {
		t.Errorf("folded, the picture stands for %d steps", got)
	}
	b.until(has(node("transform_04"), "failed")) // not hidden in its group
	value[chromedp.Void](b, `document.querySelector("[data-id^='group:mart_']").click()`)
	b.until(`document.querySelectorAll("[data-id^='step:mart_']").length === 20`)
	b.check("one group unfolded", "smallTexts", "overlaps")
	b.run(chromedp.Click(chromedp.CSS("#fold"))) // folds all
	b.until(`document.querySelectorAll("[data-id^='step:mart_']").length === 0`)
	b.run(chromedp.Click(chromedp.CSS("#fold")))
	b.until(steps + ` === 300`)
	b.check("300 steps, unfolded", "smallTexts", "overlaps")
	b.run(chromedp.Click(chromedp.CSS("#fit"))) // folds, or it could not be read
	b.until(`document.querySelector(".node.group")`)
	b.check("300 steps, fit", "outside", "smallTexts")
	b.clean()
}
