// SPDX-License-Identifier: MPL-2.0

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
	tenantID      = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	apiKey        = "bench-api-key" //nolint:gosec // of a tenant that is none
	signingSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// The apps that the events are about.
const (
	outside  = -1 // in no chain
	rootOf1  = 0  // one step comes after it
	rootOf20 = 1  // 20 steps come after it, in the large chain
)

func appID(n int) string { return fmt.Sprintf("7b0a3a52-3a0c-4e0e-9d3f-%012x", uint32(n)) } //nolint:gosec // -1 is a number like any other

func key(n int) string { return fmt.Sprintf("app %04d", n) }

// small returns a chain of five steps.
func small() *chain.Definition {
	return definition(5, func(n int) int { return n / 2 })
}

// large returns a chain of 1,000 steps: one step after the first one, 20 after the second one, and a tree.
func large() *chain.Definition {
	return definition(1000, func(n int) int {
		switch {
		case n == 1, n == 23:
			return -1
		case n == 2:
			return rootOf1
		case n < 23:
			return rootOf20
		default:
			return 23 + (n-24)/3
		}
	})
}

// definition returns a chain with this number of steps. Step n comes after the step upstream(n), or after none if that is negative. Step 0
// comes after none.
func definition(steps int, upstream func(n int) int) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "bench", Timezone: "UTC", Steps: map[string]chain.Step{}}
	for n := range steps {
		s := chain.Step{App: appID(n), Enabled: true, MaxStartsPerHour: chain.MaxMaxStartsPerHour}
		if n > 0 && upstream(n) >= 0 {
			s.After = map[string]chain.Condition{key(upstream(n)): chain.ConditionSuccess}
		}
		d.Steps[key(n)] = s
	}
	return d
}

// list returns the definition as the functions in Node.js read it: what comes after each app.
func list(d *chain.Definition) map[string][]string {
	next := map[string][]string{}
	for _, l := range d.Links() {
		app := d.Steps[l.From].App
		next[app] = append(next[app], d.Steps[l.To].App)
	}
	return next
}

// reloads counts the events. Each event reports another reload.
var reloads atomic.Int64

// event returns a delivery of the webhook in the function's form: a reload of the app has succeeded.
func event(app int) ([]byte, error) {
	n := reloads.Add(1)
	body := fmt.Appendf(nil, `{"id":"7f1c2e0a-4f55-4c0e-9c1b-%012x","type":%q,"source":"com.qlik/reloads","specversion":"1.0","time":%q,`+
		`"tenantid":%q,"userid":"u","ownerid":"o","spaceid":"65f0c0ffee0000000000abcd","toplevelresourceid":%q,"data":{"id":"%024x",`+
		`"appId":%[5]q,"userId":"u","succeeded":true,"status":"SUCCEEDED","type":"hub","partial":false,"weight":1,"creationTime":%[3]q,`+
		`"durationSeconds":121.4}}`, n, qlik.EventReloadFinished, time.Now().UTC().Format(time.RFC3339), tenantID, appID(app), n)
	return json.Marshal(chain.Delivery{
		Source: chain.DeliverySource, RequestID: "bench", Body: body, Signature: []byte(qlik.Sign(signingSecret, body)),
	})
}
