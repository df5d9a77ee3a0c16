// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// newTestClient makes a client with short pauses for a server that answers with h.
func newTestClient(t *testing.T, h http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := NewClient(Config{TenantURL: server.URL, Credentials: Credentials{APIKey: "key"}, UserAgent: "test/1"})
	if err != nil {
		t.Fatal(err)
	}
	c.backoff = func(int) time.Duration { return time.Millisecond }
	return c, server
}

// answer is one answer of a scripted server.
type answer struct {
	status     int
	body       string
	retryAfter string
	drop       bool // close the connection instead
}

// script answers with each in turn, and counts.
func script(t *testing.T, answers ...answer) (http.HandlerFunc, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1))
		if n > len(answers) {
			t.Errorf("call %d was not expected", n)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		a := answers[n-1]
		if a.drop {
			panic(http.ErrAbortHandler)
		}
		if a.retryAfter != "" {
			w.Header().Set("Retry-After", a.retryAfter)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}, &calls
}

const (
	good         = `{"id":"r1","status":"QUEUED"}`
	limited      = `{"errors":[{"code":"HTTP-429","title":"Too many requests"}],"traceId":"t1"}`
	pendingError = `{"errors":[{"code":"RELOADS-010","title":"Reload pending"}]}`
)

func TestRetries(t *testing.T) {
	t.Parallel()
	get := func(ctx context.Context, c *Client) error { _, err := c.GetReload(ctx, "r1"); return err }
	start := func(ctx context.Context, c *Client) error {
		_, err := c.StartReload(ctx, ReloadRequest{AppID: "a"})
		return err
	}
	replace := func(ctx context.Context, c *Client) error {
		_, err := c.ReplaceWebhook(ctx, "w", WebhookRequest{})
		return err
	}
	patch := func(ctx context.Context, c *Client) error { return c.PatchWebhook(ctx, "w", nil) }
	remove := func(ctx context.Context, c *Client) error { return c.DeleteWebhook(ctx, "w") }
	five := func(a answer) []answer { return []answer{a, a, a, a, a} }
	tests := map[string]struct {
		call       func(context.Context, *Client) error
		answers    []answer
		wantStatus int // of the error; -1 for success
	}{
		"GET: 503, then good":              {get, []answer{{status: 503}, {status: 200, body: good}}, -1},
		"GET: connection lost, then good":  {get, []answer{{drop: true}, {drop: true}, {status: 200, body: good}}, -1},
		"GET: 500 for ever":                {get, five(answer{status: 500}), 500},
		"GET: no connection for ever":      {get, five(answer{drop: true}), 0},
		"GET: 404":                         {get, []answer{{status: 404}}, 404},
		"GET: 400":                         {get, []answer{{status: 400}}, 400},
		"GET: 401 with an API key":         {get, []answer{{status: 401}}, 401},
		"GET: not JSON":                    {get, []answer{{status: 200, body: "<html>"}}, 200},
		"GET: broken off, then good":       {get, []answer{{status: 200, body: good[:12]}, {status: 200}, {status: 200, body: good}}, -1},
		"GET: broken off for ever":         {get, five(answer{status: 200, body: good[:12]}), 200},
		"GET: rate limit, then good":       {get, []answer{{status: 429, body: limited}, {status: 200, body: good}}, -1},
		"PUT: 502, then good":              {replace, []answer{{status: 502}, {status: 200, body: good}}, -1},
		"PUT: connection lost, then good":  {replace, []answer{{drop: true}, {status: 200, body: good}}, -1},
		"DELETE: 500, then good":           {remove, []answer{{status: 500}, {status: 204}}, -1},
		"PATCH: 500":                       {patch, []answer{{status: 500}}, 500},
		"PATCH: connection lost":           {patch, []answer{{drop: true}}, 0},
		"PATCH: rate limit, then good":     {patch, []answer{{status: 429, body: limited}, {status: 204}}, -1},
		"PATCH: rate limit for ever":       {patch, five(answer{status: 429, body: limited}), 429},
		"POST: 500":                        {start, []answer{{status: 500}}, 500},
		"POST: 503 with Retry-After":       {start, []answer{{status: 503, retryAfter: "0"}}, 503},
		"POST: connection lost":            {start, []answer{{drop: true}}, 0},
		"POST: 201 that is not JSON":       {start, []answer{{status: 201, body: "<html>"}}, 201},
		"POST: 201 that breaks off":        {start, []answer{{status: 201, body: good[:12]}}, 201},
		"POST: 201 without an id":          {start, []answer{{status: 201, body: "{}"}}, 201},
		"POST: rate limit":                 {start, []answer{{status: 429, body: limited}}, 429},
		"POST: pending":                    {start, []answer{{status: 429, body: pendingError}}, 429},
		"POST: pending with Retry-After":   {start, []answer{{status: 429, body: pendingError, retryAfter: "1"}}, 429},
		"POST: 429 that says nothing more": {start, []answer{{status: 429}}, 429},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, calls := script(t, test.answers...)
			c, _ := newTestClient(t, h)
			known := webhooksCore
			c.webhooks.known.Store(&known)
			err := test.call(t.Context(), c)
			if n := int(calls.Load()); n != len(test.answers) {
				t.Errorf("%d calls, want %d", n, len(test.answers))
			}
			var e *Error
			switch {
			case test.wantStatus < 0 && err != nil:
				t.Errorf("error %v, want none", err)
			case test.wantStatus >= 0 && !errors.As(err, &e):
				t.Errorf("error %v, want an *Error", err)
			case test.wantStatus >= 0 && (e.Status != test.wantStatus || e.Attempts != len(test.answers)):
				t.Errorf("status %d after %d attempts, want %d after %d: %v", e.Status, e.Attempts, test.wantStatus, len(test.answers), e)
			}
		})
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	h, _ := script(t, answer{status: 429, body: limited, retryAfter: "1"}, answer{status: 200, body: good})
	c, _ := newTestClient(t, h)
	before := time.Now()
	if _, err := c.GetReload(t.Context(), "r1"); err != nil {
		t.Fatal(err)
	}
	if waited := time.Since(before); waited < time.Second {
		t.Errorf("waited %s, want a second", waited)
	}
}

