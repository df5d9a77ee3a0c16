// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestReconciliation lets random chains run while every third event never goes out, and has the real function sweep until nothing was
// missed. The model says what has to be reloaded.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	chains := 2
	if *whole {
		chains = 40
	}
	first := firstSeed()
	dropped, recovered, twice := 0, 0, 0
	for i := 0; i < chains || dropped == 0 && i < chains+8; i++ { // a small chain may lose no event
		seed := first + uint64(i)
		r := rand.New(rand.NewPCG(seed, 8))
		d := randomChain(r, 30, 1+r.IntN(4))
		for key, s := range d.Steps { // whatever moves the clock on would have reloads end in the function's future
			s.Retry, s.Delay = nil, 0
			d.Steps[key] = s
		}
		endings := randomEndings(seed, d)
		config := quick()
		config.Tenant.Pending = tenant.PendingNone
		config.Clock = &clock.Clock{}
		config.Clock.Advance(-3 * time.Hour) // the function goes by the real time, and a sweep leaves what has just ended to its event
		dep := deploy(t, config, d, endings)
		dep.Tenant.Redeliver(tenant.Redelivery{Seed: seed, Lose: 1.0 / 3})
		dep.begin()
		dep.settle()
		for found := dep.sweep(); found > 0; found = dep.sweep() {
			recovered += found
			dep.settle()
		}
		dropped += dep.Tenant.Lost()
		made, want := dep.made(), predicted(d, endings)
		if !maps.Equal(made, want) {
			t.Errorf("seed %d: the reloads are %v, want %v", seed, keysOf(made), keysOf(want))
		}
		for key, n := range made {
			twice += max(0, n-want[key])
		}
		if letters := dep.deadLetters(); len(letters) > 0 {
			t.Errorf("seed %d: in the dead-letter queue is %v", seed, letters)
		}
	}
	if recovered < dropped || dropped == 0 {
		t.Errorf("of %d dropped events %d were recovered", dropped, recovered)
	}
	fmt.Printf("reconciled: %d dropped, %d recovered, %d twice (real function and table, %d chains, seeds from %d)\n", dropped, recovered,
		twice, chains, first)
}

// settle lets happen what the clock need not be moved for.
func (d *deployment) settle() {
	d.t.Helper()
	if err := d.Settle(d.ctx); err != nil {
		d.t.Fatal(err)
	}
}

// sweep has the function compare everything of the last hours, and returns how many ends it has recovered.
func (d *deployment) sweep() int {
	d.t.Helper()
	return d.sweepUpTo(6 * time.Hour)
}

// sweepUpTo is sweep with an age from which on an end sets nothing off.
func (d *deployment) sweepUpTo(age time.Duration) int {
	d.t.Helper()
	since := map[string]time.Time{}
	for key := range d.definition.Steps {
		since[d.definition.StepID(key)] = time.Now().Add(-6 * time.Hour)
	}
	config := d.AWS()
	config.HTTPClient = http.DefaultClient
	store := aws.NewTable(config, d.state.TableName)
	key := engine.Key{PK: "SWEEP", SK: "-"}
	for _, write := range []engine.Write{{Key: key, Delete: true},
		{Key: key, Doc: map[string]any{"compared": since}, Expires: time.Now().Add(time.Hour)}} {
		if err := store.Write(d.ctx, write); err != nil {
			d.t.Fatal(err)
		}
	}
	payload, err := json.Marshal(chain.Sweep{Source: chain.SweepSource, Webhook: d.state.WebhookID, Reloads: true,
		MaxAgeSeconds: int(age.Seconds())})
	if err != nil {
		d.t.Fatal(err)
	}
	before := len(d.logLines())
	out, err := lambda.NewFromConfig(d.AWS()).Invoke(d.ctx,
		&lambda.InvokeInput{FunctionName: sdk.String(d.state.FunctionARN), Payload: payload})
	if err != nil || out.FunctionError != nil {
		d.t.Fatalf("the sweep failed: %v, %s %s", err, sdk.ToString(out.FunctionError), out.Payload)
	}
	recovered := 0
	for _, text := range d.logLines()[before:] {
		// A map distinguishes recovered, which lists them, from Recovered, the metric.
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) != nil || line["msg"] != "sweep" {
			continue
		}
		if line["outcome"] == "error" {
			d.t.Errorf("the sweep says: %v", line["reason"])
		}
		if found, ok := line["recovered"].([]any); ok {
			recovered += len(found)
		}
	}
	return recovered
}
