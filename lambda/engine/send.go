// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// message is something that is sent once: a notice, or an event.
type message struct {
	id      string // the same for the same occasion
	what    string // the message in words, for an error, for example "the daily summary"
	content any
	send    func(ctx context.Context) error
	// complete adds to content what only the execution that sends the message finds out; nil: nothing.
	complete func(ctx context.Context)
}

// sendWithin limits the time to send a message: it is not the execution's main job.
const sendWithin = 5 * time.Second

// messageDoc is a message that is being sent, or was.
type messageDoc struct {
	Content any       `json:"content"`
	Sent    bool      `json:"sent,omitempty"`
	Lease   time.Time `json:"lease,omitzero"` // until when Owner alone sends it
	Owner   string    `json:"owner,omitempty"`
}

// sendOnce sends a message once, regardless of how many executions reach it. It returns false if another execution is sending it: if that
// one breaks off, its repetition sends the message. A failure to send stops nothing. If an execution breaks off after sending and before
// recording, the message is sent twice.
func (w *work) sendOnce(ctx context.Context, m message, r *report) (done bool) {
	// Starts that are handled at the same time may each bring the end of their run. To the table they are one execution.
	known, _ := w.notified.LoadOrStore(m.id, sync.OnceValue(func() bool { return w.sendMessage(ctx, m, r) }))
	return known.(func() bool)() //nolint:forcetypeassert // nothing else is stored
}

// sendMessage is sendOnce for a message that this execution has not handled yet.
func (w *work) sendMessage(ctx context.Context, m message, r *report) (done bool) {
	claimed, send, err := w.claimMessage(ctx, m)
	if err == nil && !send {
		return claimed.doc.Sent
	}
	if err == nil {
		if m.complete != nil {
			m.complete(ctx)
		}
		inTime, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		err = m.send(inTime)
	}
	if err != nil {
		r.notNotified(fmt.Errorf("%s was not sent, and is not sent again: %w", m.what, err))
		return true
	}
	claimed.doc.Sent, claimed.doc.Owner, claimed.doc.Lease = true, "", time.Time{}
	// After a conflict, another execution assumed that this one had broken off.
	if err := write(ctx, w.Store, claimed.write(w.kept())); err != nil && !errors.Is(err, ErrConflict) {
		r.notNotified(fmt.Errorf("%s was sent, and may be sent once more, because that could not be recorded: %w", m.what, err))
	}
	return true
}

// claimMessage makes this execution the only one that sends a message. send is false if another one has sent it, or is sending it.
func (w *work) claimMessage(ctx context.Context, m message) (claimed stored[messageDoc], send bool, err error) {
	claimed = stored[messageDoc]{key: noticeKey(m.id)}
	for range maxConflicts {
		claimed.doc.Content, claimed.doc.Owner, claimed.doc.Lease = m.content, w.owner, w.Now().Add(askWithin+2*sendWithin)
		err := write(ctx, w.Store, claimed.write(w.kept()))
		if err == nil {
			claimed.version++
			return claimed, true, nil
		}
		if !errors.Is(err, ErrConflict) {
			return claimed, false, err
		}
		if claimed, err = load[messageDoc](ctx, w.Store, claimed.key); err != nil {
			return claimed, false, err
		}
		// Its own claim comes from the execution that this one repeats.
		if claimed.doc.Sent || claimed.doc.Owner != w.owner && claimed.doc.Lease.After(w.Now()) {
			return claimed, false, nil
		}
	}
	return claimed, false, fmt.Errorf("gave up after %d write conflicts", maxConflicts)
}
