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

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// webhooks is one webhook in memory.
type webhooks struct {
	webhook qlik.Webhook
	err     error
	failed  []qlik.Delivery
	patched int
}

func (w *webhooks) GetWebhook(context.Context, string) (*qlik.Webhook, error) {
	if w.err != nil {
		return nil, w.err
	}
	found := w.webhook
	return &found, nil
}

func (w *webhooks) PatchWebhook(_ context.Context, _ string, operations []qlik.PatchOperation) error {
	if len(operations) != 1 || operations[0] != (qlik.PatchOperation{Op: "replace", Path: "/enabled", Value: true}) {
		return fmt.Errorf("the patch is %v", operations)
	}
	w.patched++
	w.webhook.Enabled, w.webhook.DisabledReason = true, ""
	return nil
}

func (w *webhooks) FailedDeliveries(_ context.Context, _ string, since time.Time) ([]qlik.Delivery, error) {
	return slices.DeleteFunc(slices.Clone(w.failed), func(d qlik.Delivery) bool { return !d.TriggeredAt.After(since) }), nil
}

// sweep has an execution sweep, and returns what came of it.
func (w *world) sweep(t *testing.T, s engine.Sweep) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Sweep(t.Context(), "sweep", s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reloads is a sweep that looks at the list of reloads alone.
var reloads = engine.Sweep{Reloads: true, MaxAge: 6 * time.Hour}

// drop ends a step's reload and loses its event.
func (w *world) drop(t *testing.T, step string) *reload {
	t.Helper()
	for _, r := range w.active() {
		if r.step == step {
			w.end(r, 0)
			return r
		}
	}
	t.Fatalf("there is no reload of %s under way", step)
	return nil
}

func recoveredSteps(r engine.Result) []string {
	var steps []string
	for _, one := range r.Recovered {
		steps = append(steps, one.Step)
	}
	return steps
}

func TestASweepSeesToWhatNoEventTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	if r := w.sweep(t, reloads); r.Outcome != engine.OutcomeNothingMissed {
		t.Fatalf("the first sweep came to %+v", r)
	}
	w.clock.Advance(15 * time.Minute)
	w.begin("sales")
	w.begin("hr")
	reported := w.active()[1]
	w.end(reported, 1)
	w.run(1)
	missed := w.drop(t, "sales")
	if r := w.sweep(t, reloads); r.Outcome != engine.OutcomeNothingMissed { // its event may still be on its way
		t.Fatalf("the sweep in the minute after came to %+v", r)
	}
	w.clock.Advance(15 * time.Minute)
	r := w.sweep(t, reloads)
	if r.Outcome != engine.OutcomeRecovered || !slices.Equal(recoveredSteps(r), []string{"sales"}) ||
		!slices.Equal(startedSteps(r), []string{"transform"}) {
		t.Fatalf("the sweep came to %+v", r)
	}
	run, err := w.engine(w.execution()).Run(t.Context(), r.Recovered[0].Run)
	if err != nil || run.Reload != missed.ID || !strings.Contains(run.Starts[0].Reason,
		"no event reported its end; a sweep found it in Qlik Cloud at ") {
		t.Errorf("the run is %+v, %v", run, err)
	}
	w.end(missed, 2) // the event comes after all
	w.play(2, 2)
	w.clock.Advance(15 * time.Minute)
	if r := w.sweep(t, reloads); r.Outcome != engine.OutcomeNothingMissed {
		t.Errorf("the last sweep came to %+v", r)
	}
	if got, want := w.made(), []string{"hr #1", "report #1", "sales #1", "transform #1"}; !slices.Equal(got, want) {
		t.Errorf("there were the reloads %v, want %v", got, want)
	}
}

