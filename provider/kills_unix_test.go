// SPDX-License-Identifier: MPL-2.0

//go:build acceptance && unix

package provider_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

var (
	kills    = flag.Int("kills", 6, "how many times terraform or the provider is killed")
	killCase = flag.String("kill", "", "the one kill that is tried, as a failure names it: create/17/after/provider/remote")
)

// killPoint is a moment at which something is killed.
type killPoint struct {
	operation string
	call      int    // of the provider's calls to AWS and Qlik Cloud, counted from 1; 0: the write of the state
	after     bool   // when the call was carried out, and not answered
	who       string // terraform, provider, both
	remote    bool   // where the state is
}

func (p killPoint) String() string {
	when, where := "before", "file"
	if p.after {
		when = "after"
	}
	if p.remote {
		where = "remote"
	}
	return fmt.Sprintf("%s/%d/%s/%s/%s", p.operation, p.call, when, p.who, where)
}

func parseKillPoint(text string) (killPoint, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 5 {
		return killPoint{}, fmt.Errorf("%q does not name a kill as create/17/after/provider/remote does", text)
	}
	p := killPoint{operation: parts[0], after: parts[2] == "after", who: parts[3], remote: parts[4] == "remote"}
	if _, err := fmt.Sscan(parts[1], &p.call); err != nil {
		return killPoint{}, err
	}
	if p.String() != text {
		return killPoint{}, fmt.Errorf("%q does not name a kill, the nearest is %v", text, p)
	}
	return p, nil
}

// killedOperations returns those of the faults, and a rotation, which waits for two minutes.
func killedOperations() map[string]faultyOperation {
	operations := map[string]faultyOperation{}
	for _, operation := range faultyOperations() {
		operation.config = strings.ReplaceAll(operation.config, `api_key_rotation = "2"`, "")
		operation.before = strings.ReplaceAll(operation.before, `api_key_rotation = "2"`, "")
		operations[operation.name] = operation
	}
	operations["destroy"] = operations["delete"]
	delete(operations, "delete")
	chain := operations["create"].config
	rotated := chainResource(scheduledSteps(rarely), `api_key_rotation = "2"`, `signing_secret_rotation = "2"`)
	operations["rotate"] = faultyOperation{"rotate", chain, rotated}
	return operations
}

// killPoints picks moments: as many of each operation and of each way to kill as there can be, the calls at random, but calls that write
// more often. The first is the write of the state at the end of a create, so that the chain is whole and no state knows it.
func killPoints(random *rand.Rand, n int, calls map[string][]string) []killPoint {
	points := []killPoint{{operation: "create", who: "terraform", remote: true}}
	for i := 1; len(points) < n; i++ {
		p := killPoint{
			operation: []string{"update", "destroy", "create"}[i%3], after: random.IntN(2) == 0,
			who: []string{"provider", "terraform", "both"}[i/3%3], remote: i/9%2 == 0,
		}
		if i%10 == 9 {
			p.operation = "rotate"
		}
		made := calls[p.operation]
		p.call = 1 + random.IntN(len(made))
		for random.IntN(4) > 0 && !isWrite(made[p.call-1]) {
			p.call = 1 + random.IntN(len(made))
		}
		// How often the provider asks whether something is ready differs. A write of a state that is remote ends what has fewer calls.
		p.remote = p.remote || p.call > len(made)*9/10
		if i%7 == 6 {
			p.call, p.who, p.remote = 0, "terraform", true
		}
		if !slices.Contains(points, p) {
			points = append(points, p)
		}
	}
	return points
}

// args returns terraform's arguments for the operation.
func (o faultyOperation) args() []string {
	command := "apply"
	if o.config == "" {
		command = "destroy"
	}
	return []string{command, "-auto-approve", "-no-color", "-input=false"}
}

