// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine/enginetest"
)

// everyRoute has a route of each kind, with X where a client may write something. What the function's answers say of its routes names
// no others, which TestEveryRouteIsTried checks.
var everyRoute = []struct{ method, path string }{
	{"GET", "/"}, {"GET", "/graph?run=X"}, {"GET", "/graph?format=X"}, {"GET", "/runs?before=X"}, {"GET", "/runs?limit=X"},
	{"GET", "/runs?status=X"}, {"GET", "/runs?cycle=X"},
	{"GET", "/runs/X"}, {"GET", "/history?limit=X"}, {"GET", "/operations?X=X"}, {"GET", "/page?X=X"},
	{"POST", "/start?cycle=X"}, {"POST", "/start/X"},
	{"POST", "/start/a/X"},
	{"POST", "/start/a?reason=X"}, {"POST", "/runs/X/rerun"}, {"POST", "/runs/X/rerun/a"}, {"POST", "/runs/R/rerun/X"},
	{"POST", "/runs/X/rerun/X?reason=X"},
	{"POST", "/runs/R/succeed/X"}, {"POST", "/runs/X/succeed/a"}, {"POST", "/skip/X"}, {"POST", "/skip/b?cycle=X"},
	{"POST", "/signal/X"}, {"POST", "/signal/a?reason=X"},
	{"POST", "/start/a?cycle=X"},
	{"POST", "/runs/X/cancel"}, {"POST", "/pause?reason=X"}, {"POST", "/resume?reason=X"}, {"POST", "/redrive?reason=X"},
	{"GET", "/X"}, {"GET", "/runs/R/X"},
}

func TestEveryRouteIsTried(t *testing.T) {
	t.Parallel()
	for word := range strings.FieldsSeq(whatThereIs) {
		if !strings.HasPrefix(word, "/") {
			continue
		}
		kind, _, _ := strings.Cut(strings.TrimRight(word, ",."), "{")
		tried := false
		for _, route := range everyRoute {
			tried = tried || strings.HasPrefix(route.path, kind)
		}
		if !tried {
			t.Errorf("%s is not tried", word)
		}
	}
}

// TestNoInputIsTooLong: whatever stands in a path, a parameter, a header or the body, however long it is, is the client's matter, not
// the function's.
func TestNoInputIsTooLong(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deployment.queue = &letters{}
	run, _ := f.deliver(t, eventBody(t, "reload-finished"))["run"].(string)
	for _, route := range everyRoute {
		for _, x := range []string{
			strings.Repeat("x", 300), strings.Repeat("x", 1000), strings.Repeat("x", 1001), strings.Repeat("ü", 501),
			strings.Repeat("x", 2049), strings.Repeat("x", 9000),
			"", "#", "\x00", "\xff\xfe", "%", "%2", "../..", `"`, "🙂", "-1", "99999999999999999999",
		} {
			for _, header := range []string{"", "Idempotency-Key", "Accept", "If-None-Match"} {
				f.now = f.now.Add(time.Second)
				r := request(route.method, "", strings.ReplaceAll(strings.ReplaceAll(route.path, "R", run), "X", x))
				r.RequestContext.RequestID = f.now.String()
				if header != "" {
					r.Headers[header] = x + "/" + x
				}
				if route.method == http.MethodPost {
					r.Body = `{"reason": "` + base64.StdEncoding.EncodeToString([]byte(x)) + `"}`
				}
				response := f.fetch(t, r)
				if response.StatusCode >= 500 {
					t.Errorf("%s %.80s with %s of %d bytes %.20q: %d %.200s",
						route.method, route.path, header, len(x), x, response.StatusCode, response.Body)
				}
				refused := response.StatusCode == 400 && strings.Contains(response.Body, "Send at most 1000")
				if len(x) > maxText && strings.Contains(route.path, "X") && !refused {
					t.Errorf("%s %.80s with %d bytes: %d %.200s", route.method, route.path, len(x), response.StatusCode, response.Body)
				}
			}
		}
	}
}

// TestAnEventWithALongIDIsRefused: it is signed, and yet it must not go round between Lambda and the dead-letter queue.
func TestAnEventWithALongIDIsRefused(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	body := strings.ReplaceAll(eventBody(t, "reload-finished"), "6a849f7f18ec290e6ceb0001", strings.Repeat("6", 3000))
	expect(t, f.deliver(t, body), object{"outcome": "refused", "refused": "body", "level": "WARN"})
}

