// SPDX-License-Identifier: MPL-2.0

// Package function measures the chain's function beside a program that does nothing and beside functions in Node.js.
package function

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

const (
	chainName     = "bench"
	tenantID      = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	apiKey        = "bench-api-key" //nolint:gosec // of a tenant that is none
	signingSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// The apps whose reloads the events are about.
const (
	appOutside = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c99" // in no chain
	rootOf1    = 0                                      // one app comes after it
	rootOf20   = 1                                      // 20 steps, in the large chain
	rootOf200  = 2                                      // 200 steps, likewise
)

// AppID is the id of the n-th app of the chains.
func AppID(n int) string { return fmt.Sprintf("7b0a3a52-3a0c-4e0e-9d3f-%012x", n) }

func step(n int, upstream ...int) chain.Step {
	s := chain.Step{App: AppID(n), Enabled: true, MaxStartsPerHour: chain.MaxMaxStartsPerHour}
	for _, u := range upstream {
		if s.After == nil {
			s.After = map[string]chain.Condition{}
		}
		s.After[key(u)] = chain.ConditionSuccess
	}
	return s
}

func key(n int) string { return fmt.Sprintf("app %04d", n) }

// small is a chain of five steps.
func small() *chain.Definition {
	return definition(map[int]chain.Step{0: step(rootOf1), 1: step(1, rootOf1), 2: step(2, 1), 3: step(3, 1), 4: step(4, 2, 3)})
}

// large is a chain of 1,000 steps with two fan-outs; the rest of it is a tree.
func large() *chain.Definition {
	const tree = 3 + 1 + 20 + 200
	steps := map[int]chain.Step{}
	for i := range 1000 {
		switch {
		case i < 3:
			steps[i] = step(i)
		case i == 3:
			steps[i] = step(i, rootOf1)
		case i < 3+1+20:
			steps[i] = step(i, rootOf20)
		case i < tree:
			steps[i] = step(i, rootOf200)
		default:
			steps[i] = step(i, tree-1+(i-tree)/3)
		}
	}
	return definition(steps)
}

func definition(steps map[int]chain.Step) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: chainName, Timezone: "UTC", Steps: map[string]chain.Step{}}
	for n, s := range steps {
		d.Steps[key(n)] = s
	}
	return d
}

// list is the definition as the functions in Node.js read it: what comes after each app.
func list(d *chain.Definition) map[string][]string {
	next := map[string][]string{}
	for _, l := range d.Links() {
		app := d.Steps[l.From].App
		next[app] = append(next[app], d.Steps[l.To].App)
	}
	return next
}

// reloads counts the events, each of which is about a reload of its own.
var reloads atomic.Int64

// event is a delivery of the webhook as the function gets it: a reload of the app has succeeded.
func event(app string) ([]byte, error) {
	n := reloads.Add(1)
	body := fmt.Appendf(nil, `{"id":"7f1c2e0a-4f55-4c0e-9c1b-%012x","type":%q,"source":"com.qlik/reloads","specversion":"1.0","time":%q,"tenantid":%q,`+
		`"userid":"u","ownerid":"o","spaceid":"65f0c0ffee0000000000abcd","toplevelresourceid":%q,"data":{"id":"%024x","appId":%[5]q,"userId":"u",`+
		`"succeeded":true,"status":"SUCCEEDED","type":"hub","partial":false,"weight":1,"creationTime":%[3]q,"durationSeconds":121.4}}`,
		n, qlik.EventReloadFinished, time.Now().UTC().Format(time.RFC3339), tenantID, app, n)
	return json.Marshal(chain.Delivery{
		Source: chain.DeliverySource, RequestID: "bench", Body: body, Signature: []byte(qlik.Sign(signingSecret, body)),
	})
}
