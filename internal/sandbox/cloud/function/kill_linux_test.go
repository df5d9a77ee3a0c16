// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// TestKillInTheMiddle kills the processes of three invocations: a synchronous one and two events. The events are tried again
// in new processes.
func TestKillInTheMiddle(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	child := 0
	if err := json.Unmarshal(s.invoke(t, `{"do":"child"}`).Payload, &child); err != nil {
		t.Fatal(err)
	}
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusOK }}
	payload := visit(t, v)
	answered := make(chan *lambda.InvokeOutput)
	go func() {
		out, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("nightly"), Payload: []byte(payload)})
		if err != nil {
			t.Error(err)
		}
		answered <- out
	}()
	s.send(t, payload)
	s.send(t, payload)
	for range 3 {
		<-v.arrived
	}
	if killed := s.service.Kill("nightly"); killed != 3 {
		t.Errorf("%d processes were killed, want 3", killed)
	}
	if out := <-answered; out == nil || out.FunctionError == nil || !strings.Contains(string(out.Payload), `"Runtime.ExitError"`) ||
		!strings.Contains(string(out.Payload), "signal: killed") {
		t.Errorf("the invocation gave %+v", out)
	}
	if !ends(t, child) {
		t.Error("the process that the function started is left")
	}
	close(proceed)
	if waits := s.untilOver(t); len(waits) == 0 || len(v.requests) != 5 || len(v.pids) != 5 {
		t.Errorf("%d visits by %d processes, want 5 by 5", len(v.requests), len(v.pids))
	}
	for pid := range v.pids {
		if pid == "" {
			t.Error("a visit without a process")
		}
	}
	if killed := s.service.Kill("other"); killed != 0 {
		t.Errorf("%d processes of a function that is not there were killed", killed)
	}
}

// TestKillWhileIdle costs the next invocation nothing but a new process.
func TestKillWhileIdle(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	first := s.pidOf(t)
	if killed := s.service.Kill("nightly"); killed != 1 || running(int(first)) {
		t.Errorf("%d processes were killed", killed)
	}
	if second := s.pidOf(t); second == first {
		t.Error("the killed process answered")
	}
	if killed := s.service.Kill("nightly"); killed != 1 {
		t.Errorf("%d processes were killed the second time", killed)
	}
}
