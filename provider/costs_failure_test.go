// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestAccCostsOfAFailure counts what a failure takes beside a success, with and without failure_log, as the guide says it: nothing if its
// event says why, and with failure_log one look at the log and a write unit.
func TestAccCostsOfAFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		more          string
		writeUnits    int
		asksQlikCloud []string
	}{
		{"", 0, nil},
		{"failure_log = { lines = 20 }", 1, []string{"GET /api/v1/apps/{id}/reloads/logs/{reload}"}},
	} {
		h, l := newHarness(t, nil), newLife(t, faultAnswer, 600)
		l.configure(h.chain(fmt.Sprintf("    extract = { app = %q }", sandbox.AppExtract), "reconciliation = { enabled = false }", tt.more))
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
		if _, err := h.measure(h.reloading(sandbox.AppExtract)); err != nil { // with the cold start and what a cycle takes once
			t.Fatal(err)
		}
		good, err := h.measure(h.reloading(sandbox.AppExtract))
		if err != nil {
			t.Fatal(err)
		}
		h.Tenant.SetOutcomes(sandbox.AppExtract, "FAILED")
		bad, err := h.measure(h.reloading(sandbox.AppExtract))
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		for _, call := range h.OutsideCalls() {
			if path, toQlik := strings.CutPrefix(call, "qlik "); toQlik {
				asked = append(asked, path)
			}
		}
		if !slices.Equal(asked, tt.asksQlikCloud) {
			t.Errorf("with %q Qlik Cloud was asked %q, want %q", tt.more, asked, tt.asksQlikCloud)
		}
		if n := bad.writeUnits - good.writeUnits; n != tt.writeUnits {
			t.Errorf("with %q a failure takes %d write units more than a success, want %d", tt.more, n, tt.writeUnits)
		}
		if bad.requests != good.requests || bad.invocations != good.invocations || bad.timers != good.timers || bad.events != good.events {
			t.Errorf("with %q a failure takes %+v, a success %+v", tt.more, bad, good)
		}
		if err := l.destroy(); err != nil {
			t.Error(err)
		}
	}
}
