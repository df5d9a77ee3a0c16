// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// OwnershipError says that the chain, or its name, is another's. Title is its short form.
type OwnershipError struct{ Title, Text string }

func (e *OwnershipError) Error() string { return e.Text }

// UntouchedError is a failure before the first change.
type UntouchedError struct{ Err error }

func (e *UntouchedError) Error() string { return e.Err.Error() }

func (e *UntouchedError) Unwrap() error { return e.Err }

// Admit says whether the chain may be created or changed here, by what Find has found: it stops when the name is taken. creating refuses a chain that
// is whole, too. What an earlier create has left when it was cut off, a create completes.
func (s *Stack) Admit(creating bool, want *Spec) error {
	latest := s.owner.latest()
	if strangers := s.strangers(want, creating || latest != nil && latest.record.unfinished()); len(strangers) > 0 {
		return s.refuseName(strangers)
	}
	switch {
	case latest == nil:
		if creating && !s.state.Empty() {
			return s.refuseWhole(ownerRecord{})
		}
		return nil
	case creating:
		return s.refuseLatest(latest)
	case !latest.record.unfinished() && s.state.Empty(): // the state is out of date: the whole chain is another's by now
		return s.refuseWhole(latest.record)
	}
	return nil
}

// Create makes the chain, or completes what an earlier create has left. Of several at the same time, one does.
func (s *Stack) Create(ctx context.Context, want *Spec) (State, error) {
	if err := s.Admit(true, want); err != nil {
		return s.state, &UntouchedError{err}
	}
	s.instance = newInstance()
	return s.complete(ctx, want)
}

// Apply brings every component to what want says, in the order in which they need each other, and returns what exists then, also when
// something has failed. A chain that is not whole is claimed first, as Create does.
func (s *Stack) Apply(ctx context.Context, want *Spec) (State, error) {
	if err := s.Admit(false, want); err != nil {
		return s.state, &UntouchedError{err}
	}
	if s.instance == "" {
		s.instance = newInstance()
	}
	s.state.Instance = s.instance
	if latest := s.owner.latest(); latest != nil && latest.record.unfinished() {
		return s.complete(ctx, want)
	}
	return s.ensure(ctx, want)
}

