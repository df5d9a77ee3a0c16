// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// lookingRow returns the use and price of a thousand requests as a row of the guide.
func (u usage) lookingRow(what string) string {
	u = u.times(1000)
	price := float64(u.requests)*priceAPIRequest + float64(u.invocations)*(priceInvocation+billedSeconds*memoryGB*priceGBSecond) +
		float64(u.readUnits)*priceReadUnit + float64(u.queue)*priceQueue + math.Ceil(float64(u.logBytes)/1e6)*priceLogMB
	return fmt.Sprintf("| %s | %d | %d | %d | %d | $%.4f |\n", what, u.requests, u.invocations, u.readUnits, u.queue, price)
}

// TestAccCostsOfLooking counts what requests use that only read, after two runs of a step, and compares the counts with the guide.
func TestAccCostsOfLooking(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "templates", "guides", "costs.md"))
	if err != nil {
		t.Fatal(err)
	}
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 600)
	l.configure(h.chain(fmt.Sprintf("    extract = { app = %q }", sandbox.AppExtract), "reconciliation = { enabled = false }"))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.measure(h.reloading(sandbox.AppExtract, sandbox.AppExtract)); err != nil {
		t.Fatal(err)
	}
	key, err := h.APIKey(t.Context(), objectName)
	if err != nil {
		t.Fatal(err)
	}
	var listed struct{ Runs []struct{ Run string } }
	get := func(path string, into any) func() error {
		return func() error {
			status, body, err := sandbox.Call(t.Context(), http.MethodGet, h.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("GET %s was answered with %d: %s", path, status, body)
			}
			if err == nil && into != nil {
				err = json.Unmarshal(body, into)
			}
			return err
		}
	}
	if err := get("/runs", &listed)(); err != nil || len(listed.Runs) != 2 {
		t.Fatalf("the chain has the runs %v, %v", listed, err)
	}
	for _, tt := range []struct{ what, path string }{
		{"`GET /graph`", "/graph?format=json"}, {"`GET /operations`", "/operations"}, {"`GET /runs`", "/runs"},
		{"`GET /runs/{run}`", "/runs/" + listed.Runs[0].Run}, {"`GET /`", "/"},
	} {
		if err := get(tt.path, nil)(); err != nil { // the first one may load what the function keeps
			t.Fatal(err)
		}
		u, err := h.measure(get(tt.path, nil))
		if err != nil {
			t.Fatal(err)
		}
		u.requests, u.timers = u.invocations, 0 // each invocation is a request of API Gateway
		if u.invocations != 1 || u.writeUnits+u.events > 0 {
			t.Errorf("%s took %+v", tt.path, u)
		}
		if row := u.lookingRow(tt.what); !strings.Contains(string(guide), row) {
			t.Errorf("templates/guides/costs.md has other figures than these, which were counted, with %d bytes of logs:\n%s", u.logBytes, row)
		}
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}
