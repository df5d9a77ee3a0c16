// SPDX-License-Identifier: MPL-2.0

package tenant

import "math/rand/v2"

// Redelivery makes events come more than once, several at a time and out of order, as a queue does that delivers at least once.
type Redelivery struct {
	Seed     uint64  // of what is random here
	Copies   int     // how often each event is delivered; once when 0
	Parallel int     // how many deliveries are under way at the same time; all when 0
	Lose     float64 // how likely an event never goes out at all, of which no delivery is recorded
}

// mail is the deliveries that are to go out. The tenant's mu guards it.
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

// Redeliver changes how the events to come are delivered. At first each is delivered once, at once.
func (t *Tenant) Redeliver(r Redelivery) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mail.Redelivery = r
	t.mail.random = rand.New(rand.NewPCG(r.Seed, 0)) //nolint:gosec // to be repeatable, not secret
}

// Lost counts the events that never went out.
func (t *Tenant) Lost() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mail.lost
}

// dispatch sends an event to a webhook as often as it shall come. The caller holds mu.
func (t *Tenant) dispatch(p post) {
	if t.mail.Lose > 0 && t.mail.random.Float64() < t.mail.Lose {
		t.mail.lost++
		return
	}
	for range max(1, t.mail.Copies) {
		t.hand(p)
	}
}

// hand gives a delivery that is due to the deliverers. The caller holds mu.
func (t *Tenant) hand(p post) {
	t.underWay++
	t.mail.ready = append(t.mail.ready, p)
	if (t.mail.Parallel <= 0 || t.mail.active < t.mail.Parallel) && t.background(t.deliverReady) {
		t.mail.active++
	}
}

// deliverReady is one deliverer: it delivers what is ready until nothing is left.
func (t *Tenant) deliverReady() {
	for {
		p, found := t.pick()
		if !found {
			return
		}
		t.deliver(t.ctx, &p.webhook, p.kind, p.body)
	}
}

// pick takes one of the deliveries that are ready, by chance; none ends the deliverer.
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
