// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// load is what is sent in TestLoad: a busy tenant's events. One in a hundred is of an app in the chain, and one in ten comes
// twice.
const (
	loadSample  = 1_000
	loadWhole   = 10_000
	loadAtOnce  = 64
	loadInChain = 100 // one in so many
	loadTwice   = 10  // one in so many
)

// TestLoad is not parallel: the processes that it counts are its own.
//
//nolint:paralleltest // see above
func TestLoad(t *testing.T) {
	events := loadSample
	if *whole {
		events = loadWhole
	}
	d := &chain.Definition{Version: chain.Version, Name: "load", Steps: map[string]chain.Step{
		"root": step(1, nil), "leaf": step(2, after(chain.ConditionSuccess, "root")),
	}}
	config := quick()
	config.Cloud.Lambda = function.Config{RetryDelay: 2100 * time.Millisecond, Concurrency: 8}
	config.Tenant.Pending = tenant.PendingNone
	dep := deploy(t, config, d, nil)
	secret, err := chain.ParseSigningSecret(dep.parameter("signing-secret", ""))
	if err != nil {
		t.Fatal(err)
	}

	seed := firstSeed()
	bodies, due := loadEvents(d, events, rand.New(rand.NewPCG(seed, 9)))
	if status := dep.post(secret.Current, bodies[0]); status != http.StatusAccepted { // the first execution environment
		t.Fatalf("an event was answered with %d", status)
	}
	dep.quiet()
	memory := []string{resident(t)}
	var took []time.Duration
	for _, half := range [][]string{bodies[:len(bodies)/2], bodies[len(bodies)/2:]} {
		took = append(took, dep.pour(secret.Current, half)...)
		memory = append(memory, resident(t))
	}
	dep.quiet()

	made := dep.made()
	lines := dep.eventLines()
	ignored := len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, `"outcome":"not_in_chain"`) }))
	lost := due - made["leaf"]
	if lost != 0 {
		t.Errorf("seed %d: of %d reloads that were due %d were started", seed, due, made["leaf"])
	}
	if letters := dep.deadLetters(); len(letters) > 0 {
		t.Errorf("in the dead-letter queue is %v", letters)
	}
	slices.Sort(took)
	fmt.Printf("load: %d sent, %d ignored, %d started, %d lost; answered in %s (p50), %s (p99); memory of the function's processes: %s\n",
		len(bodies)+1, ignored, made["leaf"], max(0, lost), took[len(took)/2].Round(time.Millisecond),
		took[len(took)*99/100].Round(time.Millisecond),
		strings.Join(memory, ", "))
}

// loadEvents makes events in random order, some of them twice, and returns how many different ones are of the chain's root.
func loadEvents(d *chain.Definition, n int, random *rand.Rand) (bodies []string, due int) {
	for i := range n {
		app := uuid.NewString()
		if i%loadInChain == 0 {
			app = d.Steps["root"].App
			due++
		}
		body := fmt.Sprintf(`{"id": "event-%d", "type": %q, "time": %q, "data": {"id": "load%020x", "appId": %q, "status": "SUCCEEDED", "type": "chronos"}}`,
			i, qlik.EventReloadFinished, time.Now().UTC().Format(time.RFC3339), i, app)
		bodies = append(bodies, body)
		if random.IntN(loadTwice) == 0 {
			bodies = append(bodies, body)
		}
	}
	random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	return bodies, due
}

// pour sends events, some at once, waits until the function has handled them, and returns how long each was waited for.
func (d *deployment) pour(secret string, bodies []string) []time.Duration {
	d.t.Helper()
	took, work := make([]time.Duration, len(bodies)), make(chan int)
	var all sync.WaitGroup
	for range loadAtOnce {
		all.Go(func() {
			for i := range work {
				began := time.Now()
				status, _, err := sandbox.Call(d.ctx, http.MethodPost, d.state.InvokeURL, map[string]string{
					"x-api-key": d.webhookKey, "Content-Type": "application/json", qlik.SignatureHeader: qlik.Sign(secret, []byte(bodies[i])),
				}, bytes.NewReader([]byte(bodies[i])))
				if took[i] = time.Since(began); err != nil || status != http.StatusAccepted {
					d.t.Errorf("an event was answered with %d, %v", status, err)
				}
			}
		})
	}
	for i := range bodies {
		work <- i
	}
	close(work)
	all.Wait()
	d.settle() // not quiet, which would go on to the end of the cycle: the function has its own time, and waits for that again
	return took
}

// resident says how much memory the test's children hold, which are the function's execution environments. Source: proc_pid_status(5).
func resident(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil || len(paths) == 0 {
		return "unknown on this system"
	}
	var each []int
	for _, path := range paths {
		status, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		values := map[string]string{}
		for line := range strings.Lines(string(status)) {
			if name, value, found := strings.Cut(line, ":"); found {
				values[name] = strings.TrimSpace(value)
			}
		}
		if values["PPid"] != strconv.Itoa(os.Getpid()) {
			continue
		}
		kilobytes, err := strconv.Atoi(strings.TrimSuffix(values["VmRSS"], " kB"))
		if err == nil {
			each = append(each, kilobytes)
		}
	}
	if len(each) == 0 {
		t.Error("no execution environment runs")
		return "none"
	}
	return fmt.Sprintf("%.1f MB at most in each of %d", float64(slices.Max(each))/1024, len(each))
}
