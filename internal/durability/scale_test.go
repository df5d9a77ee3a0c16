// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// What no chain may come near: an item of DynamoDB has 400 KB, an answer of Lambda 6 MB.
const (
	mostItem   = 200 << 10
	mostAnswer = 2 << 20
)

// fan is a chain in which so many steps come after one, and one after all of them, which so many others follow.
func fan(in, out int) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "fan", Steps: map[string]chain.Step{"root": step(1, nil)}}
	var all []string
	for i := range in {
		key := fmt.Sprintf("in %03d", i)
		d.Steps[key], all = step(1000+i, after(chain.ConditionSuccess, "root")), append(all, key)
	}
	d.Steps["join"] = step(2, after(chain.ConditionSuccess, all...))
	for i := range out {
		d.Steps[fmt.Sprintf("out %03d", i)] = step(5000+i, after(chain.ConditionSuccess, "join"))
	}
	return d
}

// TestFanIn has 100 reloads before a join end in the same moment: their events come all at once. All belong to one run, or each begins one.
//
//nolint:paralleltest // it measures a time
func TestFanIn(t *testing.T) {
	const ends = 100
	// On two idle cores it takes less than five seconds, and a machine may do something else too.
	for runs, most := range map[int]time.Duration{1: 10 * time.Second, ends: 20 * time.Second} {
		d := fan(ends, 1)
		if runs == ends { // reloads that the chain did not start
			for key, s := range d.Steps {
				if len(s.After) == 1 && s.After["root"] != "" {
					s.After = nil
					d.Steps[key] = s
				}
			}
			delete(d.Steps, "root")
		}
		config := quick()
		config.Tenant.Pending = tenant.PendingNone
		dep := deploy(t, config, d, nil)
		secret, err := chain.ParseSigningSecret(dep.parameter("signing-secret", ""))
		if err != nil {
			t.Fatal(err)
		}
		dep.Tenant.Redeliver(tenant.Redelivery{Lose: 1})
		if runs == 1 {
			dep.reload("root")
			dep.settle()
			dep.post(secret.Current, eventOf(dep.Tenant.Reloads()[0]))
		} else {
			for i := range ends {
				dep.reload(fmt.Sprintf("in %03d", i))
			}
		}
		dep.settle()
		var bodies []string
		for _, r := range dep.Tenant.Reloads() {
			if strings.HasPrefix(r.AppName, "in ") {
				bodies = append(bodies, eventOf(r))
			}
		}
		dep.Tenant.Redeliver(tenant.Redelivery{})
		if len(bodies) != ends {
			t.Fatalf("there are %d ends", len(bodies))
		}
		began := time.Now()
		dep.pour(secret.Current, bodies)
		took := time.Since(began)
		want := map[string]int{"join": 1, "out 000": 1}
		made := dep.made()
		for key := range want {
			if made[key] != want[key] {
				t.Errorf("%d runs: %s was reloaded %d times", runs, key, made[key])
			}
		}
		if letters := dep.deadLetters(); len(letters) > 0 {
			t.Errorf("%d runs: in the dead-letter queue is %.2000q", runs, letters[0])
		}
		errors := 0
		for _, line := range dep.logLines() {
			var l struct{ Level string }
			if json.Unmarshal([]byte(line), &l) == nil && l.Level == "ERROR" {
				errors++
			}
		}
		fmt.Printf("fan-in: %d ends in the same moment, in %d runs: all handled after %s, with all that followed; %d errors\n", ends, runs,
			took.Round(10*time.Millisecond), errors)
		if took > most {
			t.Errorf("%d runs: it took %s", runs, took)
		}
	}
}

// eventOf is the event that reports a reload's end.
func eventOf(r tenant.Reload) string {
	text, err := json.Marshal(map[string]any{
		"id": "event-" + r.ID, "type": qlik.EventReloadFinished, "specversion": "1.0", "time": r.Ended.UTC().Format(time.RFC3339Nano),
		"data": map[string]any{
			"id": r.ID, "appId": r.AppID, "status": r.Status, "type": r.Type, "creationTime": r.Created.UTC().Format(time.RFC3339Nano),
			"startTime": r.Started.UTC().Format(time.RFC3339Nano), "durationSeconds": r.Ended.Sub(r.Started).Seconds(),
		},
	})
	if err != nil {
		panic(err) // it is plain
	}
	return string(text)
}

// TestLargeChains runs large chains and looks at what they leave in the table, and at the answers of the API.
func TestLargeChains(t *testing.T) {
	t.Parallel()
	large := map[string]*chain.Definition{"a fan-in and a fan-out of 100": fan(100, 100)}
	if *whole {
		large = map[string]*chain.Definition{"a fan-in and a fan-out of 300": fan(300, 300), "1,000 steps": chaintest.Tree(1000)}
	}
	for name, d := range large {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := quick()
			config.Tenant.Pending = tenant.PendingNone
			dep := deploy(t, config, d, nil)
			began := time.Now()
			dep.begin()
			dep.quiet()
			want := map[string]int{}
			for key := range d.Steps {
				want[key] = 1
			}
			if made := dep.made(); !maps.Equal(made, want) {
				t.Errorf("%d steps were reloaded, want %d once each", len(made), len(want))
			}
			if letters := dep.deadLetters(); len(letters) > 0 {
				t.Errorf("in the dead-letter queue is %.2000q", letters[0])
			}
			var all struct{ Runs []engine.RunRecord }
			dep.get("/runs", &all)
			if len(all.Runs) != 1 || all.Runs[0].Status != "succeeded" || all.Runs[0].Counts.Succeeded != len(d.Steps) {
				t.Fatalf("the runs are %+v", all.Runs)
			}
			largest, key, read := dep.largestItem()
			if largest > mostItem {
				t.Errorf("the item %s has %d bytes", key, largest)
			}
			sizes := map[string]int{}
			for _, path := range []string{"/runs/" + all.Runs[0].ID, "/graph", "/"} {
				headers := map[string]string{"x-api-key": dep.key}
				status, body, err := sandbox.Call(dep.ctx, http.MethodGet, dep.state.InvokeURL+path, headers, nil)
				if sizes[path[:min(len(path), 6)]] = len(body); err != nil || status != http.StatusOK || len(body) > mostAnswer {
					t.Errorf("GET %s = %d with %d bytes, %v", path, status, len(body), err)
				}
			}
			fmt.Printf("large: %s: %d steps once each in %s; the largest item has %d bytes (%s), an event reads %d, the answers %v\n",
				name, len(d.Steps), time.Since(began).Round(100*time.Millisecond), largest, key, read, sizes)
		})
	}
}

// largestItem is the size of the chain's largest item, as DynamoDB counts it: the bytes of names and values. cycle is that of all items
// of cycles, which an event reads.
func (d *deployment) largestItem() (size int, key string, cycle int) {
	for _, item := range d.Cloud.DynamoDB().Items(d.state.TableName) {
		n := 0
		for name, value := range item {
			if binary, ok := value.([]byte); ok {
				n += len(name) + len(binary)
				continue
			}
			n += len(name) + len(fmt.Sprint(value))
		}
		if strings.HasPrefix(fmt.Sprint(item["pk"]), "CYCLE#") {
			cycle += n
		}
		if n > size {
			size, key = n, fmt.Sprint(item["pk"], " ", item["sk"])
		}
	}
	return size, key, cycle
}
