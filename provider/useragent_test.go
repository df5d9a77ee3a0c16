// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"strings"
	"testing"
)

// TestAccUserAgent checks that every call of the provider to AWS and Qlik Cloud names it and its version. Support identifies the caller by
// that. The function's calls name the chain.
func TestAccUserAgent(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	const want = "terraform-provider-qlik/" + testedVersion
	calls, requests := h.Cloud.Calls(), h.Tenant.Calls()
	if len(calls) == 0 || len(requests) == 0 {
		t.Fatalf("there were %d calls to AWS and %d to Qlik Cloud", len(calls), len(requests))
	}
	for _, call := range calls {
		if ofProvider := call.Role == ""; ofProvider && !strings.Contains(call.UserAgent, want) {
			t.Errorf("%s %s comes from %q", call.Service, call.Operation, call.UserAgent)
		}
	}
	for _, request := range requests {
		if request.UserAgent != want && request.UserAgent != "qlik-task-chain/nightly" { // the function's first sweep
			t.Errorf("%s comes from %q", request.Operation, request.UserAgent)
		}
	}
	if err := h.runs(t.Context()); err != nil {
		t.Fatal(err)
	}
	function := 0
	for _, request := range h.Tenant.Calls()[len(requests):] {
		if request.UserAgent == "qlik-task-chain/nightly" {
			function++
		}
	}
	if function == 0 {
		t.Error("no call names the chain")
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}
