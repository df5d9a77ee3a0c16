// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press clicks the button with this text in the first element that a selector finds.
func (b *tab) press(within, text string) {
	b.t.Helper()
	find := fmt.Sprintf("[...document.querySelectorAll(%q)].find((x) => x.textContent === %q)", within+" button", text)
	b.until(find)
	value[chromedp.Void](b, find+".click()")
}

// confirm answers the question that the page asks.
func (b *tab) confirm(question, reason string) {
	b.t.Helper()
	b.until(`document.querySelector("#confirm").open`)
	if got := b.text("#question"); got != question {
		b.t.Errorf("the page asks %q, want %q", got, question)
	}
	if focused := value[string](b, "document.activeElement.id"); focused != "reason" {
		b.t.Errorf("the question's focus is on %q", focused)
	}
	if reason != "" {
		b.run(chromedp.SetValue(chromedp.CSS("#reason"), reason))
	}
	b.run(chromedp.Click(chromedp.CSS("#yes")))
	b.until(`!document.querySelector("#confirm").open`)
}

// byHand pauses the chain, starts a step, resumes, repeats it, skips and marks steps, repeats what failed and cancels a run, all from the
// page.
func byHand(t *testing.T, s *stage) {
	b := open(t, s.urls["nightly"], 1500, 850)
	b.enter(s.key(t, "nightly"))
	b.press("#actions", "Pause chain")
	b.until(`document.querySelector("#confirm").open`)
	b.shot("hands-question")
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.querySelector("#confirm").open`)
	if got := b.text("#actions"); !strings.Contains(got, "Pause chain") {
		t.Errorf("after Escape the buttons are %q", got)
	}
	b.press("#actions", "Pause chain")
	b.confirm("Pause the chain?", "the <b>source</b> is being moved")
	b.until(`document.querySelector("#paused").textContent.includes("the <b>source</b> is being moved. 0 starts are parked.")`)

	b.choose("archive")
	b.press("#panel .actions", "Start a new run here")
	b.confirm("Start a new run at archive?", "")
	b.until(`document.querySelector("#done").textContent.includes("archive: the chain was paused") && document.querySelector("#paused").textContent.includes("1 start is parked")`)
	b.press("#panel .actions", "Start a new run here")
	b.confirm("Start a new run at archive?", "")
	b.until(`document.querySelector("#paused").textContent.includes("2 starts are parked")`)
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until(`[...document.querySelectorAll("#panel .attention li")].some((x) => /^archive2 starts parked/.test(x.innerText.replaceAll("\n", "")))`)
	b.shot("hands-paused")
	b.choose("archive")

	b.press("#actions", "Resume chain")
	b.confirm("Resume the chain?", "")
	b.until(`document.querySelector("#paused").hidden && document.querySelector("#done").textContent.includes("started archive")`)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.refresh()
	b.until(has(node("archive"), "succeeded"))
	b.press("#panel .actions", "Run only this")
	b.confirm("Run only archive?", "")
	b.until(`document.querySelector("#done").textContent.includes("Run only this: started archive")`)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.refresh()
	b.until(`document.body.textContent.includes("archive alone")`)
	b.press("#panel .actions", "Run again from here")
	b.confirm("Run again from archive?", "once more")
	b.until(`document.querySelector("#done").textContent.includes("Run again from here: started archive")`)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	repaired(t, s, b)

	if there := value[bool](b, `[...document.querySelectorAll("button")].some((x) => x.textContent === "Redrive")`); there {
		t.Error("the page offers to redrive an empty queue")
	}
	s.deadLetter(t, "nightly")
	b.refresh()
	b.until(`document.querySelector("#panel .attention")?.innerText.includes("1 event or timer could not be handled")`)
	b.press("#panel .attention", "Redrive")
	b.confirm("Redrive the dead-letter queue?", "")
	b.until(`document.querySelector("#done").textContent.startsWith("Redrive: 0 handled, 1 left; ")`)
	b.until(`document.querySelector("#more .log").innerText.includes("redrive")`)
	if got := b.text("#more .log"); !strings.Contains(got, "once more") || !strings.Contains(got, "the API key ") {
		t.Errorf("what was done by hand is %q", got)
	}
	b.shot("hands-log")
	b.clean()
}

// deadLetter puts a message into a chain's dead-letter queue that the function cannot handle.
func (s *stage) deadLetter(t *testing.T, chain string) {
	t.Helper()
	client := sqs.NewFromConfig(s.AWS())
	queue, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("qlik-task-chain-" + chain + "-dead-letters")})
	if err != nil {
		t.Fatal(err)
	}
	message := &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("<html>")}
	if _, err := client.SendMessage(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

// repaired runs a chain in which the transformation fails, and repairs that from the page in two ways.
func repaired(t *testing.T, s *stage, b *tab) {
	t.Helper()
	settle := func() {
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.refresh()
	}
	b.choose("fallback")
	b.press("#panel .actions", "Skip next time")
	b.until(`document.querySelector("#effect").textContent.includes("A step after it does not start either, unless ")`)
	b.confirm("Skip fallback next time?", "its source is down")
	b.until(`document.querySelector("#done").textContent.startsWith("Skip next time: it does not start in the cycle of 20")`)
	b.run(chromedp.KeyEvent(kb.Escape))

	s.Tenant.SetOutcomes(s.ids["nightly"]["transform"], "FAILED")
	b.press("#actions", "Start chain")
	b.confirm("Start the chain?", "")
	b.until(`document.querySelector("#done").textContent.includes("started extract_hr and extract_sales")`)
	settle()
	b.until(has(node("transform"), "failed") + " && " + has(node("dashboard"), "blocked") + " && " + has(node("fallback"), "skipped"))
	b.press("#panel .runs", "Show this run alone") // the newest one
	b.press("#panel .runs", "Run failed steps again")
	b.confirm("Run the failed steps again?", "")
	b.until(`document.querySelector("#done").textContent.includes("started transform")`)
	settle()
	b.until(`document.querySelector("#panel .runs").innerText.includes("repeated by ")`)
	if got := b.text("#panel"); !strings.Contains(got, "This is how the run ended. It was repeated since") {
		t.Errorf("the run that was repeated shows what it needs attention for: %q", got)
	}
	b.shot("hands-repaired")
	b.choose("transform")
	b.press("#panel .actions", "Mark as succeeded")
	b.confirm("Mark transform as succeeded?", "loaded by hand")
	b.until(`document.querySelector("#done").textContent.includes("started archive and dashboard")`)
	settle()
	s.Tenant.SetOutcomes(s.ids["nightly"]["transform"], "SUCCEEDED")
	b.press("#panel .actions", "Run again from here") // which the mark has made needless
	b.until(`document.querySelector("#confirm").open`)
	b.run(chromedp.Click(chromedp.CSS("#yes")))
	b.until(`document.querySelector("#failed").textContent.includes("transform was repaired by the run ")`)
	b.shot("hands-again")
	if got := b.text("#yes"); got != "Do it all the same" {
		b.t.Errorf("after the refusal the button is %q", got)
	}
	b.run(chromedp.Click(chromedp.CSS("#yes")))
	b.until(`!document.querySelector("#confirm").open`)
	b.until(`document.querySelector("#done").textContent.includes("started transform")`)
	settle()
	value[chromedp.Void](b, `(() => { const run = document.querySelector("#run"); run.value = ""; run.dispatchEvent(new Event("change")); })()`)
	b.until(has(node("transform"), "succeeded") + " && " + has(node("dashboard"), "succeeded"))
	b.run(chromedp.KeyEvent(kb.Escape))
}

// viewer opens the page with the key that may only look.
func viewer(t *testing.T, s *stage) {
	key, err := s.APIKey(t.Context(), "qlik-task-chain-nightly.viewers")
	if err != nil {
		t.Fatal(err)
	}
	onlyLooks(t, s, "nightly", key, "archive", "This key may read the chain, but not change it.")
}

// signed opens the page of a chain with signing operators, with its API key.
func signed(t *testing.T, s *stage) {
	s.reload(t, "three", "extract")
	onlyLooks(t, s, "three", s.key(t, "three"), "transform",
		`This page is read-only: the chain's operators sign their requests with AWS credentials (operator_auth = "iam")`)
}

// onlyLooks checks that no button of the page works with a key, and that the page says why.
func onlyLooks(t *testing.T, s *stage, chain, key, step, why string) {
	b := open(t, s.urls[chain], 1500, 850)
	b.enter(key)
	b.until(has(node(step), "succeeded"))
	b.choose(step)
	// those of the question
	if enabled := value[int](b, `document.querySelectorAll(".actions button:not([aria-disabled])").length`); enabled != 2 {
		t.Errorf("%d buttons are not disabled", enabled)
	}
	b.press("#panel .actions", "Start a new run here")
	if open := value[bool](b, `document.querySelector("#confirm").open`); open || !strings.Contains(b.text("#panel"), why) {
		t.Errorf("the page asks: %t, and says %q", open, b.text("#panel"))
	}
	b.shot("hands-only-looks-" + chain)
	b.clean()
}
