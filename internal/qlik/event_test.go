// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	testApp    = "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"
	testReload = "6a849f7f18ec290e6ceb0001"
	testEvent  = "7f1c2e0a-4f55-4c0e-9c1b-0d7b3f5b1a11"
	testSpace  = "65f0c0ffee0000000000abcd"
	testTenant = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
)

// The members of the two envelopes; the hybrid one has both.
func cloudEvent(kind string) string {
	return fmt.Sprintf(`"id":%q,"type":%q,"source":"com.qlik/reloads","specversion":"1.0","time":"2026-11-23T04:12:09Z",`+
		`"tenantid":%q,"userid":"u","ownerid":"o","spaceid":%q,"toplevelresourceid":%q`, testEvent, kind, testTenant, testSpace, testApp)
}

func legacyEvent(kind string) string {
	return fmt.Sprintf(`"cloudEventsVersion":"0.1","source":"com.qlik/engine","contentType":"application/json","eventId":%q,`+
		`"eventTime":"2026-11-23T04:12:09Z","eventTypeVersion":"1.0.0","eventType":%q,`+
		`"extensions":{"tenantId":%q,"userId":"u","ownerId":"o","spaceId":%q,"topLevelResourceId":%q}`,
		testEvent, kind, testTenant, testSpace, testApp)
}

const (
	reloadData = `"data":{"id":"` + testReload + `","appId":"` + testApp +
		`","userId":"u","succeeded":true,"status":"SUCCEEDED","type":"external","partial":false,"weight":1,"creationTime":"2026-11-23T04:10:09Z","durationSeconds":121.4}`
	engineData = `"data":{"name":"Sales extract","status":"ok","duration":116000,"reloadId":"2f9d1f1e-1111-4222-8333-444455556666","errors":[],"isPartialReload":false,"isSessionApp":false}`
)

func TestParseEventEnvelopes(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 11, 23, 4, 12, 9, 0, time.UTC)
	finished := Event{
		ID: testEvent, Type: EventReloadFinished, TenantID: testTenant, AppID: testApp, ReloadID: testReload, SpaceID: testSpace, Time: when,
		Status: StatusSucceeded,
	}
	engine := finished
	engine.Type, engine.ReloadID, engine.Duration = EventAppReloadFinished, "", 116*time.Second
	finished.Trigger, finished.Created, finished.Duration = "external", when.Add(-2*time.Minute), 121400*time.Millisecond
	old := Event{
		ID: testEvent, Type: EventAppReloadEnded, AppID: testApp, SpaceID: testSpace, Time: when, Status: StatusSucceeded,
	}
	tests := map[string]struct {
		body string
		want Event
	}{
		"CloudEvents, reload": {"{" + cloudEvent(EventReloadFinished) + "," + reloadData + "}", finished},
		"CloudEvents, engine": {"{" + cloudEvent(EventAppReloadFinished) + "," + engineData + "}", engine},
		"hybrid, reload": {"{" + cloudEvent(EventReloadFinished) + "," + legacyEvent(EventReloadFinished) + "," + reloadData + "}",
			finished},
		"hybrid, engine": {"{" + legacyEvent(EventAppReloadFinished) + "," + cloudEvent(EventAppReloadFinished) + "," + engineData + "}",
			engine},
		"legacy, reload": {"{" + legacyEvent(EventReloadFinished) + "," + reloadData + "}", finished},
		"legacy, engine": {"{" + legacyEvent(EventAppReloadFinished) + "," + engineData + "}", engine},
		"2020": {
			fmt.Sprintf(`{"eventId":%q,"eventTime":"2026-11-23T04:12:09Z","eventType":%q,"data":{"id":%q,"spaceId":%q,"status":"ok","statements":[{"a":1}]}}`,
				testEvent, EventAppReloadEnded, testApp, testSpace), old,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseEvent([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if *got != test.want {
				t.Errorf("got  %+v\nwant %+v", *got, test.want)
			}
		})
	}
}