func TestRetryAfterPastTheDeadline(t *testing.T) {
	t.Parallel()
	h, calls := script(t, answer{status: 429, body: limited, retryAfter: "120"})
	c, _ := newTestClient(t, h)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := c.GetReload(ctx, "r1")
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter != 2*time.Minute || e.Code != "HTTP-429" || e.TraceID != "t1" {
		t.Fatalf("error %v, want a 429 that says to wait two minutes", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v does not tell the deadline", err)
	}
	if calls.Load() != 1 || ctx.Err() != nil {
		t.Errorf("%d calls, context %v: want the answer at once", calls.Load(), ctx.Err())
	}
}

func TestRetryAfterBeyondReason(t *testing.T) {
	t.Parallel()
	h, calls := script(t, answer{status: 429, body: limited, retryAfter: "99999999999999999999"},
		answer{status: 429, body: limited, retryAfter: "3600"})
	c, _ := newTestClient(t, h)
	c.backoff = func(int) time.Duration { return time.Millisecond }
	_, err := c.GetReload(t.Context(), "r1")
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter != time.Hour || calls.Load() != 2 {
		t.Errorf("error %v after %d calls, want an error that names a wait of one hour", err, calls.Load())
	}
}

func TestHungTenant(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices a caller who leaves only then
		<-r.Context().Done()
	}
	t.Run("one attempt takes too long", func(t *testing.T) {
		t.Parallel()
		c, _ := newTestClient(t, hang)
		c.timeout = 10 * time.Millisecond
		_, err := c.StartReload(t.Context(), ReloadRequest{AppID: "a"})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer within 10ms") {
			t.Errorf("error %v, want one about the time", err)
		}
	})
	t.Run("the context's deadline comes first", func(t *testing.T) {
		t.Parallel()
		c, _ := newTestClient(t, hang)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := c.GetReload(ctx, "r1")
		var e *Error
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || e.Attempts != 1 {
			t.Errorf("error %v, want the deadline after one attempt", err)
		}
	})
	t.Run("canceled while waiting for the next try", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			cancel()
		})
		c.backoff = func(int) time.Duration { return time.Minute }
		_, err := c.GetReload(ctx, "r1")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
}

