// SPDX-License-Identifier: MPL-2.0

package tenant

import "math/rand/v2"

// Redelivery delivers events more than once, in parallel and out of order, as an at-least-once queue does.
type Redelivery struct {
	Seed     uint64  // seed of the random numbers
	Copies   int     // how often each event is delivered; 0 means once
	Parallel int     // how many deliveries run at the same time; 0 means all
	Lose     float64 // probability that an event is never sent; no delivery is recorded for it
}

// mail holds the pending deliveries. The tenant's mu guards it.
type mail struct {
	Redelivery
	random *rand.Rand
	lost   int
	ready  []post
	active int // deliverers
}

// post is an event on its way to a webhook.
type post struct {
	webhook Webhook
	kind    string
	body    []byte
}

// Redeliver changes how later events are delivered. By default each is delivered once and immediately.
func (t *Tenant) Redeliver(r Redelivery) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mail.Redelivery = r
	t.mail.random = rand.New(rand.NewPCG(r.Seed, 0)) //nolint:gosec // to be repeatable, not secret
}

// Lost returns the number of events that were never sent.
func (t *Tenant) Lost() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mail.lost
}

// dispatch sends an event to a webhook as often as Redelivery requires. The caller holds mu.
func (t *Tenant) dispatch(p post) {
	if t.mail.Lose > 0 && t.mail.random.Float64() < t.mail.Lose {
		t.mail.lost++
		return
	}
	for range max(1, t.mail.Copies) {
		t.hand(p)
	}
}

// hand passes a due delivery to the deliverers. The caller holds mu.
func (t *Tenant) hand(p post) {
	t.underWay++
	t.mail.ready = append(t.mail.ready, p)
	if (t.mail.Parallel <= 0 || t.mail.active < t.mail.Parallel) && t.background(t.deliverReady) {
		t.mail.active++
	}
}

// deliverReady runs one deliverer: it sends ready deliveries until none is left.
func (t *Tenant) deliverReady() {
	for {
		p, found := t.pick()
		if !found {
			return
		}
		t.deliver(t.ctx, &p.webhook, p.kind, p.body)
	}
}

// pick removes and returns a random ready delivery. Without one it ends the deliverer and returns false.
func (t *Tenant) pick() (post, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ready := t.mail.ready
	if len(ready) == 0 || t.ctx.Err() != nil {
		t.mail.active--
		return post{}, false
	}
	i := 0
	if t.mail.random != nil {
		i = t.mail.random.IntN(len(ready))
	}
	p, last := ready[i], len(ready)-1
	ready[i], ready[last] = ready[last], post{}
	t.mail.ready = ready[:last]
	return p, true
}
