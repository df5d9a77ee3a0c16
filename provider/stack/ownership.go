// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
)

// UntouchedError is a failure that happened before the first change.
type UntouchedError struct{ Err error }

// Error returns the text of the failure itself.
func (e *UntouchedError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *UntouchedError) Unwrap() error { return e.Err }

// Admit decides from the found objects whether the chain may be created or changed here. It fails when the name is taken. With creating, it
// also refuses a whole chain. A create completes what an earlier, interrupted create has left.
func (s *Stack) Admit(creating bool, want *Spec) error {
	latest, state := s.owner.latest(), s.state()
	if latest != nil && !latest.record.unfinished() && latest.record.TenantID == s.TenantID && s.isAnother(latest.record.Instance) {
		return s.refuseWhole(latest.record) // the state is out of date
	}
	if strangers := s.strangers(want, creating || latest != nil && latest.record.unfinished()); len(strangers) > 0 {
		return s.refuseName(strangers)
	}
	switch {
	case latest == nil:
		if creating && !state.Empty() {
			return s.refuseWhole(ownerRecord{})
		}
		return nil
	case creating:
		return s.refuseLatest(latest)
	case !latest.record.unfinished() && state.Empty(): // the state is out of date: the whole chain now belongs to another configuration
		return s.refuseWhole(latest.record)
	}
	return nil
}

// Create creates the chain, or completes what an earlier create has left. Of several creates at the same time, one succeeds.
func (s *Stack) Create(ctx context.Context, want *Spec) (State, error) {
	if err := s.Admit(true, want); err != nil {
		return s.state(), &UntouchedError{err}
	}
	s.instance = newInstance()
	return s.complete(ctx, want)
}

// Apply changes every component to match want, in the order of their dependencies. It returns what exists then, even after a failure. Like
// Create, it first claims a chain that is not whole.
func (s *Stack) Apply(ctx context.Context, want *Spec) (State, error) {
	if err := s.Admit(false, want); err != nil {
		return s.state(), &UntouchedError{err}
	}
	if s.instance == "" {
		s.instance = newInstance()
	}
	if latest := s.owner.latest(); latest != nil && latest.record.unfinished() {
		return s.complete(ctx, want)
	}
	return s.ensure(ctx, want)
}

// complete claims the chain and completes it.
func (s *Stack) complete(ctx context.Context, want *Spec) (State, error) {
	claim, err := s.owner.take(ctx, want)
	if err != nil {
		return s.state(), &UntouchedError{s.claimFailed(err)}
	}
	s.adopting = true
	defer func() { s.adopting = false }()
	work := claim.keep(ctx)
	if !claim.first { // what another apply did after Find
		if state, err := s.Find(work); err != nil {
			return state, errors.Join(err, s.claimFailed(claim.release(ctx)))
		}
	}
	state, err := s.ensure(work, want)
	claim.stop()
	s.owner.claim = nil
	switch {
	case err == nil:
		return state, nil
	case errors.Is(err, errClaimLost), errors.Is(context.Cause(work), errClaimLost):
		return s.yield(ctx, claim)
	}
	return state, errors.Join(err, s.claimFailed(claim.release(ctx)))
}

// claimFailed adds the parameter's name to an error from AWS.
func (s *Stack) claimFailed(err error) error {
	if _, ours := errors.AsType[*OwnershipError](err); ours || err == nil {
		return err
	}
	return &ComponentError{Doing: "Claiming", Title: "owner's parameter", Object: s.owner.path(), Err: err}
}

// yield leaves the chain to the apply that has taken it over. It deletes what only this apply has created: the webhook, and the objects
// without unique names in API Gateway. It keeps what the other apply has taken over.
func (s *Stack) yield(ctx context.Context, claim *claim) (State, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	lost := &OwnershipError{"Another apply has taken the chain over", fmt.Sprintf("Cannot create the task chain %s: "+
		"another apply has taken it over, because this one did not renew its claim within %s. What this apply alone had made is deleted. %s",
		s.chain, s.owner.lease(), s.waysOn("When the other apply has ended, import"))}
	s.adopting, s.vouched = false, false
	s.known = Known{Instance: s.instance, WebhookID: s.webhook.made, UsagePlanID: s.usagePlan.made, RestAPIID: s.restAPI.made}
	type own struct {
		made string
		part interface {
			finder
			remover
		}
	}
	parts := []own{{s.webhook.made, s.webhook}, {s.usagePlan.made, s.usagePlan}}
	for _, key := range s.keys() {
		*key.known(&s.known) = key.made
		parts = append(parts, own{key.made, key})
	}
	listed, err := s.listKeys(ctx)
	s.listedKeys = listed
	errs := []error{err}
	for _, one := range append(parts, own{s.restAPI.made, s.restAPI}) {
		if one.made == "" {
			continue
		}
		err := one.part.find(ctx) // it finds nothing if the other apply owns it now
		if err == nil {
			err = one.part.remove(ctx)
		}
		errs = append(errs, err)
	}
	errs = append(errs, s.owner.delete(ctx, claim.entry))
	if err := errors.Join(errs...); err != nil {
		return s.state(), errors.Join(lost, s.claimFailed(err))
	}
	return s.state(), &UntouchedError{lost}
}
