// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// transcript answers by method and path, and records the requests.
func transcript(t *testing.T, answers map[string]string) (*Client, func() string) {
	t.Helper()
	var requests []string
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		line := r.Method + " " + r.URL.RequestURI()
		if len(body) > 0 {
			line += " " + string(body)
		}
		requests = append(requests, line)
		answer, known := answers[r.Method+" "+r.URL.Path]
		if !known {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, answer)
	})
	return c, func() string {
		all := strings.Join(requests, "\n")
		requests = nil
		return all
	}
}

func TestAutomationCalls(t *testing.T) {
	t.Parallel()
	const one = automationsWorkflows + "/a1"
	c, requests := transcript(t, map[string]string{
		"GET " + automationsWorkflows:           `{"data":[{"id":"a1"}],"links":{"next":{"href":null}}}`,
		"POST " + one + "/runs":                 `{"id":"r1","status":"queued","createdAt":"2026-11-23T04:10:01.000000Z"}`,
		"GET " + one + "/runs":                  `{"data":[{"id":"r1","status":"finished"},{"id":"r0","status":"failed"}]}`,
		"GET " + one + "/runs/r1":               `{"id":"r1","status":"running","startTime":"2026-11-23T04:10:04Z","stopTime":null}`,
		"POST " + one + "/runs/r1/actions/stop": ``,
	})
	started, err := c.StartAutomation(t.Context(), "a1")
	if err != nil || started.ID != "r1" || started.Status.Outcome() != "" || started.CreatedAt.IsZero() {
		t.Errorf("got %+v, %v", started, err)
	}
	run, err := c.GetAutomationRun(t.Context(), "a1", "r1")
	if err != nil || !run.StartTime.Equal(time.Date(2026, 11, 23, 4, 10, 4, 0, time.UTC)) || !run.StopTime.IsZero() {
		t.Errorf("got %+v, %v", run, err)
	}
	runs, err := c.ListAutomationRuns(t.Context(), "a1", AutomationRunFilter{Limit: 1, Statuses: UnfinishedAutomationRuns()[:2]})
	if err != nil || len(runs) != 1 || runs[0].Status.Outcome() != StatusSucceeded {
		t.Errorf("got %+v, %v", runs, err)
	}
	if err := c.StopAutomationRun(t.Context(), "a1", "r1"); err != nil {
		t.Error(err)
	}
	want := `POST /api/workflows/automations/a1/runs {"context":"api"}
GET /api/workflows/automations/a1/runs/r1
GET /api/workflows/automations/a1/runs?filter=status+eq+%22not+started%22+or+status+eq+%22queued%22&limit=1&sort=-startTime
POST /api/workflows/automations/a1/runs/r1/actions/stop`
	if got := requests(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The first POST goes to the current path. Its 404 means that nothing was started, so it may go to the old one.
func TestAutomationsAtTheOldPath(t *testing.T) {
	t.Parallel()
	c, requests := transcript(t, map[string]string{
		"GET " + automationsV1:               `{"data":[]}`,
		"POST " + automationsV1 + "/a1/runs": `{"id":"r1","status":"queued"}`,
	})
	for range 2 {
		if run, err := c.StartAutomation(t.Context(), "a1"); err != nil || run.ID != "r1" {
			t.Fatalf("got %v, %v", run, err)
		}
	}
	want := `POST /api/workflows/automations/a1/runs {"context":"api"}
GET /api/workflows/automations?limit=1
GET /api/v1/automations?limit=1
POST /api/v1/automations/a1/runs {"context":"api"}
POST /api/v1/automations/a1/runs {"context":"api"}`
	if got := requests(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	c, requests = transcript(t, map[string]string{"GET " + automationsWorkflows: `{"data":[]}`})
	if _, err := c.GetAutomationRun(t.Context(), "a1", "gone"); !IsNotFound(err) {
		t.Errorf("error %v, want a 404", err)
	}
	if got := requests(); strings.Contains(got, automationsV1) {
		t.Errorf("the old path was asked although the tenant has the new one:\n%s", got)
	}
}

// A start and a stop are sent once, whatever comes back; reads are repeated.
func TestAutomationRetries(t *testing.T) {
	t.Parallel()
	limit := `{"errors":[{"code":"AUTOMATIONS-7","title":"Too many concurrent runs"}]}`
	tests := map[string]struct {
		answer  answer
		atLimit bool
	}{
		"500": {answer{status: 500}, false}, "lost": {answer{drop: true}, false}, "rate limit": {answer{status: 429, body: limited}, false},
		"conflict": {answer{status: 409}, true}, "run limit": {answer{status: 429, body: limit}, true},
		"broken off": {answer{status: 201, body: `{"id":"r`}, false}, "no id": {answer{status: 201, body: `{}`}, false},
	}
	for name, test := range tests {
		h, calls := script(t, test.answer)
		c, _ := newTestClient(t, h)
		_, err := c.StartAutomation(t.Context(), "a1")
		var e *Error
		if !errors.As(err, &e) || e.AtRunLimit() != test.atLimit || calls.Load() != 1 {
			t.Errorf("start, %s: %v after %d calls", name, err, calls.Load())
		}
		if e != nil && test.answer.status == 201 && !strings.Contains(e.URL, "/api/workflows/automations/a1/runs") {
			t.Errorf("start, %s: URL %s", name, e.URL)
		}
	}
	for name, call := range map[string]func(*Client) error{
		"stop":      func(c *Client) error { return c.StopAutomationRun(t.Context(), "a1", "r1") },
		"start":     func(c *Client) error { return c.StartDataTask(t.Context(), "p1", "t1") },
		"stop task": func(c *Client) error { return c.StopDataTask(t.Context(), "p1", "t1") },
	} {
		h, calls := script(t, answer{status: 503})
		c, _ := newTestClient(t, h)
		if err := call(c); err == nil || calls.Load() != 1 {
			t.Errorf("%s: %v after %d calls, want an error after one", name, err, calls.Load())
		}
	}
	for name, call := range map[string]func(*Client) error{
		"a run": func(c *Client) error { _, err := c.GetAutomationRun(t.Context(), "a1", "r1"); return err },
		"a search": func(c *Client) error {
			_, err := c.SearchDataTaskRuns(t.Context(), "p1", "t1", DataTaskRunFilter{})
			return err
		},
	} {
		h, calls := script(t, answer{status: 503}, answer{status: 429}, answer{status: 200, body: "{}"})
		c, _ := newTestClient(t, h)
		if err := call(c); err != nil || calls.Load() != 3 {
			t.Errorf("%s: %v after %d calls, want a repeated read", name, err, calls.Load())
		}
	}
}

func TestIDsThatAreNone(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was requested", r.URL) })
	for name, err := range map[string]error{
		"run":     func() error { _, err := c.GetAutomationRun(t.Context(), "a1", ".."); return err }(),
		"runs":    func() error { _, err := c.ListAutomationRuns(t.Context(), "", AutomationRunFilter{}); return err }(),
		"start":   func() error { _, err := c.StartAutomation(t.Context(), "."); return err }(),
		"task":    c.StartDataTask(t.Context(), "p1", ""),
		"project": c.StartDataTask(t.Context(), "", "t1"),
	} {
		if err == nil || !strings.Contains(fmt.Sprint(err), "is not an id") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
