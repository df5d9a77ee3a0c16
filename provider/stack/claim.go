// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	smithytime "github.com/aws/smithy-go/time"
)

// claim is the right to complete a chain that is not whole. It lasts as long as it is renewed.
type claim struct {
	c      *owner
	entry  *ownerEntry
	holder string
	first  bool // there was no other claim since the chain was looked up

	mu        sync.Mutex // guards the next two
	renewedAt time.Time  // before the call of the latest renewal
	late      bool       // a renewal came so late that another apply may have taken the claim over before it

	renewing sync.WaitGroup
	stopOnce sync.Once
	stopped  chan struct{}
}

// A claim lasts this long without a renewal. The other numbers are how often it is renewed and checked within that time.
const (
	defaultLease = time.Minute
	renewals     = 4
	looks        = 12
)

// longestLook is the longest pause before the next look at another apply's claim. That claim may have ended.
const longestLook = 5 * time.Second

// surelyExpired is the age at which a claim is taken over without waiting, however wrong the clocks are. AWS refuses a caller with a clock
// that is 15 minutes off.
const surelyExpired = 30 * time.Minute

func (c *owner) lease() time.Duration { return cmp.Or(c.s.Lease, defaultLease) }

// sleepBetweenLooks waits between two looks.
func (c *owner) sleepBetweenLooks(ctx context.Context) error {
	return smithytime.SleepWithContext(ctx, min(c.lease()/looks, longestLook))
}

// errClaimLost means that another apply has taken the claim over, because it was not renewed in time.
var errClaimLost = errors.New("another apply has taken the chain over, because this one did not answer for a while")

// take claims the chain for this apply, once the latest claim has ended or expired. It creates the parameter of the next number.
func (c *owner) take(ctx context.Context, want *Spec) (*claim, error) {
	holder := rand.Text()
	for first := c.latest() == nil; ; first = false {
		latest, number := c.latest(), 1
		if latest != nil {
			if refusal := c.s.refuseLatest(latest); refusal != nil {
				return nil, refusal
			}
			expired, err := c.watch(ctx, latest)
			if err != nil {
				return nil, err
			}
			if !expired {
				continue
			}
			number = latest.number + 1
		}
		now := time.Now()
		entry, err := c.put(ctx, want, number, holder)
		if err == nil {
			claim := &claim{c: c, entry: entry, holder: holder, first: first, renewedAt: now, stopped: make(chan struct{})}
			err = c.confirm(ctx, claim)
			if err == nil {
				c.entries, c.claim = append(c.entries, entry), claim
				return claim, nil
			}
		}
		if !hasCode(err, "ParameterAlreadyExists") && !errors.Is(err, errClaimLost) {
			return nil, err
		}
		if err := errors.Join(c.look(ctx), c.sleepBetweenLooks(ctx)); err != nil {
			return nil, err
		}
	}
}

// put creates the parameter of a number. It fails when another apply has created that parameter.
func (c *owner) put(ctx context.Context, want *Spec, number int, holder string) (*ownerEntry, error) {
	entry := c.newEntry(number)
	entry.record = c.newRecord()
	entry.record.Stage, entry.record.Holder, entry.record.RenewedAt = stageCreating, holder, entry.record.CreatedAt
	input, err := entry.input()
	if err != nil {
		return nil, err
	}
	input.Tags = tagList(c.s.tags(want), parameterTag)
	out, err := c.s.SSM.PutParameter(ctx, input)
	switch {
	case hasCode(err, "ParameterAlreadyExists"):
		entries, listErr := c.list(ctx)
		if listErr != nil {
			return nil, listErr
		}
		for _, found := range entries { // the SDK may have repeated a call after its answer got lost
			if found.number == number && found.record.Holder == holder {
				found.tags = c.s.tags(want)
				return found, nil
			}
		}
		return nil, err
	case err != nil:
		return nil, err
	}
	entry.seen, entry.tags = &types.Parameter{Name: input.Name, Value: input.Value, Version: out.Version}, c.s.tags(want)
	return entry, nil
}

// input returns the call that writes the entry's record.
func (e *ownerEntry) input() (*ssm.PutParameterInput, error) {
	text, err := json.Marshal(e.record)
	if err != nil {
		return nil, err
	}
	return &ssm.PutParameterInput{
		Name: aws.String(e.path()), Value: aws.String(string(text)), Type: types.ParameterTypeString, Tier: types.ParameterTierStandard,
		Description: aws.String("The owner of the task chain " + e.s.chain + "."),
	}, nil
}

// watch waits until a claim has expired. It returns false when a newer claim counts, and fails when the holder is still working.
func (c *owner) watch(ctx context.Context, latest *ownerEntry) (expired bool, err error) {
	if latest.record.Stage == stageStopped || time.Since(aws.ToTime(latest.seen.LastModifiedDate)) > surelyExpired {
		return true, nil
	}
	for begun := time.Now(); time.Since(begun) < c.lease(); {
		if err := c.sleepBetweenLooks(ctx); err != nil {
			return false, err
		}
		if err := c.look(ctx); err != nil {
			return false, err
		}
		now := c.latest()
		if now == nil || now.number != latest.number || now.record.Stage != stageCreating {
			return false, nil
		}
		if now.seen.Version != latest.seen.Version {
			return false, c.s.refuseBusy(now)
		}
	}
	return true, nil
}

