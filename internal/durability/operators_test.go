// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// operate sends a POST with a key until the chain has answered it for good, as a client does that has lost the answer.
func (d *deployment) operate(path, key, body string) (status int, answer string) {
	d.t.Helper()
	headers := map[string]string{"x-api-key": d.key, "Idempotency-Key": key, "Content-Type": "application/json"}
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for {
		status, content, err := sandbox.Call(d.ctx, http.MethodPost, d.state.InvokeURL+path, headers, strings.NewReader(body))
		if err != nil {
			d.t.Fatal(err)
		}
		if status < 500 && (status != http.StatusConflict || !strings.Contains(string(content), "is being carried out")) {
			return status, string(content)
		}
		select {
		case <-again.C:
		case <-d.ctx.Done():
			d.t.Fatal(d.ctx.Err())
		}
	}
}

// did counts the operations of a kind among the latest in the record.
func (d *deployment) did(kind string) int { return d.didFor(kind, "") }

// didFor counts those with a reason; empty: with any.
func (d *deployment) didFor(kind, reason string) (n int) {
	var seen struct {
		Operations []struct{ Operation, Reason string }
	}
	d.get("/operations", &seen)
	for _, o := range seen.Operations {
		if o.Operation == kind && (reason == "" || o.Reason == reason) {
			n++
		}
	}
	return n
}

// operator is a request that is killed: what exists before it, what it is, and how many reloads of each step it makes, with all that
// follows.
type operator struct {
	chain  func() *chain.Definition // nil: line
	before func(d *deployment, round string) (path string)
	kind   string
	made   map[string]int
	after  func(d *deployment, round string)
}

// signalIn returns line() with a signal in place of a step's app.
func signalIn(step string) *chain.Definition {
	d := line()
	d.Steps[step] = chain.Step{Signal: &chain.Signal{}, Enabled: true, After: d.Steps[step].After}
	return d
}

// failing lets a run of line() fail at its second step, and returns its id.
func failing(d *deployment, _ string) string {
	d.t.Helper()
	d.Tenant.SetOutcomes(d.definition.Steps["second"].App, "FAILED", "SUCCEEDED")
	return begun(d)
}

// begun begins a run of line() by a reload of its first step, and returns its id. The newest of the list may be another one: an event has
// whole seconds, so that two runs that begin within a second are listed in any order.
func begun(d *deployment) string {
	d.t.Helper()
	known := map[string]bool{}
	var all runs
	d.get("/runs?limit=100", &all)
	for _, r := range all.Runs {
		known[r.Run] = true
	}
	d.reload("first")
	d.quiet()
	d.get("/runs?limit=100", &all)
	all.Runs = slices.DeleteFunc(all.Runs, func(r struct{ Run, Origin string }) bool { return known[r.Run] })
	if len(all.Runs) != 1 {
		d.t.Fatalf("the runs that have begun are %+v", all.Runs)
	}
	return all.Runs[0].Run
}

var operatorRequests = map[string]operator{
	"start": {
		kind: "start", made: map[string]int{"first": 1, "second": 1, "third": 1},
		before: func(*deployment, string) string { return "/start/first" },
	},
	"start the chain": {
		kind: "start", made: map[string]int{"first": 1, "second": 1, "third": 1},
		before: func(*deployment, string) string { return "/start" },
	},
	"pause": {
		kind: "pause", made: map[string]int{}, before: func(*deployment, string) string { return "/pause" },
		after: func(d *deployment, round string) { d.accepted("/resume", "resume-"+round) },
	},
	"resume": {
		kind: "resume", made: map[string]int{"second": 1, "third": 1},
		before: func(d *deployment, round string) string {
			d.accepted("/pause", "pause-"+round)
			d.reload("first")
			d.quiet()
			return "/resume"
		},
	},
	"rerun": {
		kind: "rerun", made: map[string]int{"second": 1, "third": 1},
		before: func(d *deployment, round string) string { return "/runs/" + failing(d, round) + "/rerun/second" },
	},
	"rerun what failed": {
		kind: "rerun", made: map[string]int{"second": 1, "third": 1},
		before: func(d *deployment, round string) string { return "/runs/" + failing(d, round) + "/rerun" },
	},
	"mark": {
		kind: "mark", made: map[string]int{"third": 1},
		before: func(d *deployment, round string) string { return "/runs/" + failing(d, round) + "/succeed/second" },
	},
	"skip": {
		kind: "skip", made: map[string]int{},
		before: func(d *deployment, round string) string { // in a cycle in which it is not skipped yet
			days, err := strconv.Atoi(round)
			if err != nil {
				d.t.Fatal(err)
			}
			return "/skip/third?cycle=" + time.Now().AddDate(0, 0, 2+days).Format(time.DateOnly)
		},
	},
	"signal": {
		kind: "signal", made: map[string]int{"second": 1, "third": 1}, chain: func() *chain.Definition { return signalIn("first") },
		before: func(*deployment, string) string { return "/signal/first" },
	},
	"signal that waits for quiet": {
		kind: "signal", made: map[string]int{"second": 1, "third": 1},
		chain: func() *chain.Definition {
			d := signalIn("first")
			d.Steps["first"].Signal.QuietFor = chain.Duration(time.Minute)
			return d
		},
		before: func(*deployment, string) string { return "/signal/first" },
	},
	"signal that a run waits for": {
		kind: "signal", made: map[string]int{"third": 1}, chain: func() *chain.Definition { return signalIn("second") },
		before: func(d *deployment, _ string) string {
			begun(d)
			return "/signal/second"
		},
	},
	"cancel": {
		kind: "cancel", made: map[string]int{},
		before: func(d *deployment, round string) string { // of a run that the pause holds
			d.accepted("/pause", "pause-"+round)
			return "/runs/" + begun(d) + "/cancel"
		},
		after: func(d *deployment, round string) { d.accepted("/resume", "resume-"+round) },
	},
}

