// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The routes that read the chain, and those that operate it.
var (
	reading   = []string{"/", "/runs", "/graph", "/history", "/runs/x", "/operations"}
	operating = []string{"/start/a", "/pause", "/resume", "/redrive", "/runs/x/cancel", "/runs/x/rerun/a"}
)

// asking is a request of a caller that API Gateway knows by this.
func asking(identity events.APIGatewayRequestIdentity, method, path string) events.APIGatewayProxyRequest {
	r := request(method, "", path)
	r.RequestContext.Identity = identity
	return r
}

// expectForbidden asks for every path, and expects a refusal that says this.
func (f *function) expectForbidden(t *testing.T, identity events.APIGatewayRequestIdentity, method string, paths []string, says string) {
	t.Helper()
	for _, path := range paths {
		var content apiError
		if response, _ := f.ask(t, asking(identity, method, path), &content); response.StatusCode != 403 ||
			!strings.HasPrefix(content.Error, says) {
			t.Errorf("%s %s = %d %s", method, path, response.StatusCode, response.Body)
		}
	}
}

// expectDelivery delivers an event with an API key, and checks whether it counts.
func (f *function) expectDelivery(t *testing.T, key string, counts bool) {
	t.Helper()
	delivery := signed(eventBody(t, "reload-finished"))
	delivery.APIKeyID = key
	_, line, err := f.invoke(t.Context(), t, "event", delivery)
	if err != nil {
		t.Fatal(err)
	}
	want, reloads := object{"outcome": "refused", "refused": "api_key", "level": "WARN"}, 0
	if counts {
		want, reloads = object{"outcome": "started"}, 2
	}
	expect(t, line, want)
	if got := f.tenant.apps(); len(got) != reloads {
		t.Errorf("reloads of %q were asked for", got)
	}
}

// TestTheWebhooksKeyOnlyDelivers: it reads nothing and operates nothing, and so does any key that the chain does not name. The page is
// open, and without data.
func TestTheWebhooksKeyOnlyDelivers(t *testing.T) {
	t.Parallel()
	for _, auth := range []string{chain.OperatorAuthKey, chain.OperatorAuthIAM} {
		f := newFunction(t)
		f.deployment.settings.operatorAuth, f.deployment.settings.viewerKeyID = auth, "viewer1"
		webhook := events.APIGatewayRequestIdentity{APIKeyID: "webhook1"}
		f.expectForbidden(t, webhook, "GET", reading, "This API key neither shows the chain nor operates it")
		f.expectForbidden(t, webhook, "POST", operating, "This API key neither shows the chain nor operates it")
		f.expectForbidden(t, events.APIGatewayRequestIdentity{}, "GET", reading, "This API key neither shows the chain nor operates it")
		if _, line, err := f.invoke(t.Context(), t, "request", asking(webhook, "GET", "/page")); err != nil || line["status"] != 200.0 {
			t.Errorf("GET /page: %v %v", line, err)
		}
		f.expectDelivery(t, "webhook1", true)
	}
}

// TestTheOperatorsKeyDeliversNothing: an event needs the webhook's key as well as the signature.
func TestTheOperatorsKeyDeliversNothing(t *testing.T) {
	t.Parallel()
	newFunction(t).expectDelivery(t, "key1", false)
}

// TestAnEventOutlivesItsKey: an event that came with a key which a rotation has deleted since is handled when Lambda repeats it.
func TestAnEventOutlivesItsKey(t *testing.T) {
	t.Parallel()
	newFunction(t).expectDelivery(t, "deleted1", true)
}

// TestTheViewersKeyPostsNothing: the function knows it by its id, which API Gateway has found by the key.
func TestTheViewersKeyPostsNothing(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deployment.settings.viewerKeyID = "viewer1"
	viewer := events.APIGatewayRequestIdentity{APIKeyID: "viewer1"}
	f.expectForbidden(t, viewer, "POST", operating, "The viewers' API key shows the chain")
	var seen operations
	if response, _ := f.ask(t, asking(viewer, "GET", "/operations"), &seen); response.StatusCode != 200 || seen.MayPost {
		t.Errorf("GET /operations = %d %s", response.StatusCode, response.Body)
	}
	f.expectDelivery(t, "viewer1", false)
}

// TestTheSignalsKeyOnlySignals: it reads nothing, operates nothing and delivers no events.
func TestTheSignalsKeyOnlySignals(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	f.deployment.settings.signalKeyID, f.deployment.settings.viewerKeyID = "signal1", "viewer1"
	sender := events.APIGatewayRequestIdentity{APIKeyID: "signal1"}
	f.expectForbidden(t, sender, "GET", reading, "The API key for signals only sends signals")
	f.expectForbidden(t, sender, "POST", append([]string{"/start", "/skip/b", "/runs/x/succeed/b"}, operating...),
		"The API key for signals only sends signals")
	for key, says := range map[string]string{"viewer1": "The viewers' API key", "webhook1": "This API key neither"} {
		f.expectForbidden(t, events.APIGatewayRequestIdentity{APIKeyID: key}, "POST", []string{"/signal/dbt/nightly"}, says)
	}
	f.expectDelivery(t, "signal1", false)
	var sent started
	if response, _ := f.ask(t, asking(sender, "POST", "/signal/dbt/nightly"), &sent); response.StatusCode != 202 || len(sent.Started) != 1 {
		t.Errorf("POST /signal/dbt/nightly = %d %s", response.StatusCode, response.Body)
	}
}

// TestSignedRequestsOperate: where operators sign, API Gateway names them and the record does too. Every key only reads.
func TestSignedRequestsOperate(t *testing.T) {
	t.Parallel()
	anna := events.APIGatewayRequestIdentity{UserArn: "arn:aws:sts::123456789012:assumed-role/operators/anna", SourceIP: "10.1.2.3"}
	byKey := newFunction(t)
	byKey.expectForbidden(t, anna, "POST", operating, "This API key neither")

	f := newFunction(t)
	f.deployment.settings.operatorAuth, f.deployment.settings.viewerKeyID = chain.OperatorAuthIAM, "viewer1"
	for _, key := range []string{"key1", "viewer1"} {
		f.expectForbidden(t, events.APIGatewayRequestIdentity{APIKeyID: key}, "POST", operating, "An API key shows the chain and changes nothing")
	}
	var first started
	if response, _ := f.ask(t, asking(anna, "POST", "/start/a"), &first); response.StatusCode != 202 {
		t.Fatalf("POST /start/a = %d %s", response.StatusCode, response.Body)
	}
	var run engine.RunView
	f.ask(t, request("GET", "", "/runs/"+first.Run), &run)
	if want := anna.UserArn + ", from 10.1.2.3"; run.By != want {
		t.Errorf("the record says it was by %q, want %q", run.By, want)
	}
	var seen operations
	if response, _ := f.ask(t, request("GET", "", "/operations"), &seen); seen.MayPost || seen.OperatorAuth != chain.OperatorAuthIAM {
		t.Errorf("GET /operations = %s", response.Body)
	}
}
