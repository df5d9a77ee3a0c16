// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

var (
	faults = flag.Int("faults", 24, "how many faults are tried; 0: every fault at every call")
	// The same seed each time, so that a failure is that of the change that is tested. make test-all takes others.
	seed      = flag.Uint64("seed", 1, "the seed of the faults and of the moments of kills that are tried; 0: another one in each run")
	faultCase = flag.String("fault", "", "the one fault that is tried, as a failure names it: create/17/throttle")
)

// picked returns what picks the faults and kills that are tried.
func picked(t *testing.T) *rand.Rand {
	t.Helper()
	first := *seed
	if first == 0 {
		first = rand.Uint64()
	}
	t.Logf("picked by seed %d", first)
	return rand.New(rand.NewPCG(first, 0))
}

// faultKinds are what goes wrong with a call. All but a denial pass, and must not surface.
var faultKinds = map[string]cloud.FaultKind{
	"throttle": cloud.FaultThrottle, "server": cloud.FaultServer, "hang": cloud.FaultHang,
	"cut-before": cloud.FaultCutBefore, "cut-after": cloud.FaultCutAfter, "denied": cloud.FaultAccessDenied,
}

// faultyOperation is an operation of terraform in which calls fail.
type faultyOperation struct {
	name   string
	before string // the configuration that is applied before it, empty for none
	config string // the configuration that it works on, empty to destroy
}

func (o faultyOperation) run(l *life, h *harness) error {
	if o.config == "" {
		return l.destroy()
	}
	l.configure(h.providerConfig() + o.config)
	return l.apply()
}

// prepare brings a new sandbox to where the operation begins.
func (o faultyOperation) prepare(t *testing.T) (*harness, *life) {
	t.Helper()
	h := newHarness(t, func(c *sandbox.Config) { c.Cloud.DynamoDB.TimeToLiveInterval = -1 })
	l := newLife(t, faultAnswer, 1000)
	if o.before != "" {
		l.configure(h.providerConfig() + o.before)
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
	}
	h.ResetProviderCalls()
	return h, l
}

// faultAnswer is how long the provider waits for the answer of a call that hangs: longer than any that does not.
const faultAnswer = 5 * time.Second

func faultyOperations() []faultyOperation {
	steps := scheduledSteps(rarely) + fmt.Sprintf("    dbt = { signal = { event_pattern = %q } }\n", dbtPattern)
	chain := chainResource(steps)
	changes := strings.NewReplacer("0 5 1 1", "0 6 1 1", `mode = "full"`, `mode = "delta"`, "dbt =", "elt =")
	changed := chainResource(changes.Replace(steps),
		"memory_size = 512", "log_retention_in_days = 7",
		`tags = { team = "bi" }`, `api_key_rotation = "2"`, `signing_secret_rotation = "2"`, `source_ip_ranges = ["127.0.0.0/8"]`,
		"throttle = { rate_limit = 100, burst_limit = 200 }", "reserved_concurrent_executions = 5",
		`event_type = "com.qlik.v1.app.reload.finished"`)
	return []faultyOperation{{"create", "", chain}, {"update", chain, changed}, {"delete", changed, ""}}
}

