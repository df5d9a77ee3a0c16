// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// Every envelope and both event types, from the end of a reload to the client's parser.
func TestDeliveryEnvelopes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		envelope tenant.Envelope
		has, not string // a member that the body has, and one that it has not
	}{
		"CloudEvents": {tenant.EnvelopeCloudEvents, "specversion", "eventId"},
		"hybrid":      {tenant.EnvelopeHybrid, "specversion", ""},
		"legacy":      {tenant.EnvelopeLegacy, "eventId", "specversion"},
		"2020":        {tenant.Envelope2020, "eventType", "tenantid"},
	} {
		for _, kind := range []string{qlik.EventReloadFinished, qlik.EventAppReloadFinished} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				tn := startTenant(t, tenant.Config{Envelope: test.envelope})
				c := keyClient(t, tn)
				url, deliveries := listen(t, 202)
				w := hook("w")
				w.URL, w.EventTypes, w.Filter = url, []string{kind}, ""
				if _, err := c.CreateWebhook(t.Context(), w); err != nil {
					t.Fatal(err)
				}
				space := tn.AddSpace("Sales", "shared")
				app := tn.AddApp(tenant.App{Name: "a", SpaceID: space, Outcomes: []string{"FAILED"}})
				reload, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app, Partial: true})
				if err != nil {
					t.Fatal(err)
				}
				idle(t, tn)
				if n := len(deliveries); n != 1 {
					t.Fatalf("%d deliveries, want one", n)
				}
				got := <-deliveries
				for header, want := range map[string]string{
					"Content-Type": "application/json", "User-Agent": "Qlik Webhook", "X-Plain": "p", "X-Api-Key": "hush",
				} {
					if got.header.Get(header) != want {
						t.Errorf("%s is %q, want %q", header, got.header.Get(header), want)
					}
				}
				if !qlik.VerifySignature(secret, got.body, got.header.Get(qlik.SignatureHeader)) {
					t.Error("the signature is wrong")
				}
				var members map[string]any
				if err := json.Unmarshal(got.body, &members); err != nil {
					t.Fatal(err)
				}
				if members[test.has] == nil || members[test.not] != nil {
					t.Errorf("the envelope is %s", got.body)
				}
				event, err := qlik.ParseEvent(got.body)
				if err != nil {
					t.Fatal(err)
				}
				want := qlik.Event{
					ID: event.ID, Type: kind, TenantID: tn.ID(), AppID: app, SpaceID: space, Time: event.Time, Status: qlik.StatusFailed, Partial: true,
				}
				record := tn.Reloads()[0]
				want.Duration = record.Ended.Sub(record.Started)
				if kind == qlik.EventReloadFinished && test.envelope != tenant.Envelope2020 {
					want.Started, want.ErrorCode, want.ErrorMessage = event.Started, record.ErrorCode, record.ErrorMessage
					if !event.Started.Equal(record.Started) {
						t.Errorf("the event says that the reload started at %v, the record %v", event.Started, record.Started)
					}
				}
				switch {
				case test.envelope == tenant.Envelope2020:
					want.Type, want.TenantID, want.Partial, want.Duration = qlik.EventAppReloadEnded, "", false, 0
				case kind == qlik.EventReloadFinished:
					want.ReloadID, want.Trigger, want.Created = reload.ID, "external", event.Created
					if !event.Created.Equal(record.Created) {
						t.Errorf("the event says that the reload was created at %v, the record %v", event.Created, record.Created)
					}
				}
				if *event != want || event.ID == "" || event.Time.IsZero() {
					t.Errorf("got  %+v\nwant %+v", *event, want)
				}
			})
		}
	}
}