func TestUnreachableTenant(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, nil)
	c.base.Host = "127.0.0.1:1" // a reserved port, which no other test can get
	_, err := c.Me(t.Context())
	var e *Error
	if !errors.As(err, &e) || e.Attempts != maxAttempts || e.Status != 0 {
		t.Fatalf("error %v, want no answer after %d attempts", err, maxAttempts)
	}
	if n := strings.Count(err.Error(), "/api/v1/users/me"); n != 1 {
		t.Errorf("the URL comes %d times: %v", n, err)
	}
	for _, want := range []string{"connection refused", "check the tenant URL", "5 attempts"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing: %v", want, err)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"Authorization": "Bearer key", "User-Agent": "test/1", "Accept": "application/json", "Content-Type": "application/json",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		_, _ = io.WriteString(w, good)
	})
	if _, err := c.StartReload(t.Context(), ReloadRequest{AppID: "a"}); err != nil {
		t.Fatal(err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect to another host was followed")
	}))
	t.Cleanup(stranger.Close)
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/users/me":
			http.Redirect(w, r, "/api/v1/users/u1", http.StatusTemporaryRedirect)
		case "/api/v1/users/u1":
			if r.Header.Get("Authorization") != "Bearer key" {
				t.Error("the redirect lost the credentials")
			}
			_, _ = io.WriteString(w, `{"id":"u1","tenantId":"t1","assignedRoles":[{"name":"TenantAdmin"}]}`)
		case "/api/v1/reloads":
			http.Redirect(w, r, "/api/v1/users/u1", http.StatusFound)
		default:
			http.Redirect(w, r, stranger.URL, http.StatusFound)
		}
	})
	me, err := c.Me(t.Context())
	if err != nil || me.ID != "u1" || !me.HasRole(RoleTenantAdmin) || me.HasRole("Developer") {
		t.Errorf("Me() = %+v, %v", me, err)
	}
	if _, err := c.App(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "is not followed") {
		t.Errorf("error %v, want a refused redirect", err)
	}
	if _, err := c.StartReload(t.Context(), ReloadRequest{AppID: "a"}); err == nil || !strings.Contains(err.Error(), "302 Found") {
		t.Errorf("error %v: a POST must not become a GET", err)
	}
}

func TestIDsInPaths(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/api/v1/apps/..%2Fitems%3Fa=b" {
			t.Errorf("path %s", r.URL.EscapedPath())
		}
		_, _ = io.WriteString(w, `{}`)
	})
	if _, err := c.App(t.Context(), "../items?a=b"); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.App(t.Context(), id); err == nil || !strings.Contains(err.Error(), "is not an id") {
			t.Errorf("App(%q): error %v", id, err)
		}
		if err := c.DeleteWebhook(t.Context(), id); err == nil {
			t.Errorf("DeleteWebhook(%q) went through", id)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-7": 0, "soon": 0, "Mon, 01 Jan 2001 00:00:00 GMT": 0,
	} {
		if got := parseRetryAfter(header); got != want {
			t.Errorf("parseRetryAfter(%q) = %s, want %s", header, got, want)
		}
	}
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	if got := parseRetryAfter(date); got < 59*time.Minute || got > time.Hour {
		t.Errorf("parseRetryAfter(%q) = %s, want about an hour", date, got)
	}
	if got := parseRetryAfter(fmt.Sprint(int64(1) << 62)); got < longestWait {
		t.Errorf("a very long wait became %s", got)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempt, limit := range map[int]time.Duration{1: 200 * time.Millisecond, 4: 1600 * time.Millisecond} {
		for range 100 {
			if got := backoff(attempt); got < limit/2 || got > limit {
				t.Fatalf("backoff(%d) = %s, want from %s to %s", attempt, got, limit/2, limit)
			}
		}
	}
}
