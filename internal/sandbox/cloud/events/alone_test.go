// SPDX-License-Identifier: MPL-2.0

package events_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	sandboxevents "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:qlik-task-chain-nightly"
	queueARN    = "arn:aws:sqs:eu-central-1:123456789012:dead"
	ruleARN     = "arn:aws:events:eu-central-1:123456789012:rule/qlik-nightly-dbt"
	rule        = "qlik-nightly-dbt"
)

// fiveOClock is what the clock shows when a test begins.
var fiveOClock = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// around is the environment of EventBridge: a Lambda that records its payloads with their times, and a queue.
type around struct {
	clock *clock.Clock

	mu      sync.Mutex
	fails   func(attempt int) error // nil for no failure
	sources []string
	handed  []string // minutes after five o'clock, and the payload
	barred  bool     // the queue's policy does not let the rule send messages
	buried  []map[string]string
	log     bytes.Buffer
}

func (a *around) Invoke(_ context.Context, in function.Invocation) (*function.Outcome, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handed = append(a.handed, fmt.Sprintf("%g %s", a.clock.Now().Sub(fiveOClock).Minutes(), in.Payload))
	a.sources = append(a.sources, in.Source.Service+" "+in.Source.ARN)
	if in.Type != function.TypeEvent || in.Function != functionARN {
		return nil, fmt.Errorf("an unexpected invocation: %+v", in)
	}
	if a.fails != nil {
		if err := a.fails(len(a.handed)); err != nil {
			return nil, err
		}
	}
	return &function.Outcome{Status: http.StatusAccepted}, nil
}

func (a *around) Permits(queue, service, source string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.barred && queue == queueARN && service == "events.amazonaws.com" && source == ruleARN
}

func (a *around) Send(_ context.Context, _, body string, attributes map[string]string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	attributes["body"] = body
	a.buried = append(a.buried, attributes)
	return nil
}

func (a *around) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(line)
}

// startAlone runs EventBridge without the rest of a sandbox, with a clock that stands at five o'clock.
func startAlone(t *testing.T) (*around, *sandboxevents.Service, *eventbridge.Client) {
	t.Helper()
	a := &around{clock: clock.NewFrozen(fiveOClock)}
	s := sandboxevents.New(sandboxevents.Config{
		Account: functiontest.Account, Functions: a, Queues: a, Now: time.Now, Clock: a.clock, Logger: slog.New(slog.NewTextHandler(a, nil)),
	})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, s, eventbridge.New(eventbridge.Options{
		Region: functiontest.Account.Region, BaseEndpoint: aws.String(functiontest.Serve(t, functiontest.Handler(s))),
		Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
}

func idle(t *testing.T, s *sandboxevents.Service) {
	t.Helper()
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// put makes the rule with one target.
func put(t *testing.T, client *eventbridge.Client, pattern string, target types.Target) {
	t.Helper()
	_, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String(rule), EventPattern: aws.String(pattern)})
	if err != nil {
		t.Fatal(err)
	}
	target.Id, target.Arn = aws.String("chain"), aws.String(functionARN)
	_, err = client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String(rule), Targets: []types.Target{target}})
	if err != nil {
		t.Fatal(err)
	}
}

// send puts one event on the bus default, and waits until it is delivered.
func send(t *testing.T, s *sandboxevents.Service, client *eventbridge.Client, detail string) string {
	t.Helper()
	out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String("dbt.cloud"), DetailType: aws.String("Job Run"), Detail: aws.String(detail), Resources: []string{"arn:x"},
	}}})
	if err != nil || out.FailedEntryCount != 0 {
		t.Fatalf("got %+v, %v", out, err)
	}
	idle(t, s)
	return aws.ToString(out.Entries[0].EventId)
}

const all = `{"source":["dbt.cloud"]}`

func TestDelivers(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t)
	put(t, client, `{"source":["dbt.cloud"],"detail":{"status":[{"anything-but":"error"}]}}`, types.Target{})
	send(t, s, client, `{"status":"error"}`)
	id := send(t, s, client, `{"status":"success","n":1.50,"html":"<b>"}`)
	want := `0 {"account":"123456789012","detail":{"html":"<b>","n":1.50,"status":"success"},"detail-type":"Job Run","id":"` + id +
		`","region":"eu-central-1","resources":["arn:x"],"source":"dbt.cloud","time":"2026-11-23T05:00:00Z","version":"0"}`
	if len(a.handed) != 1 || a.handed[0] != want {
		t.Errorf("got  %s\nwant %s", a.handed, want)
	}
	if source := "events.amazonaws.com " + ruleARN; a.sources[0] != source {
		t.Errorf("the source is %s, want %s", a.sources[0], source)
	}
	s.Redeliver(3)
	send(t, s, client, `{"status":"success"}`)
	if len(a.handed) != 4 {
		t.Errorf("%d deliveries, want three more", len(a.handed))
	}
}

