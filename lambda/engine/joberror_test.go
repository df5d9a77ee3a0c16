// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

func scriptError(string) (code, message string) {
	return "EngineScriptError", "Field 'amount' not found"
}

// errorsShown collects what the record, the picture, the notice and the event say of b's failure.
func (w *world) errorsShown() map[string]*chain.JobError {
	w.t.Helper()
	view, err := w.engine(w.execution()).Run(w.t.Context(), w.record(1).ID)
	if err != nil {
		w.t.Fatal(err)
	}
	shown := map[string]*chain.JobError{"picture": node(w.picture(engine.PictureLatest), "step:b").Error}
	for _, s := range view.Starts {
		if s.Step == "b" {
			shown[fmt.Sprint("attempt ", s.Attempt)] = s.Error
		}
	}
	for _, n := range w.notices.notices {
		for _, f := range n.Failed {
			shown["notice"] = f.Error
		}
	}
	for _, e := range w.events.all {
		if e.Step == "b" {
			shown["event"] = e.Error
		}
	}
	return shown
}

// failingWorld is a night in which b fails.
func failingWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 1, withFailures())
	w.notices, w.events, w.ending = &sentNotices{}, &putEvents{}, failingB
	return w
}

// TestTheEventSaysWhy: then it is in the record, the notice and the event, and Qlik Cloud is not asked.
func TestTheEventSaysWhy(t *testing.T) {
	t.Parallel()
	w := failingWorld(t)
	w.why = scriptError
	w.begin("a")
	w.play(2, 2)
	shown := w.errorsShown()
	for _, where := range []string{"picture", "attempt 1", "attempt 2", "notice", "event"} {
		if e := shown[where]; e == nil || e.Code != "EngineScriptError" || e.Message != "Field 'amount' not found" || e.Log != nil {
			t.Errorf("%s: %+v", where, e)
		}
	}
	if w.lookUps != 0 {
		t.Errorf("Qlik Cloud was asked %d times", w.lookUps)
	}
}

// TestQlikCloudIsAskedWhy once, after the last attempt, when the event does not say it.
func TestQlikCloudIsAskedWhy(t *testing.T) {
	t.Parallel()
	w := failingWorld(t)
	b := w.index.Definition().Steps["b"]
	b.Variables = map[string]string{"vField": "amount"}
	w.index.Definition().Steps["b"] = b
	w.getting = func(id string) error { // the event has come without it
		for _, r := range w.reloads {
			if r.ID == id {
				r.ErrorCode, r.ErrorMessage = scriptError("")
			}
		}
		return nil
	}
	w.begin("a")
	w.play(3, 1)
	shown := w.errorsShown()
	for where, want := range map[string]bool{"picture": true, "attempt 1": false, "attempt 2": true, "notice": true, "event": true} {
		if e := shown[where]; (e != nil) != want || want && (e.Code != "EngineScriptError" || e.Message != "Field '***' not found") {
			t.Errorf("%s: %+v", where, e)
		}
	}
	if w.lookUps != 1 {
		t.Errorf("Qlik Cloud was asked %d times", w.lookUps)
	}
}