// complete claims the chain and brings it to its end.
func (s *Stack) complete(ctx context.Context, want *Spec) (State, error) {
	isNew := s.owner.latest() == nil
	claim, err := s.owner.take(ctx, want)
	if err != nil {
		return s.state, &UntouchedError{s.claimFailed(err)}
	}
	s.adopting, s.state.Instance = true, s.instance
	defer func() { s.adopting = false }()
	work := claim.keep(ctx)
	if !isNew { // what the holder before did after Find
		if _, err := s.Find(work); err != nil {
			return s.state, errors.Join(err, s.claimFailed(claim.release(ctx)))
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

// claimFailed names the parameter in a failure that is AWS's.
func (s *Stack) claimFailed(err error) error {
	if _, ours := errors.AsType[*OwnershipError](err); ours || err == nil {
		return err
	}
	return &ComponentError{Doing: "Claiming", Title: "owner's parameter", Object: s.owner.path(), Err: err}
}

// yield leaves the chain to the apply that has taken it over. It deletes what this apply alone has made: the webhook, and what API Gateway keeps
// under no name, unless the other has taken them over.
func (s *Stack) yield(ctx context.Context, claim *claim) (State, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	lost := &OwnershipError{"Another apply has taken the chain over", fmt.Sprintf("Cannot create the task chain %s: another apply has taken it over, because this one did "+
		"not renew its claim within %s. What this apply alone had made is deleted. %s", s.chain, s.owner.lease(), s.waysOn("When the other apply has ended, import"))}
	s.adopting, s.vouched = false, false
	s.known = Known{Instance: s.instance, WebhookID: s.webhook.made, UsagePlanID: s.usagePlan.made, RestAPIID: s.restAPI.made}
	type own struct {
		made string
		component
	}
	parts := []own{{s.webhook.made, s.webhook}, {s.usagePlan.made, s.usagePlan}}
	for _, key := range s.keys() {
		*key.known(&s.known) = key.made
		parts = append(parts, own{key.made, key})
	}
	listed, err := s.listKeys(ctx)
	s.listedKeys = listed
	errs := []error{err}
	for _, part := range append(parts, own{s.restAPI.made, s.restAPI}) {
		if part.made == "" {
			continue
		}
		err := part.find(ctx) // nothing when it is the other's by now
		if err == nil {
			err = part.remove(ctx)
		}
		part.publish(&s.state)
		errs = append(errs, err)
	}
	errs = append(errs, s.owner.delete(ctx, claim.entry))
	if err := errors.Join(errs...); err != nil {
		return s.state, errors.Join(lost, s.claimFailed(err))
	}
	return s.state, &UntouchedError{lost}
}

// refuseLatest is why a create stops because of what the owner's parameter says; nil when it may go on from there.
func (s *Stack) refuseLatest(latest *ownerEntry) error {
	record := latest.record
	switch {
	case record.TenantID != "" && record.TenantID != s.TenantID:
		return s.refuseName([]string{"the SSM parameter " + latest.path() + " of the Qlik Cloud tenant " + record.TenantID})
	case !record.unfinished():
		return s.refuseWhole(record)
	}
	return nil
}

// refuseWhole names the ways on from a chain that is deployed.
func (s *Stack) refuseWhole(record ownerRecord) error {
	whose := ""
	if record.Instance != "" {
		whose = fmt.Sprintf(" It is the instance %s, created by %s on %s.", record.Instance, record.CreatedBy, record.CreatedAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	if tags := userTags(s.function.tags); len(tags) > 0 {
		whose += " Its tags: " + inWords(tags) + "."
	}
	return &OwnershipError{"The chain exists already", fmt.Sprintf("Cannot create the task chain %s: it is deployed already in the account %s, region %s, for the tenant %s.%s "+
		"Nothing was changed. %s\n\nIf this configuration manages the chain, its plan replaces the chain with create_before_destroy, set on this resource or "+
		"inherited from one that depends on it. That cannot work: two chains of one name cannot exist at the same time. Take create_before_destroy away and apply again.",
		s.chain, s.Account, s.Region, s.TenantID, whose, s.waysOn("To manage it from here, import"))}
}

// refuseBusy is for a claim that is being renewed.
func (s *Stack) refuseBusy(latest *ownerEntry) error {
	record := latest.record
	return &OwnershipError{"Another apply is creating the chain", fmt.Sprintf("Cannot create the task chain %s: another apply is creating it at this moment, as the instance %s. "+
		"%s began it on %s. Nothing was changed. %s", s.chain, record.Instance, record.CreatedBy, record.CreatedAt.UTC().Format(time.DateTime+" MST"),
		s.waysOn("When the other apply has ended, import"))}
}

// refuseName lists what has the chain's names and is not the chain's.
func (s *Stack) refuseName(strangers []string) error {
	return &OwnershipError{"The chain's name is taken", fmt.Sprintf("Cannot set up the task chain %s: the account %s has objects of these names already, and they do not belong to "+
		"this chain: %s. They do not carry the tags %s. Nothing was changed. Give the chain another name, or delete the objects if nothing needs them, and apply again.",
		s.chain, s.Account, strings.Join(strangers, "; "), inWords(s.nameMark()))}
}

// waysOn begins with what an import is good for.
func (s *Stack) waysOn(first string) string {
	return fmt.Sprintf("%s it: `terraform import ADDRESS %s`, where ADDRESS is that of this resource, for example qlik_task_chain.%s; one configuration only may manage "+
		"a chain, so take it out of the other with `terraform state rm`. To have a second chain, give this one another name.", first, s.chain, s.chain)
}

// strangers are the objects with the chain's names that are not the chain's, in words. When adopting, those of each instance are.
func (s *Stack) strangers(want *Spec, adopting bool) []string {
	s.adopting = adopting
	defer func() { s.adopting = false }()
	var all []string
	stranger := func(tags map[string]string, kind, name string) {
		words := "the " + kind + " " + name
		if tenant := tags[TagTenant]; tags[TagManagedBy] == managedBy && tenant != "" && tenant != s.TenantID {
			words += " of the Qlik Cloud tenant " + tenant
		}
		all = append(all, words)
	}
	add := func(exists bool, tags map[string]string, kind, name string) {
		if exists && !s.ours(tags) {
			stranger(tags, kind, name)
		}
	}
	add(s.logGroup.seen != nil, s.logGroup.tags, "log group", s.logGroupName())
	add(s.role.seen != nil, s.role.tags, "IAM role", s.role.name)
	add(s.timerRole.seen != nil, s.timerRole.tags, "IAM role", s.timerRole.name)
	add(s.table.seen != nil, s.table.tags, "DynamoDB table", s.objectName())
	add(s.queue.url != "", s.queue.tags, "SQS queue", s.queueName())
	add(s.scheduleGroup.seen != nil, s.scheduleGroup.tags, "EventBridge Scheduler group", s.scheduleGroupName())
	for _, p := range []*parameter{&s.definition.parameter, &s.credentials.parameter, &s.signingSecret.parameter} {
		add(p.seen != nil, p.tags, "SSM parameter", p.path())
	}
	add(s.function.seen != nil, s.function.tags, "Lambda function", s.objectName())
	for _, what := range keys(s.alarms.wanted(want)) {
		if alarm := s.alarms.seen[what]; alarm != nil && !s.alarms.ours(alarm) {
			stranger(alarm.tags, "CloudWatch alarm", aws.ToString(alarm.AlarmName))
		}
	}
	return all
}
