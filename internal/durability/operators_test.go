// SPDX-License-Identifier: MPL-2.0

package durability_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// did counts the operations of a kind in the record.
func (d *deployment) did(kind string) (n int) {
	var seen struct {
		Operations []struct{ Operation string }
	}
	d.get("/operations", &seen)
	for _, o := range seen.Operations {
		if o.Operation == kind {
			n++
		}
	}
	return n
}

// TestAKilledOperatorsRequest kills the function's process at the calls that it makes for a POST, and sends the request again with the
// same key. What was asked for happens once, and the record says so once. A further repetition has the same answer and changes nothing.
func TestAKilledOperatorsRequest(t *testing.T) {
	t.Parallel()
	var points atomic.Int32
	t.Run("operators", func(t *testing.T) {
		for _, kind := range []string{"start", "pause"} {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				d := deploy(t, quick(), line(), nil)
				d.cutOffAfter(3)
				path, every := map[string]string{"start": "/start/first", "pause": "/pause"}[kind], 3
				if *whole {
					every = 1
				}
				rounds := 0
				for call, happened := 1, true; happened; call += every {
					before, did := d.made(), d.did(kind)
					d.ResetOutsideCalls()
					crash := d.CrashAt(call, call%2 == 0)
					key := fmt.Sprintf("%s-%d", kind, call)
					status, answer := d.operate(path, key, `{"reason": "night shift"}`)
					var point string
					point, happened = crash.Point()
					if status != http.StatusAccepted {
						t.Fatalf("POST %s = %d %s, after a crash at %s", path, status, answer, point)
					}
					if kind == "pause" {
						if status, answer := d.operate("/resume", "resume-"+key, ""); status != http.StatusAccepted {
							t.Fatalf("POST /resume = %d %s", status, answer)
						}
					}
					d.quiet()
					if status, repeated := d.operate(path, key, `{"reason": "night shift"}`); status != http.StatusAccepted || repeated != answer {
						t.Errorf("after a crash at %s the answers are %s and %d %s", point, answer, status, repeated)
					}
					d.quiet()
					if n := d.did(kind) - did; n != 1 {
						t.Errorf("after a crash at %s the record has %d operations more", point, n)
					}
					if started := d.made()["first"] - before["first"]; kind == "start" && started != 1 {
						t.Errorf("after a crash at %s there were %d reloads", point, started)
					}
					var paused struct{ Paused *struct{} }
					if d.get("/operations", &paused); paused.Paused != nil {
						t.Errorf("after a crash at %s the repeated request has paused the chain again", point)
					}
					if happened {
						rounds++
					}
				}
				if rounds < 2 {
					t.Errorf("there were %d crashes", rounds)
				}
				points.Add(int32(rounds))
			})
		}
	})
	fmt.Printf("operators: %d crashes, each request carried out once\n", points.Load())
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