// TestTheSenderAsksWhy: the execution that has handled b's end has no answer from Qlik Cloud. Another one ends the run with the end of c,
// and sends the notice: it asks again.
func TestTheSenderAsksWhy(t *testing.T) {
	t.Parallel()
	w := unexplained(t, nil)
	before := w.lookUps
	w.ends("c", "SUCCEEDED")
	if got := w.notices.kinds(); !slices.Equal(got, []string{"failed a"}) || w.lookUps != before+1 {
		t.Fatalf("the notices are %q, and Qlik Cloud was asked %d times more", got, w.lookUps-before)
	}
	shown := w.errorsShown()
	for _, where := range []string{"picture", "attempt 1", "notice"} {
		if e := shown[where]; e == nil || e.Code != "EngineScriptError" {
			t.Errorf("%s: %+v", where, e)
		}
	}
	kept := 0
	for _, doc := range w.store.Items() {
		if strings.Contains(doc, `"kind":"failed"`) && strings.Contains(doc, "EngineScriptError") {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("the table has the notice with its reason %d times", kept)
	}
}

// unexplained is a night in which the execution that handles b's end has no answer from Qlik Cloud. The end of c will end the run.
func unexplained(t *testing.T, log *chain.FailureLog) *world {
	t.Helper()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("a", "success")}})
	d.FailureLog = log
	w := newWorld(t, 1, d)
	w.notices, w.events = &sentNotices{}, &putEvents{}
	w.somebodyElse("a", "SUCCEEDED")
	w.getting = func(string) error { return errors.New("no answer") }
	w.ends("b", "FAILED")
	w.getting = func(id string) error {
		for _, r := range w.reloads {
			if r.ID == id {
				r.ErrorCode, r.ErrorMessage = scriptError("")
			}
		}
		return nil
	}
	return w
}

// TestASlowLog: the sender of a notice has asked for the reason and for the log. There is no answer about the log in time, but the notice
// and the record have the reason.
func TestASlowLog(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	w := unexplained(t, &chain.FailureLog{Lines: 3})
	w.slowLogs = true
	w.ends("c", "SUCCEEDED")
	shown := w.errorsShown()
	for _, where := range []string{"picture", "attempt 1", "notice"} {
		if e := shown[where]; e == nil || e.Code != "EngineScriptError" || len(e.Log) > 0 {
			t.Errorf("%s: %+v", where, e)
		}
	}
}

// TestNoTimeToAskWhy: an execution that has just the time to send its notice does not ask Qlik Cloud, which might take all of it.
func TestNoTimeToAskWhy(t *testing.T) {
	t.Parallel()
	w := unexplained(t, nil)
	before := w.lookUps
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	w.endsWithin(ctx, "c", "SUCCEEDED")
	if got := w.notices.kinds(); !slices.Equal(got, []string{"failed a"}) || w.lookUps != before {
		t.Errorf("the notices are %q, and Qlik Cloud was asked %d times more", got, w.lookUps-before)
	}
}

// TestNothingDependsOnTheReason: whatever Qlik Cloud answers to the question, the same starts and the same notice follow.
func TestNothingDependsOnTheReason(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]error{"gone": answer(404, ""), "refused": answer(403, ""), "broken": errors.New("no answer")} {
		w := failingWorld(t)
		w.getting = func(string) error { return answers }
		w.begin("a")
		w.play(2, 2)
		if got, want := w.made(), w.predicted("a"); !slices.Equal(got, want) {
			t.Errorf("%s: %s", name, difference(got, want))
		}
		if got := w.notices.kinds(); !slices.Equal(got, []string{"failed a"}) || w.notices.notices[0].Failed[0].Error != nil {
			t.Errorf("%s: the notices are %+v", name, w.notices.notices)
		}
		if left := w.unfinished(); len(left) > 0 {
			t.Errorf("%s: unfinished: %q", name, left)
		}
	}
}