// accepted sends a POST that is carried out.
func (d *deployment) accepted(path, key string) {
	d.t.Helper()
	if status, answer := d.operate(path, key, ""); status != http.StatusAccepted {
		d.t.Fatalf("POST %s = %d %s", path, status, answer)
	}
}

// TestAKilledOperatorsRequest kills the function's process at the calls that it makes for a POST, and sends the request again with the
// same key. What was asked for happens once, and the record says so once. A further repetition has the same answer and changes nothing.
func TestAKilledOperatorsRequest(t *testing.T) {
	t.Parallel()
	var points atomic.Int32
	t.Run("operators", func(t *testing.T) {
		for name, request := range operatorRequests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				points.Add(killed(t, request))
			})
		}
	})
	fmt.Printf("operators: %d crashes in %d kinds of requests, each carried out once\n", points.Load(), len(operatorRequests))
}

// killed kills a request at its calls in turn, and returns how often that happened.
func killed(t *testing.T, request operator) (rounds int32) {
	t.Helper()
	definition := line()
	if request.chain != nil {
		definition = request.chain()
	}
	d := deploy(t, quick(), often(definition), nil)
	d.cutOffAfter(3)
	every := 6
	if *whole {
		every = 1
	}
	for call, happened := 1, true; happened; call += every {
		round := fmt.Sprint(call)
		d.resetClock()
		path := request.before(d, round)
		before := d.made()
		d.ResetOutsideCalls()
		crash := d.CrashAt(call, call%2 == 0)
		key, body := "key-"+round, `{"reason": "night shift `+round+`"}`
		status, answer := d.operate(path, key, body)
		var point string
		point, happened = crash.Point()
		if status != http.StatusAccepted {
			t.Fatalf("POST %s = %d %s, after a crash at %s", path, status, answer, point)
		}
		if request.after != nil {
			request.after(d, round)
		}
		d.quiet()
		if status, repeated := d.operate(path, key, body); status != http.StatusAccepted || repeated != answer {
			t.Errorf("after a crash at %s the answers are %s and %d %s", point, answer, status, repeated)
		}
		d.quiet()
		crash.Cancel() // else it may come when the record is read
		if n := d.didFor(request.kind, "night shift "+round); n != 1 {
			t.Errorf("after a crash at %s the record has the operation %d times", point, n)
		}
		made := d.made()
		for step := range d.definition.Steps {
			if n := made[step] - before[step]; n != request.made[step] {
				t.Errorf("after a crash at %s there were %d reloads of %s, want %d", point, n, step, request.made[step])
			}
		}
		var paused struct{ Paused *struct{} }
		if d.get("/operations", &paused); paused.Paused != nil {
			t.Errorf("after a crash at %s the repeated request has paused the chain again", point)
		}
		if happened {
			rounds++
		}
	}
	if letters := d.deadLetters(); len(letters) > 0 {
		t.Errorf("in the dead-letter queue is %.2000q", letters[0])
	}
	if rounds < 1 {
		t.Errorf("there were %d crashes", rounds)
	}
	return rounds
}

// TestAKeyThroughAPIGateway: the cases of the report, on the real function.
func TestAKeyThroughAPIGateway(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	for _, tt := range []struct {
		path, key, body string
		status          int
	}{
		{"/pause", "k", "", 202}, {"/resume", "r", "", 202}, {"/pause", "k", "", 202}, // which is over
		{"/start/first", "k", "", 202}, {"/start/second", "k", "", 202}, {"/start/second", "k", `{"reason": "another"}`, 422},
	} {
		if status, answer := d.operate(tt.path, tt.key, tt.body); status != tt.status {
			t.Errorf("POST %s = %d %s, want %d", tt.path, status, answer, tt.status)
		}
	}
	d.quiet()
	if made := d.made(); made["first"] != 1 || made["second"] != 2 || d.did("pause") != 1 || d.did("start") != 2 {
		t.Errorf("the reloads are %v; %d pauses and %d starts are recorded", made, d.did("pause"), d.did("start"))
	}
}
