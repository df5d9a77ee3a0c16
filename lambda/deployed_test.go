// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheParametersAreReadAgainAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	body := eventBody(t, "reload-finished")
	f.deliver(t, ofReload(body, 2))
	f.parameters.values["/qlik-task-chain/nightly/definition"] = strings.Replace(definition, `"a": "completion"`, `"a": "failure"`, 1)
	f.parameters.values["/qlik-task-chain/nightly/credentials"] = credentialsJSON(t, "another.api.key")

	f.now = f.now.Add(5*time.Minute - time.Second)
	f.deliver(t, ofReload(body, 3))
	if f.parameters.calls != 1 || !slices.Equal(f.tenant.apps(), []string{appB, appB, appD, appD}) {
		t.Fatalf("SSM was called %d times before the five minutes were over; reloads: %q", f.parameters.calls, f.tenant.apps())
	}
	f.now = f.now.Add(time.Second)
	f.deliver(t, ofReload(body, 4))
	f.deliver(t, ofReload(body, 5))
	if f.parameters.calls != 2 || !slices.Equal(f.tenant.apps(), []string{appB, appB, appB, appB, appD, appD}) {
		t.Errorf("SSM was called %d times; reloads: %q, want the new definition's", f.parameters.calls, f.tenant.apps())
	}
	if key := f.tenant.keys[len(f.tenant.keys)-1]; key != "Bearer another.api.key" {
		t.Error("the new credentials are not used")
	}
}

func TestTheOldParametersServeWhileNewOnesCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	body, number := eventBody(t, "reload-finished"), 0
	next := func() string {
		number++
		return ofReload(body, number)
	}
	f.deliver(t, next())
	f.now = f.now.Add(6 * time.Minute)
	for name, spoil := range map[string]func(){
		"SSM fails":        func() { f.parameters.err = errors.New("ThrottlingException") },
		"an odd parameter": func() { f.parameters.err = nil; f.parameters.values["/qlik-task-chain/nightly/definition"] = "{}" },
	} {
		spoil()
		calls := f.parameters.calls
		expect(t, f.deliver(t, next()), object{"level": "INFO", "outcome": "started"})
		if f.parameters.calls != calls+1 {
			t.Errorf("%s: SSM was called %d times for an event, want once", name, f.parameters.calls-calls)
		}
		if lines := f.lines(t); len(lines) != 2 || lines[0]["msg"] != "parameters" || lines[0]["level"] != "WARN" ||
			lines[0]["use"] != "the values read at 2026-11-23T04:12:00Z" {
			t.Errorf("%s: the log is %s", name, f.output.String())
		}
	}
	f.parameters.err, f.parameters.values["/qlik-task-chain/nightly/definition"] = nil, definition
	calls := f.parameters.calls
	f.deliver(t, next())
	f.deliver(t, next())
	if f.parameters.calls != calls+1 || len(f.lines(t)) != 1 {
		t.Errorf("SSM was called %d times after it came back, want once; the log is %s", f.parameters.calls-calls, f.output.String())
	}
}

func TestTheClientIsKeptWhileTheCredentialsStay(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	first, err := f.deployment.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(maxAge)
	second, err := f.deployment.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first == second || first.engine.Reloads != second.engine.Reloads {
		t.Error("want the parameters read again and the same client")
	}
	f.now = f.now.Add(maxAge)
	f.parameters.values["/qlik-task-chain/nightly/credentials"] = credentialsJSON(t, "another.api.key")
	third, err := f.deployment.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if third.engine.Reloads == second.engine.Reloads {
		t.Error("want another client for other credentials")
	}
}

func TestTheParametersAreReadAhead(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deployment.readAhead()
	expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"level": "INFO", "outcome": "started"})
	if f.parameters.calls != 1 || len(f.lines(t)) != 1 {
		t.Errorf("SSM was called %d times; the log is %s", f.parameters.calls, f.output.String())
	}
}

func TestAnEventReadsWhatCouldNotBeReadAhead(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.parameters.err = errors.New("ThrottlingException")
	f.deployment.readAhead()
	if f.output.Len() > 0 {
		t.Errorf("the log is %s before there was an event", f.output.String())
	}
	f.parameters.err = nil
	expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"level": "INFO", "outcome": "started"})
	if f.parameters.calls != 2 {
		t.Errorf("SSM was called %d times, want twice", f.parameters.calls)
	}
}