// TestTheEndOfTheLog: with failure_log, the record and the notice have its last lines, in printable characters and without the values of
// variables. The event has none.
func TestTheEndOfTheLog(t *testing.T) {
	t.Parallel()
	d := withFailures()
	d.FailureLog = &chain.FailureLog{Lines: 3}
	b := d.Steps["b"]
	b.Variables = map[string]string{"vPath": "lib://secret-share", "vYear": "26", "vRun": "run ${run.id}",
		"vKey": "BEGIN\r\nmiddle of it\nEND"}
	d.Steps["b"] = b
	w := newWorld(t, 1, d)
	w.notices, w.events, w.ending = &sentNotices{}, &putEvents{}, failingB
	w.why = func(string) (string, string) { return "EngineScriptError", "Cannot open lib://secret-share/26.qvd" }
	w.logOf = func(app, id string) ([]byte, error) {
		if app != d.Steps["b"].App || id == "" {
			t.Errorf("the log of %q %q was asked for", app, id)
		}
		return []byte("1 not shown\r\n2 \x1b[31mred\x1b[0m \u202eodd\x00\r\n\r\n3 FROM [lib://secret-share/26.qvd] of 2026\n" +
			"4 middle of it in run " + w.record(1).ID + " " + strings.Repeat("ü", 400) + "\n"), nil
	}
	w.begin("a")
	w.play(2, 1)
	shown := w.errorsShown()
	for _, where := range []string{"picture", "attempt 2", "notice"} {
		e := shown[where]
		if e == nil || len(e.Log) != 3 || !strings.HasPrefix(e.Log[0], "2 ") || e.Log[1] != "3 FROM [***/***.qvd] of 2026" ||
			!strings.HasPrefix(e.Log[2], "4 *** in *** ü") || len(e.Log[2]) > 310 {
			t.Errorf("%s: %+v", where, e)
			continue
		}
		if text := strings.Join(e.Log, ""); strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%s: %q", where, text)
		}
		if e.Message != "Cannot open ***/***.qvd" {
			t.Errorf("%s: the message is %q", where, e.Message)
		}
	}
	if e := shown["event"]; e == nil || e.Log != nil || e.Message != "Cannot open ***/***.qvd" {
		t.Errorf("the event has %+v", e)
	}
	if e := shown["attempt 1"]; e == nil || e.Log != nil || w.lookUps != 1 {
		t.Errorf("the first attempt has %+v, and Qlik Cloud was asked %d times", e, w.lookUps)
	}
	for key, doc := range w.store.Items() {
		if !strings.HasPrefix(key.PK, "CYCLE#") && strings.Contains(doc, "secret-share") {
			t.Errorf("%v holds the value of a variable: %s", key, doc)
		}
	}
	// A log that cannot be read changes nothing but the log.
	w = newWorld(t, 1, d)
	w.notices, w.events, w.ending, w.why = &sentNotices{}, &putEvents{}, failingB, scriptError
	w.begin("a")
	w.play(2, 2)
	if shown := w.errorsShown(); shown["notice"] == nil || shown["notice"].Code != "EngineScriptError" || shown["notice"].Log != nil {
		t.Errorf("without a log: %+v", shown["notice"])
	}
}

// TestWhatAFailureBlocks is counted and named: in the record, the picture and the notice.
func TestWhatAFailureBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "x": {After: after("a", "success")}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")},
		"d": {After: after("c", "success", "x", "success")}, "fallback": {After: after("b", "failure")},
	}))
	w.notices, w.ending = &sentNotices{}, failingB
	w.begin("a")
	w.play(1, 1)
	if n := node(w.picture(engine.PictureLatest), "step:b"); n.Blocked != 2 || !slices.Equal(n.Blocks, []string{"c", "d"}) ||
		n.Status != draw.StatusFailed {
		t.Errorf("b is %+v", n)
	}
	if f := w.notices.notices[0].Failed[0]; f.Blocked != 2 || !slices.Equal(f.Blocks, []string{"c", "d"}) {
		t.Errorf("the notice has %+v", f)
	}
	m, err := notice.Compose(w.notices.notices[0], notice.Place{Chain: "nightly", Region: "eu-central-1"})
	if err != nil || !strings.Contains(m.Text, "; 2 steps are blocked: c and d\n") {
		t.Errorf("the message is %s (%v)", m.Text, err)
	}
}