// Sources: User Guide, "Amazon EventBridge input transformation"; API Reference, "InputTransformer".
func TestTransforms(t *testing.T) {
	t.Parallel()
	const detail = `{"instance-id":"i-0123","state":"RUN \"1\"","count":5,"tags":["a","b"],"nested":{"x":"y"}}`
	paths := map[string]string{
		"instance": "$.detail.instance-id", "state": "$.detail.state", "count": "$.detail.count", "tag": "$.detail.tags[1]",
		"tags": "$.detail.tags", "nested": "$.detail.nested", "none": "$.detail.none", "source": "$.source",
	}
	for template, want := range map[string]string{
		`{"a":<instance>,"b":"<instance> is <count>"}`:                 `{"a":"i-0123","b":"i-0123 is 5"}`,
		`"<instance> is in state <state>"`:                             `"i-0123 is in state RUN \"1\""`,
		`{"n":<count>,"l":<tags>,"o":<nested>,"t":<tag>}`:              `{"n":5,"l":["a","b"],"o":{"x":"y"},"t":"b"}`,
		`{"text":"<tags> and <nested>"}`:                               `{"text":"[a,b] and {x:y}"}`,
		`{"x":"[<none>]"}`:                                             `{"x":"[]"}`,
		`{"rule":<aws.events.rule-name>,"at":"<aws.events.rule-arn>"}`: `{"rule":"` + rule + `","at":"` + ruleARN + `"}`,
		`{"time":<aws.events.event.ingestion-time>}`:                   `{"time":"2026-11-23T05:00:00Z"}`,
		`{"step":"dbt","escaped":"a \"<source>\" b"}`:                  `{"step":"dbt","escaped":"a \"dbt.cloud\" b"}`,
		`{"source":"qlik-task-chain","event":<aws.events.event.json>}`: `{"source":"qlik-task-chain","event":{"account":`,
		`{"event":<aws.events.event>}`:                                 `{"event":{"account":"123456789012","detail-type":`,
	} {
		a, s, client := startAlone(t)
		put(t, client, all, types.Target{InputTransformer: &types.InputTransformer{InputPathsMap: paths, InputTemplate: aws.String(template)}})
		send(t, s, client, detail)
		if len(a.handed) != 1 || !strings.HasPrefix(strings.TrimPrefix(a.handed[0], "0 "), want) {
			t.Errorf("%s: got %s, want %s", template, a.handed, want)
		}
	}
	for want, target := range map[string]types.Target{
		`0 {"x":"y"}`: {InputPath: aws.String("$.detail.nested")}, `0 {"fixed":1}`: {Input: aws.String(`{"fixed":1}`)},
	} {
		a, s, client := startAlone(t)
		put(t, client, all, target)
		send(t, s, client, detail)
		if len(a.handed) != 1 || a.handed[0] != want {
			t.Errorf("got %s, want %s", a.handed, want)
		}
	}
}

// An input that is not JSON for this event is not repeated: it goes to the dead-letter queue.
func TestTransformedInputThatIsNotJSON(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t)
	put(t, client, all, types.Target{
		DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(queueARN)},
		InputTransformer: &types.InputTransformer{
			InputPathsMap: map[string]string{"none": "$.detail.none"}, InputTemplate: aws.String(`{"x":<none>}`),
		},
	})
	send(t, s, client, `{}`)
	if len(a.handed) != 0 || len(a.buried) != 1 || a.buried[0]["ERROR_CODE"] != "INVALID_JSON" {
		t.Errorf("handed %s, buried %s", a.handed, a.buried)
	}
}

func refusal(status int) error { return wire.Errorf(status, "Refusal", "refused") }