// stage brings a sandbox and a workspace to where the operation begins.
func (o faultyOperation) stage(t *testing.T, remote bool) (*harness, *killable) {
	t.Helper()
	h := newHarness(t, func(c *sandbox.Config) { c.Cloud.DynamoDB.TimeToLiveInterval = -1 })
	k := newKillable(t, h, remote)
	config := o.before
	if config == "" {
		config = o.config
	}
	k.configure(config)
	commands := [][]string{{"init", "-no-color", "-input=false"}}
	if o.before != "" {
		commands = append(commands, []string{"apply", "-auto-approve", "-no-color", "-input=false"})
	}
	for _, args := range commands {
		if _, err := k.run(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	if o.config != "" {
		k.configure(o.config)
	}
	h.ResetProviderCalls()
	return h, k
}

// TestAccKills kills terraform or the provider with SIGKILL while a chain is created, changed and destroyed. Afterwards the same command
// converges, after an import where terraform prints one: the plan is empty, there is one of each object, the chain runs, and a destroy
// leaves nothing.
func TestAccKills(t *testing.T) {
	t.Parallel()
	operations := killedOperations()
	var points []killPoint
	if *killCase != "" {
		p, err := parseKillPoint(*killCase)
		if err != nil {
			t.Fatal(err)
		}
		points = []killPoint{p}
	} else {
		points = killPoints(picked(t), *kills, callsOf(t, operations))
	}
	var killed, byApply, byImport atomic.Int32
	t.Run("cases", func(t *testing.T) {
		for _, p := range points {
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				happened, imported, err := p.meet(t, operations[p.operation])
				switch {
				case !happened:
					t.Errorf("the operation ended before the moment came: %v", err)
				case err != nil:
					killed.Add(1)
					t.Errorf("%v\nAlone: go test ./provider -run TestAccKills -kill %v", err, p)
				case imported:
					killed.Add(1)
					byImport.Add(1)
				default:
					killed.Add(1)
					byApply.Add(1)
				}
			})
		}
	})
	t.Logf("kills: %d, %d converged (%d by apply, %d by import)",
		killed.Load(), byApply.Load()+byImport.Load(), byApply.Load(), byImport.Load())
}

// callsOf returns the provider's calls in each operation.
func callsOf(t *testing.T, operations map[string]faultyOperation) map[string][]string {
	t.Helper()
	calls := map[string][]string{}
	for name, operation := range operations {
		h, l := operation.prepare(t)
		if err := operation.run(l, h); err != nil {
			t.Fatal(err)
		}
		calls[name] = h.ProviderCalls()
	}
	return calls
}

// meet kills at the moment, converges, and checks what exists in the end. happened is false when the moment did not come.
func (p killPoint) meet(t *testing.T, operation faultyOperation) (happened, imported bool, err error) {
	t.Helper()
	h, k := operation.stage(t, p.remote)
	killing := p.arm(h, k)
	_, err = k.run(t.Context(), operation.args()...)
	happened, killErr := killing()
	if killErr != nil || !happened {
		return happened, false, errors.Join(killErr, err)
	}
	imported, err = k.converge(t.Context(), operation.args()...)
	if err != nil {
		return true, imported, fmt.Errorf("again: %w", err)
	}
	if operation.config == "" {
		return true, imported, h.nothingLeft()
	}
	_, planErr := k.run(t.Context(), "plan", "-detailed-exitcode", "-no-color", "-input=false")
	if err := errors.Join(planErr, h.oneOfEachAnd(1), h.runs(t.Context())); err != nil {
		return true, imported, err
	}
	_, err = k.run(t.Context(), "destroy", "-auto-approve", "-no-color", "-input=false")
	return true, imported, errors.Join(err, h.nothingLeft())
}

// arm prepares the kill. What it returns says whether it has happened, and disarms it.
func (p killPoint) arm(h *harness, k *killable) (killing func() (bool, error)) {
	var once sync.Once
	var happened atomic.Bool
	var killErr error
	kill := func(who string) (killed bool) {
		once.Do(func() {
			killErr = k.kill(who)
			killed = true
			happened.Store(true)
		})
		return killed
	}
	kind := cloud.FaultCutBefore
	if p.after {
		kind = cloud.FaultCutAfter
	}
	fault := h.FailProviderCall(p.call, kind, false) // never, if the call is 0
	fault.Then(func() { kill(p.who) })
	if k.state != nil { // the latest moment, when the provider has ended
		k.state.atWrite(func() (cut, stored bool) {
			cut = kill("terraform")
			return cut, !cut || p.after
		})
	}
	return func() (bool, error) {
		fault.Disarm()
		k.state.atWrite(nil)
		once.Do(func() {}) // waits for a kill that is under way: what it has killed first may have ended before it
		return happened.Load(), killErr
	}
}