func TestDeliveryGoesToWhoWantsIt(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	space := tn.AddSpace("Sales", "shared")
	shared := tn.AddApp(tenant.App{Name: "shared", SpaceID: space})
	private := tn.AddApp(tenant.App{Name: "private"})
	_, annasKey := tn.AddUser("Anna")
	anna := newClient(t, tn, qlik.Credentials{APIKey: annasKey})
	receivers := map[string]<-chan received{}
	add := func(name string, by *qlik.Client, change func(*qlik.WebhookRequest)) {
		w := hook(name)
		w.Filter = ""
		w.URL, receivers[name] = listen(t, 200)
		change(&w)
		if _, err := by.CreateWebhook(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	add("all", c, func(*qlik.WebhookRequest) {})
	add("disabled", c, func(w *qlik.WebhookRequest) { w.Enabled = false })
	add("other type", c, func(w *qlik.WebhookRequest) { w.EventTypes = []string{"com.qlik.v1.app.created"} })
	add("both types", c, func(w *qlik.WebhookRequest) { w.EventTypes = append(w.EventTypes, qlik.EventAppReloadFinished) })
	add("one app", c, func(w *qlik.WebhookRequest) { w.Filter = fmt.Sprintf("topLevelResourceId eq %q", private) })
	add("Anna's", anna, func(w *qlik.WebhookRequest) { w.Level = qlik.LevelUser })
	for _, app := range []string{shared, private} {
		if _, err := tn.StartReload(app); err != nil {
			t.Fatal(err)
		}
	}
	idle(t, tn)
	tn.SetOutcomes(private, "FAILED")
	if _, err := tn.StartReload(private); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	want := map[string]int{"all": 3, "disabled": 0, "other type": 0, "both types": 6, "one app": 2, "Anna's": 1}
	for name, n := range want {
		if got := len(receivers[name]); got != n {
			t.Errorf("%s: %d deliveries, want %d", name, got, n)
		}
	}
}

func TestDeliveryRecords(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	url, deliveries := listen(t, 500)
	w := hook("w")
	w.URL, w.Filter, w.Secret = url, "", ""
	made, err := c.CreateWebhook(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	app := tn.AddApp(tenant.App{Name: "a"})
	for range 2 {
		if _, err := tn.StartReload(app); err != nil {
			t.Fatal(err)
		}
		idle(t, tn)
	}
	if n := len(deliveries); n != 2 {
		t.Fatalf("%d requests, want one for each reload: a failure is not repeated", n)
	}
	first := <-deliveries
	if first.header.Get(qlik.SignatureHeader) != "" {
		t.Error("a webhook without a secret signed")
	}
	base := "/api/core/webhooks/" + made.ID + "/deliveries"
	status, body := raw(t, tn, tn.APIKey(), "GET", base+"?limit=1&status=fail", "")
	for _, want := range []string{`"status":"fail"`, `"statusCode":500`, `"body":"noted"`, `"next":{"href":`, `"x-api-key":"**OMITTED**"`,
		`"statusMessage":"the receiver answered 500`} {
		if status != 200 || !strings.Contains(body, want) || strings.Contains(body, "hush") {
			t.Errorf("%d %s, want %s", status, body, want)
		}
	}
	for query, want := range map[string]string{"?status=success": `"data":[]`, "?eventType=x": "400", "?status=late": "400",
		"?sort=url": "400"} {
		if status, body := raw(t, tn, tn.APIKey(), "GET", base+query, ""); !strings.Contains(fmt.Sprint(status, body), want) {
			t.Errorf("%s: %d %s, want %s", query, status, body, want)
		}
	}
	record := tn.Deliveries()[0]
	if record.Success || record.StatusCode != 500 || record.WebhookID != made.ID || string(record.Body) != string(first.body) {
		t.Errorf("recorded %+v", record)
	}
	for _, path := range []string{base + "/" + record.ID, "/api/core/webhooks/x/deliveries"} {
		if status, _ := raw(t, tn, tn.APIKey(), "GET", path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestDeliveryStaysOnLoopback(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	w := hook("w")
	w.Filter = ""
	if _, err := keyClient(t, tn).CreateWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	changes := tn.Watch(t.Context())
	if _, err := tn.StartReload(tn.AddApp(tenant.App{Name: "a"})); err != nil {
		t.Fatal(err)
	}
	until(t, changes, func(c tenant.Change) bool {
		return c.Delivery != nil && !c.Delivery.Success && strings.Contains(c.Delivery.StatusMessage, "loopback only")
	})
}

func TestCanceledInTheQueueHasNoEngineEvent(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{QueueDuration: 1 << 40})
	c := keyClient(t, tn)
	url, deliveries := listen(t, 200)
	w := hook("w")
	w.URL, w.Filter, w.EventTypes = url, "", []string{qlik.EventReloadFinished, qlik.EventAppReloadFinished}
	if _, err := c.CreateWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	reload, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: tn.AddApp(tenant.App{Name: "a"})})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CancelReload(t.Context(), reload.ID); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	if len(deliveries) != 1 {
		t.Fatalf("%d deliveries, want one", len(deliveries))
	}
	got := <-deliveries
	event, err := qlik.ParseEvent(got.body)
	if err != nil || event.Status != qlik.StatusCanceled || event.ReloadID != reload.ID {
		t.Errorf("got %+v, %v", event, err)
	}
}