func TestRetries(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t)
	put(t, client, all, types.Target{})
	a.fails = func(attempt int) error {
		return map[int]error{
			1: refusal(429), 2: refusal(500), 3: refusal(409), 4: errors.New("no connection"), 5: refusal(503), 6: refusal(503),
		}[attempt]
	}
	send(t, s, client, `{}`)
	for next, waits := s.Next(); waits; next, waits = s.Next() {
		a.clock.Advance(next.Sub(a.clock.Now()))
		idle(t, s)
	}
	var times []string
	for _, h := range a.handed {
		at, _, _ := strings.Cut(h, " ")
		times = append(times, at)
	}
	if got := strings.Join(times, " "); got != "0 0.5 1.5 3.5 7.5 15.5 23.5" {
		t.Errorf("tried at %s", got)
	}
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status    int
		policy    *types.RetryPolicy
		attempts  int
		code      string
		condition string
	}{
		"forbidden":       {403, nil, 1, "NO_PERMISSIONS", ""},
		"no function":     {404, nil, 1, "NO_RESOURCE", ""},
		"wrong":           {400, nil, 1, "SDK_CLIENT_ERROR", ""},
		"throttled":       {429, &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(2)}, 3, "THROTTLING", "MaximumRetryAttempts"},
		"no retries":      {500, &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}, 1, "INTERNAL_ERROR", "MaximumRetryAttempts"},
		"for two minutes": {503, &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(120)}, 3, "INTERNAL_ERROR", "MaximumEventAgeInSeconds"},
		"for a day":       {503, nil, 184, "INTERNAL_ERROR", "MaximumEventAgeInSeconds"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, s, client := startAlone(t)
			put(t, client, all, types.Target{RetryPolicy: tt.policy, DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(queueARN)}})
			a.fails = func(int) error { return refusal(tt.status) }
			id := send(t, s, client, `{}`)
			for next, waits := s.Next(); waits; next, waits = s.Next() {
				a.clock.Advance(next.Sub(a.clock.Now()))
				idle(t, s)
			}
			if len(a.handed) != tt.attempts || len(a.buried) != 1 {
				t.Fatalf("tried %d times, want %d; buried %v", len(a.handed), tt.attempts, a.buried)
			}
			letter := a.buried[0]
			if letter["ERROR_CODE"] != tt.code || letter["EXHAUSTED_RETRY_CONDITION"] != tt.condition || letter["RULE_ARN"] != ruleARN ||
				letter["TARGET_ARN"] != functionARN || letter["RETRY_ATTEMPTS"] != fmt.Sprint(tt.attempts-1) ||
				!strings.Contains(letter["body"], `"id":"`+id+`"`) {
				t.Errorf("the dead letter is %v", letter)
			}
		})
	}
}

func TestDropped(t *testing.T) {
	t.Parallel()
	for reason, config := range map[string]*types.DeadLetterConfig{
		"the target has none": nil, "its policy does not let the rule": {Arn: aws.String(queueARN)},
	} {
		a, s, client := startAlone(t)
		a.barred = true
		put(t, client, all, types.Target{DeadLetterConfig: config})
		a.fails = func(int) error { return refusal(403) }
		send(t, s, client, `{}`)
		if log := a.log.String(); len(a.buried) != 0 || strings.Count(log, "\n") != 1 || !strings.Contains(log, reason) {
			t.Errorf("buried %v, log %s", a.buried, log)
		}
	}
}

func TestPutEvents(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t)
	put(t, client, `{"source":[{"prefix":""}]}`, types.Target{InputPath: aws.String("$.time")})
	entry := func(bus, source, kind, detail string) types.PutEventsRequestEntry {
		e := types.PutEventsRequestEntry{Source: aws.String(source), DetailType: aws.String(kind), Detail: aws.String(detail)}
		if bus != "" {
			e.EventBusName = aws.String(bus)
		}
		return e
	}
	s.AddBus("partner")
	good := entry("arn:aws:events:eu-central-1:123456789012:event-bus/default", "a", "b", `{}`)
	good.Time = aws.Time(fiveOClock.Add(-time.Hour))
	out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		good, entry("", "aws.s3", "b", `{}`), entry("", "", "b", `{}`), entry("", "a", "", `{}`), entry("", "a", "b", ""),
		entry("", "a", "b", `[]`), entry("", "a", "b", `{`), entry("partner", "a", "b", `{}`), entry("nowhere", "a", "b", `{}`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	idle(t, s)
	var codes []string
	for _, result := range out.Entries {
		codes = append(codes, aws.ToString(result.ErrorCode))
		if (result.ErrorCode == nil) == (result.EventId == nil) {
			t.Errorf("got %+v", result)
		}
	}
	want := " NotAuthorizedForSource InvalidArgument InvalidArgument InvalidArgument MalformedDetail MalformedDetail  "
	if got := strings.Join(codes, " "); got != want || out.FailedEntryCount != 6 {
		t.Errorf("got %q and %d, want %q", got, out.FailedEntryCount, want)
	}
	if got := strings.Join(a.handed, "\n"); got != `0 "2026-11-23T04:00:00Z"` {
		t.Errorf("delivered %s", got)
	}
	if log := a.log.String(); !strings.Contains(log, "bus=nowhere") {
		t.Errorf("log %s", log)
	}
	large := entry("", "a", "b", `{"x":"`+strings.Repeat("x", 256<<10)+`"}`)
	_, err = client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{large}})
	if err == nil || !strings.Contains(err.Error(), "ValidationException") {
		t.Errorf("error %v for an event that is too large", err)
	}
	id, err := s.Emit("default", sandboxevents.Event{ID: "e1", Source: "aws.s3", DetailType: "Object Created", Detail: `{}`})
	if id != "e1" || err != nil {
		t.Errorf("got %s, %v", id, err)
	}
	if idle(t, s); len(a.handed) != 2 {
		t.Errorf("an event of AWS itself was not delivered: %s", a.handed)
	}
}
