// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine/enginetest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/idempotency"
)

// keyed is a POST with a key. Each time that it is sent, API Gateway gives it another id.
func (f *function) keyed(path, key, body string) events.APIGatewayProxyRequest {
	r := request("POST", "", path)
	r.Headers["Idempotency-Key"], r.Body, r.RequestContext.RequestID = key, body, fmt.Sprintf("gateway-%d", f.now.UnixNano())
	return r
}

// post sends a POST and fails the test unless it has the status.
func (f *function) post(t *testing.T, r events.APIGatewayProxyRequest, status int) events.APIGatewayProxyResponse {
	t.Helper()
	var content any
	response, _ := f.ask(t, r, &content)
	if response.StatusCode != status {
		t.Errorf("POST %s = %d %s, want %d", r.Path, response.StatusCode, response.Body, status)
	}
	f.now = f.now.Add(time.Second)
	return response
}

func (f *function) isPaused(t *testing.T) bool {
	t.Helper()
	var seen operations
	f.ask(t, request("GET", "", "/operations"), &seen)
	return seen.Paused != nil
}

// TestAKeyMeansThisVeryRequest: the cases of the reports, and those beside them.
func TestAKeyMeansThisVeryRequest(t *testing.T) {
	t.Parallel()
	t.Run("a repeated pause does not pause again what was resumed", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		const why = `{"reason": "a <b>move</b> & more"}`
		first := f.post(t, f.keyed("/pause", "k", why), 202)
		f.post(t, f.keyed("/resume", "other", ""), 202)
		if again := f.post(t, f.keyed("/pause", "k", why), 202); again.Body != first.Body || f.isPaused(t) {
			t.Errorf("paused again: %t, with the answer %s", f.isPaused(t), again.Body)
		}
		f.post(t, f.keyed("/pause", "k2", ""), 202)
		if f.post(t, f.keyed("/resume", "other", ""), 202); !f.isPaused(t) {
			t.Error("a repeated resume has resumed what was paused after it")
		}
	})
	t.Run("a key counts for a route", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		for _, path := range []string{"/start/a", "/start/b", "/pause", "/resume", "/start/c"} {
			f.post(t, f.keyed(path, "k", ""), 202)
		}
		if got := f.tenant.apps(); len(got) != 3 {
			t.Errorf("the apps %q were reloaded", got)
		}
	})
	t.Run("a key counts for a body and for parameters", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		f.post(t, f.keyed("/start/a", "k", `{"reason": "one"}`), 202)
		for _, r := range []events.APIGatewayProxyRequest{
			f.keyed("/start/a", "k", `{"reason": "two"}`), f.keyed("/start/a", "k", ""), f.keyed("/start/a?reason=one", "k", ""),
		} {
			if response := f.post(t, r, 422); !strings.Contains(response.Body, "Give each request a key of its own") {
				t.Errorf("the answer is %s", response.Body)
			}
		}
		if got := f.tenant.apps(); len(got) != 1 {
			t.Errorf("the apps %q were reloaded", got)
		}
	})
	t.Run("a key counts for a day", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		f.post(t, f.keyed("/start/a", "k", ""), 202)
		f.now = f.now.Add(24*time.Hour - time.Minute)
		f.post(t, f.keyed("/start/a", "k", ""), 202)
		if got := f.tenant.apps(); len(got) != 1 {
			t.Errorf("the apps %q were reloaded within a day", got)
		}
		f.now = f.now.Add(time.Minute)
		f.post(t, f.keyed("/start/a", "k", `{"reason": "another one, too"}`), 202)
		var runs runsPage
		if f.ask(t, request("GET", "", "/runs"), &runs); len(runs.Runs) != 2 {
			t.Errorf("after a day there are the runs %+v", runs.Runs)
		}
	})
	t.Run("what was refused is tried anew", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		run, _ := f.deliver(t, eventBody(t, "reload-finished"))["run"].(string)
		again := "/runs/" + run + "/rerun/b" // its reload is under way
		f.post(t, f.keyed(again, "k", ""), 409)
		f.post(t, f.keyed("/runs/"+run+"/cancel", "k", ""), 202)
		f.post(t, f.keyed(again, "k", ""), 202)
	})
	t.Run("a spelling of the path is no other route", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		f.post(t, f.keyed("/start/a", "k", ""), 202)
		f.post(t, f.keyed("/start/%61", "k", ""), 202)
		if got := f.tenant.apps(); len(got) != 1 {
			t.Errorf("the apps %q were reloaded", got)
		}
	})
	t.Run("Terraform's operations", func(t *testing.T) {
		t.Parallel()
		f := newFunction(t)
		for _, o := range []struct {
			kind chain.OperationKind
			id   string
		}{{chain.OperationPause, "1"}, {chain.OperationResume, "2"}, {chain.OperationPause, "1"}} {
			operation := chain.OperationPayload{Source: chain.OperationSource, Kind: o.kind, ID: o.id}
			if _, _, err := f.invoke(t.Context(), t, "operation", operation); err != nil {
				t.Fatal(err)
			}
		}
		if f.isPaused(t) {
			t.Error("a repeated pause has paused the chain again")
		}
	})
}

// TestOneOfManyIsCarriedOut: requests of one key meet.
func TestOneOfManyIsCarriedOut(t *testing.T) {
	t.Parallel()
	keys := &idempotency.Keys{Store: enginetest.NewMemory(), Now: time.Now}
	var claims, others atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			claim, before, err := keys.Claim(t.Context(), idempotency.Request{
				Key: "k", Route: "POST /pause", Operation: chain.Operation{At: time.Now()}, Within: time.Minute,
			})
			var underWay *idempotency.UnderWayError
			switch {
			case claim != nil:
				claims.Add(1)
			case before == nil && errors.As(err, &underWay):
				others.Add(1)
			default:
				t.Errorf("Claim() = %v, %v", before, err)
			}
		})
	}
	all.Wait()
	if claims.Load() != 1 || others.Load() != 19 {
		t.Errorf("%d carry the request out, %d wait", claims.Load(), others.Load())
	}
}

// repeating is a table that loses its answers to writes at first: the client repeats them, and meets its own.
type repeating struct{ engine.Store }

func (r repeating) Write(ctx context.Context, writes ...engine.Write) error {
	if err := r.Store.Write(ctx, writes...); err != nil {
		return err
	}
	return engine.ErrConflict
}

func TestAClaimMeetsItself(t *testing.T) {
	t.Parallel()
	keys := &idempotency.Keys{Store: repeating{enginetest.NewMemory()}, Now: time.Now}
	r := idempotency.Request{Key: "k", Route: "POST /pause", Operation: chain.Operation{At: time.Now(), By: "me"}, Within: time.Minute}
	claim, before, err := keys.Claim(t.Context(), r)
	if err != nil || before != nil || claim.Operation.By != "me" || claim.ID == "" {
		t.Errorf("Claim() = %+v, %v, %v", claim, before, err)
	}
}
