// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// The longest plans that a reviewer reads, in lines as terraform prints them.
const (
	longestCreate = 80 // of five steps
	longestChange = 25 // of one link, in a chain of any length
)

// planLines returns the lines of a plan, from the first line about a resource to the count of what changes.
func (l *life) planLines() []string {
	l.t.Helper()
	var output bytes.Buffer
	if err := l.run(&output, "plan", "-no-color", "-input=false"); err != nil {
		l.t.Fatalf("%v: %s", err, &output)
	}
	_, plan, found := strings.Cut(output.String(), "Terraform will perform the following actions:\n")
	plan, _, counted := strings.Cut(plan, "\nPlan: ")
	if !found || !counted {
		l.t.Fatalf("this is no plan: %s", &output)
	}
	return strings.Split(strings.TrimSpace(plan), "\n")
}

// TestAccPlanLength checks that a plan is as long as its change, not as long as the chain.
func TestAccPlanLength(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	create := l.planLines()
	if len(create) > longestCreate {
		t.Errorf("the create of 5 steps prints %d lines: %s", len(create), strings.Join(create, "\n"))
	}
	figures := []string{fmt.Sprintf("create of 5 steps: %d lines", len(create))}
	for _, steps := range []int{5, 300} {
		ids := make([]string, steps)
		for i := range ids {
			ids[i] = h.Tenant.AddApp(tenant.App{Name: fmt.Sprint("app ", i)})
		}
		line := func(last string) string {
			var text strings.Builder
			for i, id := range ids {
				after := ""
				switch {
				case i == steps-1:
					after = last
				case i > 0:
					after = fmt.Sprintf(`, after = { s%03d = "success" }`, (i-1)/2)
				}
				fmt.Fprintf(&text, "    s%03d = { app = %q%s }\n", i, id, after)
			}
			return text.String()
		}
		l.configure(h.chain(line(`, after = { s001 = "success" }`)))
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
		l.configure(h.chain(line(`, after = { s002 = "success" }`)))
		change := l.planLines()
		if len(change) > longestChange {
			t.Errorf("one changed link of %d steps prints %d lines: %s", steps, len(change), strings.Join(change, "\n"))
		}
		figures = append(figures, fmt.Sprintf("one link of %d steps: %d", steps, len(change)))
	}
	fmt.Println("plans:", strings.Join(figures, ", "))
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
