// SPDX-License-Identifier: MPL-2.0

// Package idempotency makes sure that a request is carried out once, however often a client sends it with the same key
// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). It knows neither HTTP nor what requests do.
//
// A conditional write claims a request before it is carried out, and its answer is kept for a day. The execution uses the id and the
// operation of the claim. Both are the same when an execution that was cut off is repeated, so that the repetition completes it.
package idempotency

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Memory is how long a key is remembered, from its first request on.
const Memory = 24 * time.Hour

// Keys remembers requests by their keys. It is safe for concurrent use, also by several functions.
type Keys struct {
	Store engine.Store
	Now   func() time.Time
}

// Request is a request that has a key.
type Request struct {
	Key       string // as the client has sent it
	Route     string // the key counts for one route: POST /start/sales
	Content   []byte // requests of one key must have the same
	Operation chain.Operation
	Within    time.Duration // the longest time that it may take
}

// Answer is the answer to a request.
type Answer struct {
	Status  int    `json:"status"`
	Content string `json:"content"` // JSON, letter by letter
}

// ErrOtherRequest is the error of a key that came with another request before.
var ErrOtherRequest = errors.New("the key was used for another request")

// UnderWayError is the error of a request that another execution is carrying out, or at which that execution broke off.
type UnderWayError struct{ Until time.Time } // when it may be repeated

// Error returns until when the request may be active.
func (e *UnderWayError) Error() string {
	return "the request is being carried out until " + e.Until.UTC().Format(time.RFC3339)
}

// document is what the table keeps of a request.
type document struct {
	Route     string          `json:"route,omitempty"`    // for operators who look at the table
	Sum       string          `json:"sum,omitempty"`      // of the content
	Operation chain.Operation `json:"operation,omitzero"` // none: the request had no effect, and the key is free
	Owner     string          `json:"owner,omitempty"`    // the execution that has claimed it
	Until     time.Time       `json:"until,omitzero"`     // an execution that has not ended by then has broken off
	Answer    *Answer         `json:"answer,omitempty"`
}

// Claim is a request that this execution alone may carry out.
type Claim struct {
	ID        string          // the same when the request is repeated
	Operation chain.Operation // likewise

	keys    *Keys
	key     engine.Key
	version int
	doc     document
}

// maxConflicts is far above the number of requests of one key that meet.
const maxConflicts = 100

// Claim claims a request, or returns its answer if it was carried out before. It returns ErrOtherRequest if the key came with another
// request, and an UnderWayError if another execution may be carrying the request out.
func (k *Keys) Claim(ctx context.Context, r Request) (*Claim, *Answer, error) {
	key := engine.Key{PK: "REQUEST#" + sum(r.Route, r.Key), SK: "-"}
	owner := rand.Text()
	for conflicts := range maxConflicts {
		c := &Claim{keys: k, key: key}
		item, err := k.Store.Get(ctx, key)
		if err != nil {
			return nil, nil, fmt.Errorf("reading %s from the chain's table: %w", key.PK, err)
		}
		if item != nil {
			c.version = item.Version
			if err := json.Unmarshal(item.Doc, &c.doc); err != nil {
				return nil, nil, fmt.Errorf("the item %s of the chain's table was written by another release: %w", key.PK, err)
			}
		}
		now, content := k.Now(), sum(string(r.Content))
		switch known := c.doc; {
		case known.Operation.At.IsZero() || now.Sub(known.Operation.At) >= Memory: // new, or as good as that
			c.doc = document{Route: r.Route, Sum: content, Operation: r.Operation}
		case known.Sum != content:
			return nil, nil, ErrOtherRequest
		case known.Answer != nil:
			return nil, known.Answer, nil
		case known.Owner == owner: // the write succeeded, but its answer was lost
			return c.claimed(r), nil, nil
		case known.Until.After(now):
			return nil, nil, &UnderWayError{known.Until}
		}
		c.doc.Owner, c.doc.Until = owner, now.Add(r.Within)
		err = c.write(ctx)
		if err == nil {
			return c.claimed(r), nil, nil
		}
		if !errors.Is(err, engine.ErrConflict) {
			return nil, nil, err
		}
		if err := engine.Backoff(ctx, conflicts); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("cannot claim the request %s: gave up after %d write conflicts", r.Route, maxConflicts)
}

// claimed fills in the id and the operation. The id is another one if the key is used anew.
func (c *Claim) claimed(r Request) *Claim {
	c.Operation = c.doc.Operation
	c.ID = "key:" + sum(r.Route, r.Key, c.Operation.At.UTC().Format(time.RFC3339Nano))
	return c
}

// Done keeps the answer to a request that was carried out.
func (c *Claim) Done(ctx context.Context, a Answer) error {
	c.doc.Answer, c.doc.Until = &a, time.Time{}
	return c.write(ctx)
}

// Fail allows a request that may have been carried out in part to be repeated at once.
func (c *Claim) Fail(ctx context.Context) error {
	c.doc.Until = time.Time{}
	return c.write(ctx)
}

// Free forgets a request that had no effect.
func (c *Claim) Free(ctx context.Context) error {
	c.doc = document{}
	return c.write(ctx)
}

func (c *Claim) write(ctx context.Context) error {
	err := c.keys.Store.Write(ctx, engine.Write{Key: c.key, Doc: c.doc, Version: c.version, Expires: c.keys.Now().Add(Memory)})
	if err != nil {
		return fmt.Errorf("writing %s to the chain's table: %w", c.key.PK, err)
	}
	c.version++
	return nil
}

// sum returns a hash that differs for different parts, also if their texts joined are the same.
func sum(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = fmt.Fprintf(hash, "%d:%s", len(part), part) // a hash never fails
	}
	return hex.EncodeToString(hash.Sum(nil))
}
