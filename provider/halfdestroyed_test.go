// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// TestAccHalfDestroyed checks that destroy leaves nothing after two failed creates. The first was killed and leaves no state. The second
// takes over the rest, and fails before it has marked all of it as its own.
func TestAccHalfDestroyed(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain))
	for _, fault := range []cloud.Fault{
		{Service: "apigateway", Operation: "CreateUsagePlan", Kind: cloud.FaultAccessDenied},
		{Service: "dynamodb", Operation: "TagResource", Kind: cloud.FaultAccessDenied},
	} {
		h.Cloud.Faults().Add(fault)
		if err := l.apply(); err == nil {
			t.Fatal("the create did not fail")
		}
		h.Cloud.Faults().Clear()
		if fault.Service == "apigateway" { // as if it had been killed
			if err := l.forget(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
