// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// expectedCalls are the most calls that a run of terraform takes for one chain, and of a refresh those of each service. Three of them are
// once for all chains of a configuration: who calls, at AWS and at Qlik Cloud. See callsOfEach for many chains. A create looks each of the
// five apps up twice, in the plan and in the apply, and asks twice whether a task of Qlik Cloud reloads them too. A parameter's tags take a
// call of their own, and a chain has four parameters. A chain with alarm_actions takes calls of CloudWatch too.
var (
	expectedCalls   = map[string]int{"create": 82, "refresh": 40, "destroy": 89}
	expectedRefresh = map[string]int{
		"apigateway": 6, "iam": 8, "dynamodb": 5, "lambda": 5, "ssm": 5, "scheduler": 3, "qlik": 3, "sqs": 2, "logs": 2, "sts": 1,
	}
)

// TestAccCalls counts what the life of a chain takes of the services: API Gateway allows ten calls a second for a whole account.
func TestAccCalls(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	for _, operation := range []struct {
		name string
		run  func() error
	}{{"create", func() error { return l.apply() }}, {"refresh", l.expectNoChange}, {"destroy", l.destroy}} {
		h.ResetProviderCalls()
		if err := operation.run(); err != nil {
			t.Fatal(err)
		}
		made := h.ProviderCalls()
		services := map[string]int{}
		for _, call := range made {
			service, _, _ := strings.Cut(call, " ")
			services[service]++
		}
		var words []string
		for _, service := range slices.Sorted(maps.Keys(services)) {
			words = append(words, fmt.Sprintf("%s %d", service, services[service]))
		}
		t.Logf("calls: a %s takes %d: %s", operation.name, len(made), strings.Join(words, ", "))
		if len(made) > expectedCalls[operation.name] {
			t.Errorf("a %s takes more than %d calls: %s", operation.name, expectedCalls[operation.name],
				strings.Join(slices.Sorted(slices.Values(made)), ", "))
		}
		for service, n := range services {
			if operation.name == "refresh" && n > expectedRefresh[service] {
				t.Errorf("a refresh calls %s %d times, and not %d", service, n, expectedRefresh[service])
			}
		}
	}
}