// confirm checks the latest claim again after this apply has claimed the chain. The previous claim may have ended well just then, or a
// later one may exist. In both cases it withdraws its claim.
func (c *owner) confirm(ctx context.Context, claim *claim) error {
	entries, err := c.list(ctx)
	for _, entry := range entries {
		switch {
		case entry.number < claim.entry.number && !entry.record.unfinished():
			err = c.s.refuseLatest(entry)
		case entry.number > claim.entry.number:
			err = errClaimLost
		}
	}
	if err != nil {
		err = errors.Join(err, c.delete(ctx, claim.entry))
	}
	return err
}

// keep renews the claim until stop is called. The context that it returns ends when the claim is lost.
func (claim *claim) keep(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	claim.renewing.Go(func() {
		tick := time.NewTicker(claim.c.lease() / renewals)
		defer tick.Stop()
		for {
			select {
			case <-claim.stopped:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			// Other failures are left to the next renewal, and to the checks.
			if err := claim.renew(ctx); errors.Is(err, errClaimLost) {
				cancel(err)
				return
			}
		}
	})
	return ctx
}

// stop ends the renewals. It returns when no renewal is under way.
func (claim *claim) stop() {
	claim.stopOnce.Do(func() { close(claim.stopped) })
	claim.renewing.Wait()
}

func (claim *claim) renew(ctx context.Context) error {
	if err := claim.check(ctx); err != nil {
		return err
	}
	return claim.write(ctx, stageCreating)
}

// write sets the stage. It requires that the parameter exists: otherwise it would recreate one that was deleted in the meantime.
func (claim *claim) write(ctx context.Context, stage string) error {
	entry := *claim.entry
	entry.record.Stage, entry.record.RenewedAt = stage, time.Now().UTC()
	input, err := entry.input()
	if err != nil {
		return err
	}
	input.Overwrite = aws.Bool(true)
	now := time.Now()
	out, err := claim.c.s.SSM.PutParameter(ctx, input)
	if err != nil {
		return err
	}
	claim.renewed(now)
	if out.Version == 1 {
		_, err := claim.c.s.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: input.Name})
		return errors.Join(errClaimLost, err)
	}
	return nil
}

// renewed records a renewal.
func (claim *claim) renewed(at time.Time) {
	claim.mu.Lock()
	defer claim.mu.Unlock()
	claim.late = claim.late || !claim.recent()
	claim.renewedAt = at
}

// recent reports whether the latest renewal is young. It uses both clocks: the monotonic one may stop while the machine sleeps, and the
// other may be set back.
func (claim *claim) recent() bool {
	age := max(time.Since(claim.renewedAt), time.Now().Round(0).Sub(claim.renewedAt.Round(0)))
	return age < claim.c.lease()/2
}

// onTime reports whether no renewal was late. Then no other apply has taken the claim over: it waits for a whole lease without a renewal.
func (claim *claim) onTime() bool {
	claim.mu.Lock()
	defer claim.mu.Unlock()
	return !claim.late && claim.recent()
}

// checkIfLate does the same as check, if a renewal was late.
func (claim *claim) checkIfLate(ctx context.Context) error {
	if claim == nil || claim.onTime() {
		return nil
	}
	return claim.check(ctx)
}

// check fails with errClaimLost when the claim is no longer this apply's.
func (claim *claim) check(ctx context.Context) error {
	if claim == nil {
		return nil
	}
	return claim.expectLatest(ctx, func(latest *ownerEntry) bool { return latest.record.Holder == claim.holder })
}

// checkLatest does the same as check, for a claim that has become the mark of a whole chain.
func (claim *claim) checkLatest(ctx context.Context) error {
	return claim.expectLatest(ctx, func(latest *ownerEntry) bool { return latest.record.Instance == claim.c.s.instance })
}

// errNotSeen means that SSM does not show the claim. SSM does not show a write to every reader at once.
var errNotSeen = fmt.Errorf("%w: its claim is gone", errClaimLost)

func (claim *claim) expectLatest(ctx context.Context, mine func(*ownerEntry) bool) error {
	return retry(ctx, claim.c.lease()/renewals, func(err error) bool { return errors.Is(err, errNotSeen) }, func(ctx context.Context) error {
		entries, err := claim.c.list(ctx)
		if err != nil {
			return err
		}
		if len(entries) == 0 || entries[len(entries)-1].number < claim.entry.number {
			return errNotSeen
		}
		if latest := entries[len(entries)-1]; latest.number > claim.entry.number || !mine(latest) {
			return errClaimLost
		}
		return nil
	})
}

// releaseTimeout limits the cleanup after an apply was canceled.
const releaseTimeout = 20 * time.Second

// release lets the next apply continue without waiting.
func (claim *claim) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	claim.stop()
	return claim.write(ctx, stageStopped)
}