// fuzzed is a function for many requests: what they leave in its table, the next one does not find.
func fuzzed(f *testing.F) *function {
	f.Helper()
	fn := newFunction(f)
	fn.deployment.queue = &letters{}
	return fn
}

func (f *function) forget() {
	f.table = enginetest.NewMemory()
	f.restart(f.table)
	f.output.Reset()
	f.tenant.mu.Lock()
	defer f.tenant.mu.Unlock()
	f.tenant.requests, f.tenant.keys = nil, nil
}

// FuzzRequest: no request is answered with a 5xx, or with something else than API Gateway's words, and none leaves a line that says
// that the function is at fault. It is sent twice, since the second one with a key goes another way.
func FuzzRequest(f *testing.F) {
	for _, route := range everyRoute {
		path, query, _ := strings.Cut(route.path, "?")
		name, _, _ := strings.Cut(query, "=")
		f.Add(route.method, strings.TrimPrefix(path, "/"), name, "X", "", "", false)
	}
	f.Add("POST", "start/a", "reason", "why", "key", `{"reason": "why"}`, false)
	f.Add("POST", "pause", "", "", "key", "e30=", true)
	f.Add("GET", "runs", "before", "20261123T041007600Z-3f68f449", "", "", false)
	f.Add("GET", "graph", "format", "svg", "text/html;q=0.1, image/svg+xml", "", false)
	f.Add("PUT", "runs/%2F/rerun/%00", "limit", "+5", "*", "null", false)
	fn := fuzzed(f)
	f.Fuzz(func(t *testing.T, method, path, name, value, header, body string, encoded bool) {
		fn.forget()
		r := events.APIGatewayProxyRequest{
			HTTPMethod: method, Resource: "/{proxy+}", Path: "/" + path, PathParameters: map[string]string{"proxy": path},
			QueryStringParameters: map[string]string{name: value}, Body: body, IsBase64Encoded: encoded,
			Headers:        map[string]string{"idempotency-key": header, "accept": header, "if-none-match": header},
			RequestContext: events.APIGatewayProxyRequestContext{RequestID: "gateway-2"},
		}
		for range 2 {
			payload, err := fn.respond(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"}), r)
			var response events.APIGatewayProxyResponse
			if err == nil {
				err = json.Unmarshal(payload, &response)
			}
			if err != nil || response.StatusCode < 200 || response.StatusCode >= 500 || strings.Contains(fn.output.String(), `"level":"ERROR"`) {
				t.Fatalf("%+v: %v, %s\n%s", r, err, payload, fn.output.String())
			}
		}
	})
}

// FuzzInvoke: whatever the function is invoked with, it ends, and either says so or does something.
func FuzzInvoke(f *testing.F) {
	now := time.Date(2026, 11, 23, 4, 12, 0, 0, time.UTC)
	for _, payload := range []any{
		signed(`{"type": "com.qlik.v1.reload.finished"}`),
		chain.Timer{Source: chain.TimerSource, Kind: chain.TimerStart, Cycle: "20261122T0000Z", Step: "b", Run: "r", Attempt: 1, Due: now},
		chain.Timer{Source: chain.TimerSource, Kind: chain.TimerCycle, Cycle: "20261122T1800Z", Due: now},
		chain.Timer{Source: chain.TimerSource, Kind: chain.TimerRelease},
		chain.Timer{Source: chain.TimerSource, Kind: chain.TimerCancel, Cycle: "20261122T1800Z", Run: "r"},
		chain.Scheduled{Source: chain.ScheduledSource, Step: "a", Time: now},
		chain.DeadlineCheck{Source: chain.DeadlineSource, Deadline: "d", Time: now},
		chain.Sweep{Source: chain.SweepSource, Webhook: "w", Reloads: true, MaxAgeSeconds: 1},
		chain.OperationPayload{Source: chain.OperationSource, Kind: "pause", ID: "1"},
		request("GET", "", "/runs"), request("POST", "", "/pause"), nil, 1, "x", []int{1}, map[string]int{"source": 1},
	} {
		text, err := json.Marshal(payload)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	fn := fuzzed(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		fn.forget()
		answer, err := fn.Invoke(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"}), payload)
		if err == nil && !json.Valid(answer) {
			t.Errorf("%q is answered with %q", payload, answer)
		}
		if fn.output.Len() == 0 {
			t.Errorf("%q leaves no line in the log", payload)
		}
	})
}