// In com.qlik.v1.reload.finished data.id is the reload's id; only in 2020's event is it the app's.
func TestParseEventDataIDTrap(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body       string
		app        string
		reloadID   string
		wantReason error
	}{
		"the app only in the envelope": {
			fmt.Sprintf(`{"type":%q,"toplevelresourceid":%q,"data":{"id":%q,"succeeded":true}}`, EventReloadFinished, testApp, testReload), testApp,
			testReload, nil,
		},
		"the app nowhere": {
			fmt.Sprintf(`{"type":%q,"data":{"id":%q,"succeeded":true}}`, EventReloadFinished, testReload), "", "", ErrNoApp,
		},
		"2020's shape with today's type": {
			fmt.Sprintf(`{"eventType":%q,"data":{"id":%q,"status":"ok"}}`, EventReloadFinished, testReload), "", "", ErrNoApp,
		},
		"the engine's event with an id in data": {
			fmt.Sprintf(`{"type":%q,"data":{"id":%q,"status":"ok"}}`, EventAppReloadFinished, testReload), "", "", ErrNoApp,
		},
		"2020's event with the app in the envelope too": {
			fmt.Sprintf(`{"type":%q,"toplevelresourceid":%q,"data":{"id":"something else","status":"ok"}}`, EventAppReloadEnded, testApp), testApp,
			"", nil,
		},
		"data.appId beats the envelope": {
			fmt.Sprintf(`{"type":%q,"toplevelresourceid":"x","data":{"id":%q,"appId":%q,"succeeded":true}}`, EventReloadFinished, testReload,
				testApp), testApp, testReload, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseEvent([]byte(test.body))
			if !errors.Is(err, test.wantReason) {
				t.Fatalf("error %v, want %v", err, test.wantReason)
			}
			if err == nil && (got.AppID != test.app || got.ReloadID != test.reloadID) {
				t.Errorf("app %q and reload %q, want %q and %q", got.AppID, got.ReloadID, test.app, test.reloadID)
			}
		})
	}
}

func TestParseEventOutcome(t *testing.T) {
	t.Parallel()
	tests := map[string]Status{ // members of data → status; empty for ErrNoOutcome
		`"status":"SUCCEEDED","succeeded":true`:       StatusSucceeded,
		`"status":"succeeded"`:                        StatusSucceeded,
		`"status":"FAILED","succeeded":false`:         StatusFailed,
		`"status":"CANCELED","succeeded":false`:       StatusCanceled,
		`"status":"EXCEEDED_LIMIT","succeeded":false`: StatusExceededLimit,
		`"succeeded":true`:                            StatusSucceeded,
		`"succeeded":false`:                           StatusFailed,
		`"status":null,"succeeded":false`:             StatusFailed,
		`"status":"SOMETHING_NEW","succeeded":true`:   StatusSucceeded,
		`"status":"RELOADING","succeeded":false`:      StatusFailed,
		`"status":"ok"`:                               StatusSucceeded,
		`"status":"OK"`:                               StatusSucceeded,
		`"status":"error"`:                            StatusFailed,
		`"status":"SOMETHING_NEW"`:                    "",
		`"status":"QUEUED"`:                           "",
		`"succeeded":"true"`:                          "",
		`"weight":1`:                                  "",
	}
	for members, want := range tests {
		for _, kind := range []string{EventReloadFinished, EventAppReloadFinished, EventAppReloadEnded} {
			body := fmt.Sprintf(`{"type":%q,"toplevelresourceid":%q,"data":{%s}}`, kind, testApp, members)
			got, err := ParseEvent([]byte(body))
			switch {
			case want == "" && !errors.Is(err, ErrNoOutcome):
				t.Errorf("%s: error %v, want %v", body, err, ErrNoOutcome)
			case want != "" && err != nil:
				t.Errorf("%s: %v", body, err)
			case want != "" && got.Status != want:
				t.Errorf("%s: status %s, want %s", body, got.Status, want)
			}
		}
	}
}

func TestParseEventFlags(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"type":%q,"toplevelresourceid":%q,"time":7,"tenantid":["x"],"data":{"status":"ok","isPartialReload":true,"isSessionApp":true}}`, EventAppReloadFinished, testApp)
	got, err := ParseEvent([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Partial || !got.SessionApp || !got.Time.IsZero() || got.TenantID != "" {
		t.Errorf("got %+v", *got)
	}
	got, err = ParseEvent([]byte("{" + cloudEvent(EventReloadFinished) + `,"data":{"appId":"` + testApp +
		`","succeeded":true,"partial":true}}`))
	if err != nil || !got.Partial {
		t.Errorf("got %+v, %v; want a partial reload", got, err)
	}
}