func TestASweepLeavesAloneWhatIsNotTheChains(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.begin("sales")
	w.drop(t, "sales") // before the chain was deployed
	w.clock.Advance(time.Hour)
	for range 3 {
		if r := w.sweep(t, reloads); len(r.Recovered) > 0 {
			t.Fatalf("a sweep came to %+v", r)
		}
		w.clock.Advance(15 * time.Minute)
	}
	d := twoExtracts()
	d.Steps["late"] = chain.Step{App: chaintest.AppID(9), Enabled: true}
	d.Steps["after late"] = chain.Step{App: chaintest.AppID(10), Enabled: true, After: after("late", "success")}
	w.index = chain.NewIndex(d)
	w.begin("late")
	w.drop(t, "late") // before it was in the chain
	w.clock.Advance(15 * time.Minute)
	for range 3 {
		if r := w.sweep(t, reloads); len(r.Recovered) > 0 {
			t.Fatalf("a sweep came to %+v", r)
		}
		w.clock.Advance(15 * time.Minute)
	}
}

func TestASweepReportsWhatIsTooOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.sweep(t, reloads)
	w.clock.Advance(15 * time.Minute)
	w.begin("sales")
	w.drop(t, "sales")
	w.clock.Advance(7 * time.Hour)
	r := w.sweep(t, reloads)
	if len(r.Recovered) != 1 || !r.Recovered[0].TooOld || len(r.Started) > 0 {
		t.Fatalf("the sweep came to %+v", r)
	}
	if reason := reasonFor(r, "sales"); !strings.HasSuffix(reason, "too late to go on") {
		t.Errorf("the sweep says %q", reason)
	}
	if r := w.sweep(t, reloads); len(r.Recovered) > 0 {
		t.Errorf("the next sweep came to %+v", r)
	}
	w.begin("hr")
	w.play(1, 1)
	if got, want := w.made(), []string{"hr #1", "sales #1"}; !slices.Equal(got, want) {
		t.Errorf("there were the reloads %v, want %v", got, want)
	}
}

// TestASweepTakesTurns: more apps than a sweep lists are all looked at in the end, and one that may not be listed does not delay the
// others.
func TestASweepTakesTurns(t *testing.T) {
	t.Parallel()
	apps := map[string]chain.Step{}
	for i := range 300 {
		apps[fmt.Sprintf("root%03d", i)] = chain.Step{}
	}
	missed := 0
	w := newWorld(t, 1, definition(apps))
	w.sweep(t, reloads)
	w.clock.Advance(15 * time.Minute)
	for i := range 300 { // more of those that come last
		if i%10 == 0 || i > 270 {
			name := fmt.Sprintf("root%03d", i)
			w.begin(name)
			w.drop(t, name)
			missed++
		}
	}
	refused := w.index.Definition().Steps["root000"].App
	w.listing = func(app string) error {
		if app == refused {
			return &qlik.Error{Method: "GET", Status: 403}
		}
		return nil
	}
	recovered := 0
	for sweep := 1; sweep <= 2; sweep++ {
		w.clock.Advance(15 * time.Minute)
		r := w.sweep(t, reloads)
		recovered += len(r.Recovered)
		if trouble := r.Outcome == engine.OutcomeError; trouble && len(r.Recovered) == 0 {
			t.Errorf("sweep %d came to %s: %s", sweep, r.Outcome, r.Reason)
		}
	}
	if recovered != missed-1 {
		t.Errorf("%d ends were recovered, want %d", recovered, missed-1)
	}
}

func TestASweepStopsAtQliksRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.sweep(t, reloads)
	w.begin("sales")
	w.drop(t, "sales")
	w.clock.Advance(15 * time.Minute)
	w.listing = func(string) error { return &qlik.Error{Method: "GET", Status: 429, Code: "HTTP-429"} }
	if r := w.sweep(t, reloads); r.Outcome != engine.OutcomeError || !strings.Contains(r.Reason, "could not be listed") {
		t.Errorf("the sweep came to %+v", r)
	}
	w.listing = nil
	w.clock.Advance(15 * time.Minute)
	if r := w.sweep(t, reloads); len(r.Recovered) != 1 {
		t.Errorf("the next sweep came to %+v", r)
	}
}

func TestASweepLooksAtTheWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	hook := &webhooks{webhook: qlik.Webhook{ID: "hook", Enabled: true}}
	w.webhooks = hook
	watch := engine.Sweep{Webhook: "hook", Reloads: true, MaxAge: time.Hour}
	notices := func() string {
		t.Helper()
		picture, err := w.engine(w.execution()).Picture(t.Context(), engine.PictureNone, "https://tenant")
		if err != nil {
			t.Fatal(err)
		}
		latest, err := w.engine(w.execution()).Picture(t.Context(), engine.PictureLatest, "https://tenant")
		if err != nil || !slices.Equal(latest.Notices, picture.Notices) {
			t.Fatalf("the notices are %v and %v, %v", latest.Notices, picture.Notices, err)
		}
		return strings.Join(latest.Notices, " ")
	}
	if r := w.sweep(t, watch); r.Outcome != engine.OutcomeNothingMissed || notices() != "" {
		t.Errorf("with the webhook as it should be, a sweep came to %+v, %q", r, notices())
	}
	hook.webhook.Enabled, hook.webhook.DisabledReason = false, "too many failures"
	w.clock.Advance(15 * time.Minute)
	if r := w.sweep(t, watch); r.Level().String() != "ERROR" || !strings.Contains(r.Webhook, "Qlik Cloud says: too many failures") ||
		hook.patched > 0 ||
		!strings.HasPrefix(notices(), "The webhook is disabled, as was found at 03:15 (Qlik Cloud says: too many failures): no event comes") {
		t.Errorf("with a disabled webhook, a sweep came to %+v, %q", r, notices())
	}
	watch.Enable = true
	w.clock.Advance(15 * time.Minute)
	if r := w.sweep(t, watch); !strings.Contains(r.Webhook, "was enabled again") || hook.patched != 1 || notices() != "" {
		t.Errorf("with leave to enable it, a sweep came to %+v, %q", r, notices())
	}
	hook.err = &qlik.Error{Method: "GET", Status: 404}
	w.clock.Advance(15 * time.Minute)
	if r := w.sweep(t, watch); !strings.HasPrefix(r.Webhook, "the webhook is gone") || !strings.HasPrefix(notices(), "The webhook is gone") {
		t.Errorf("without the webhook, a sweep came to %+v, %q", r, notices())
	}
	other := newWorld(t, 1, twoExtracts())
	other.webhooks = &webhooks{err: &qlik.Error{Method: "GET", Status: 404}}
	if r := other.sweep(t, watch); r.Outcome != engine.OutcomeNothingMissed || r.Webhook != "" {
		t.Errorf("with a webhook that the credentials never saw, a sweep came to %+v", r)
	}
}

func TestASweepSeesToFailedDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	hook := &webhooks{webhook: qlik.Webhook{ID: "hook", Enabled: true}}
	w.webhooks = hook
	watch := engine.Sweep{Webhook: "hook", MaxAge: 6 * time.Hour}
	failed := func(event string) {
		var d qlik.Delivery
		d.TriggeredAt, d.Request.Body = qlik.Timestamp{Time: w.clock.Now()}, json.RawMessage(event)
		hook.failed = append(hook.failed, d)
	}
	event := func(step, id string) string {
		return fmt.Sprintf(`{"id": %q, "type": "com.qlik.v1.app.reload.finished", "tenantid": %q, "time": %q, "data": {"status": "ok"}, "toplevelresourceid": %q}`,
			id, tenantID, w.clock.Now().Format(time.RFC3339), w.index.Definition().Steps[step].App)
	}
	failed(event("transform", "before the first sweep"))
	w.clock.Advance(time.Hour)
	w.sweep(t, watch)
	w.clock.Advance(10 * time.Minute)
	failed(event("transform", "1"))
	failed(`{"type": "com.qlik.v1.app.created"}`)
	w.clock.Advance(5 * time.Minute)
	r := w.sweep(t, watch)
	if !slices.Equal(recoveredSteps(r), []string{"transform"}) || !slices.Equal(startedSteps(r), []string{"report"}) {
		t.Errorf("the sweep came to %+v", r)
	}
	if r := w.sweep(t, watch); len(r.Recovered) > 0 {
		t.Errorf("the next one came to %+v", r)
	}
}

func TestASweepOfABrokenTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	x := w.execution()
	x.dead = true
	r, err := w.engine(x).Sweep(t.Context(), "sweep", reloads)
	if err == nil || r.Outcome != engine.OutcomeError {
		t.Errorf("the sweep came to %+v, %v", r, err)
	}
	if errors.Is(err, engine.ErrConflict) {
		t.Error("that is no conflict")
	}
}