// TestANoticeOfManyFailuresFits into a message of SNS, with the longest names, reasons and logs.
func TestANoticeOfManyFailuresFits(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	arn := c.SNS().AddTopic("oncall")
	for name, letter := range map[string]string{"wide": "😀", "quoted": `"`} {
		steps := map[string]chain.Step{"root": {}}
		key := func(kind string, i int) string {
			return fmt.Sprintf("%s%04d", kind, i) + strings.Repeat(letter, chain.KeyMaxLength-5)
		}
		for i := range 60 {
			steps[key("a", i)] = chain.Step{After: after("root", "success")}
			steps[key("b", i)] = chain.Step{After: after(key("a", i), "success")}
		}
		d := definition(steps)
		d.FailureLog = &chain.FailureLog{Lines: chain.MaxLogLines}
		w := newWorld(t, 1, d)
		w.notices = &sentNotices{}
		w.ending = func(step string, _ int) string {
			if step == "root" {
				return "SUCCEEDED"
			}
			return "FAILED"
		}
		w.why = func(string) (string, string) { return strings.Repeat(letter, 500), strings.Repeat(letter, 5000) }
		w.logOf = func(string, string) ([]byte, error) {
			return []byte(strings.Repeat(strings.Repeat(letter, 1000)+"\n", 200)), nil
		}
		w.begin("root")
		w.play(1, 1)
		if len(w.notices.notices) != 1 {
			t.Fatalf("%s: %d notices were sent", name, len(w.notices.notices))
		}
		m, err := notice.Compose(w.notices.notices[0], notice.Place{Chain: "nightly", Region: "eu-central-1"})
		if err != nil {
			t.Fatal(err)
		}
		err = aws.NewTopics(cloudtest.UserConfig(c)).Publish(t.Context(), arn,
			aws.TopicMessage{Subject: m.Subject, Default: m.JSON, Email: m.Text, SMS: m.Short})
		if err != nil {
			t.Errorf("%s: the e-mail has %d bytes, the JSON %d: %v", name, len(m.Text), len(m.JSON), err)
		}
		for key, doc := range w.store.Items() {
			if len(doc) > 300<<10 {
				t.Errorf("%s: %v has %d bytes", name, key, len(doc))
			}
		}
	}
}

// TestReasonsOfAutomationsAndDataTasks are in their records.
func TestReasonsOfAutomationsAndDataTasks(t *testing.T) {
	t.Parallel()
	var run qlik.AutomationRun
	for text, want := range map[string]string{
		`{"error": ["no connection"]}`:                         "no connection",
		`{"error": [{"message": "first"}, {"detail": "two"}]}`: "first; two",
		`{"error": [17, {"odd": true}, null]}`:                 "",
		`{"error": null}`:                                      "",
		`{"error": "odd"}`:                                     "",
	} {
		if err := json.Unmarshal([]byte(text), &run); err != nil || strings.Join(run.Errors, "; ") != want {
			t.Errorf("%s: %q (%v), want %q", text, run.Errors, err, want)
		}
	}
}

// TestWhyOtherKindsFail: an automation and a data task fail, and their events do not say why, or do not come at all. Qlik Cloud is asked,
// and what it answers is in the record, the picture and the notice.
func TestWhyOtherKindsFail(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"load", "mail"} {
		for what, silent := range map[string]bool{"by the event": false, "by asking": true} {
			w := newWorld(t, 1, kinds())
			w.notices, w.silent = &sentNotices{}, silent
			w.ending = func(s string, _ int) string {
				if s == step {
					return "FAILED"
				}
				return "SUCCEEDED"
			}
			w.why = func(string) (string, string) { return "", "no connection to " + step }
			w.schedule("", 2)
			w.play(2, 1)
			shown := map[string]*chain.JobError{"picture": node(w.picture(engine.PictureLatest), "step:"+step).Error}
			for _, s := range w.record(1).Starts {
				if s.Step == step {
					shown["record"] = s.Error
				}
			}
			for _, n := range w.notices.notices {
				for _, f := range n.Failed {
					shown["notice"] = f.Error
				}
			}
			for _, where := range []string{"picture", "record", "notice"} {
				if e := shown[where]; e == nil || e.Message != "no connection to "+step || e.Code != "" || e.Log != nil {
					t.Errorf("%s, known %s: the %s has %+v", step, what, where, e)
				}
			}
			if got := w.notices.kinds(); len(got) != 1 {
				t.Errorf("%s, known %s: the notices are %q", step, what, got)
			}
		}
	}
}