func TestParseEventRefusals(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"type":"com.qlik.v1.app.created","toplevelresourceid":"` + testApp + `"}`, `{}`, `null`, `{"data":{"id":"` + testApp +
			`","status":"ok"}}`,
	} {
		_, err := ParseEvent([]byte(body))
		var typed *EventError
		if !errors.Is(err, ErrUnknownType) || !errors.As(err, &typed) {
			t.Errorf("%s: error %v, want an EventError with ErrUnknownType", body, err)
		}
	}
	for _, body := range []string{``, `[]`, `"x"`, `{"type":`, `{"data":[]}`, "\xff"} {
		_, err := ParseEvent([]byte(body))
		var typed *EventError
		if err == nil || errors.As(err, &typed) {
			t.Errorf("%q: error %v, want one about the JSON", body, err)
		}
	}
	_, err := ParseEvent([]byte(`{"id":"e1","type":"t1"}`))
	want := `event "e1" of type "t1": ` + ErrUnknownType.Error()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, data := range []string{reloadData, engineData} {
		for _, kind := range []string{EventReloadFinished, EventAppReloadFinished, EventAppReloadEnded} {
			f.Add([]byte("{" + cloudEvent(kind) + "," + data + "}"))
			f.Add([]byte("{" + legacyEvent(kind) + "," + data + "}"))
		}
	}
	for kind, data := range runData {
		f.Add([]byte("{" + cloudEvent(kind) + "," + data + "}"))
		f.Add([]byte("{" + legacyEvent(kind) + "," + data + "}"))
	}
	f.Add([]byte(`{"eventType":"com.qlik.app.reload.ended","data":{"id":"x","status":"ok"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := ParseEvent(body)
		if (event == nil) == (err == nil) {
			t.Fatalf("event %v and error %v", event, err)
		}
		if err != nil {
			return
		}
		if !event.Status.Final() || event.Duration < 0 || event.Duration > longestReload {
			t.Errorf("an event without an outcome or with an impossible duration: %+v", event)
		}
		reload := strings.HasSuffix(event.Type, "reload.finished") || event.Type == EventAppReloadEnded
		automation := event.Type == EventAutomationRunEnded
		if (event.AppID != "") != reload || (event.AutomationID != "") != automation || (event.TaskID != "") == (reload || automation) {
			t.Errorf("an event of another kind than its type: %+v", event)
		}
		if event.Type != EventReloadFinished && event.ReloadID != "" {
			t.Errorf("a reload id from %s: %+v", event.Type, event)
		}
		if (event.RunID != "") != automation || (event.ProjectID != "") != (event.TaskID != "") || event.TaskID != "" && event.Started.IsZero() {
			t.Errorf("a run without its identity: %+v", event)
		}
		if !json.Valid(body) {
			t.Error("an event out of what is no JSON")
		}
	})
}

// The forms that Qlik Cloud sends.
func BenchmarkParseEvent(b *testing.B) {
	for _, bench := range []struct{ name, body string }{
		{"form=cloudevents", "{" + cloudEvent(EventReloadFinished) + "," + reloadData + "}"},
		{"form=legacy", "{" + legacyEvent(EventReloadFinished) + "," + reloadData + "}"},
		{"form=hybrid", "{" + cloudEvent(EventReloadFinished) + "," + legacyEvent(EventReloadFinished) + "," + reloadData + "}"},
		{"form=engine", "{" + cloudEvent(EventAppReloadFinished) + "," + engineData + "}"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			body := []byte(bench.body)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := ParseEvent(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerifySignature(b *testing.B) {
	body := []byte("{" + cloudEvent(EventReloadFinished) + "," + reloadData + "}")
	signature := Sign("secret", body)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if !VerifySignature("secret", body, signature) {
			b.Fatal("the signature is not taken")
		}
	}
}