// TestAccFaults makes each call to AWS and Qlik Cloud fail in every way while a chain is created, changed and deleted. Without -faults,
// it takes a sample of the failures.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	operations := faultyOperations()
	calls := map[string]int{}
	for _, operation := range operations {
		h, l := operation.prepare(t)
		if err := operation.run(l, h); err != nil {
			t.Fatal(err)
		}
		calls[operation.name] = len(h.ProviderCalls())
		t.Logf("faults: %s makes %d calls", operation.name, calls[operation.name])
	}
	type point struct {
		operation faultyOperation
		call      int
		kind      string
	}
	var points []point
	for _, operation := range operations {
		for call := range calls[operation.name] {
			for _, kind := range slices.Sorted(maps.Keys(faultKinds)) {
				points = append(points, point{operation, call + 1, kind})
			}
		}
	}
	picked(t).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	if *faults > 0 {
		points = points[:min(*faults, len(points))]
	}
	if *faultCase != "" {
		name, call, kind, err := splitFault(*faultCase)
		if err != nil {
			t.Fatal(err)
		}
		points = nil
		for _, operation := range operations {
			if operation.name == name {
				points = append(points, point{operation, call, kind})
			}
		}
	}
	var injected, converged atomic.Int32
	t.Run("cases", func(t *testing.T) {
		for _, p := range points {
			t.Run(fmt.Sprintf("%s/%d/%s", p.operation.name, p.call, p.kind), func(t *testing.T) {
				t.Parallel()
				name, times, err := meetFault(t, p.operation, p.call, p.kind)
				injected.Add(int32(min(times, 1)))
				if err != nil {
					t.Fatalf("%s: %v\nAlone: go test ./provider -run TestAccFaults -fault %s/%d/%s", name, err, p.operation.name, p.call, p.kind)
				}
				converged.Add(int32(min(times, 1)))
			})
		}
	})
	t.Logf("faults: %d injected, %d converged", injected.Load(), converged.Load())
	if injected.Load() == 0 {
		t.Error("no fault was injected")
	}
}

func splitFault(text string) (operation string, call int, kind string, err error) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 {
		_, err = fmt.Sscan(parts[1], &call)
	}
	if len(parts) != 3 || err != nil {
		return "", 0, "", fmt.Errorf("%q does not name a fault as create/17/throttle does", text)
	}
	return parts[0], call, parts[2], nil
}

// reloadRightCall asks what the function may do with an app. Whatever comes of it keeps nothing from being deployed.
const reloadRightCall = "qlik GET /api/v1/apps/{id}"

// meetFault runs an operation with one failing call, then again, and checks what exists in the end. It returns the name of the call and how
// often it failed. It did not fail if one retry less of another call made the calls fewer.
func meetFault(t *testing.T, operation faultyOperation, call int, kind string) (name string, times int, err error) {
	t.Helper()
	h, l := operation.prepare(t)
	fault := h.FailProviderCall(call, faultKinds[kind], false)
	first := operation.run(l, h)
	fault.Disarm()
	name, times = fault.Point()
	passes := kind != "denied" || name == reloadRightCall
	if passes && first != nil {
		return name, times, fmt.Errorf("a fault that passes surfaced: %w", first)
	}
	if !passes && times > 0 {
		if err := checkDenial(name, first); err != nil {
			return name, times, err
		}
	}
	if first != nil {
		if err := operation.run(l, h); err != nil {
			return name, times, fmt.Errorf("running again: %w", err)
		}
	}
	if operation.config != "" {
		if err := errors.Join(l.expectNoChange(), h.oneOfEachAnd(1), h.runs(t.Context())); err != nil {
			return name, times, err
		}
		if err := l.destroy(); err != nil {
			return name, times, err
		}
	}
	return name, times, h.nothingLeft()
}

// runs checks that the chain does.
func (h *harness) runs(ctx context.Context) error {
	return h.expectReloads(ctx, sandbox.AppTransform, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive)
}

// checkDenial checks what is said about a call that the service refused: which one, under which request id, and what to do.
func checkDenial(name string, failure error) error {
	if failure == nil {
		return errors.New("a call that was denied did not surface")
	}
	service, operation, _ := strings.Cut(name, " ")
	wanted := []string{operation, "RequestID"}
	if service == "qlik" {
		wanted = []string{"403"}
	}
	for _, words := range wanted {
		if !strings.Contains(failure.Error(), words) {
			return fmt.Errorf("the message does not say %q: %w", words, failure)
		}
	}
	for _, wayOn := range []string{
		"terraform untaint", "Apply again to go on", "Destroy again to go on", "Nothing was changed", "Nothing was deleted",
		"Give the identity that Terraform runs as the right to do this", "Check the", "may not do this", "AWS STS did not return",
		"Grant their user",
	} {
		if strings.Contains(failure.Error(), wayOn) {
			return nil
		}
	}
	return fmt.Errorf("the message does not say how to go on: %w", failure)
}
