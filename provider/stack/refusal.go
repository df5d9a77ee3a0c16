// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// OwnershipError means that the chain, or its name, belongs to another configuration. Title is its short form.
type OwnershipError struct{ Title, Text string }

// Error returns the whole text.
func (e *OwnershipError) Error() string { return e.Text }

// refuseLatest returns why the owner's parameter stops a create. It is nil when the create may continue.
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

// createdTime formats the time at which a create began, for messages.
func (r *ownerRecord) createdTime() string { return r.CreatedAt.UTC().Format("2006-01-02 15:04 MST") }

// refuseWhole lists what the user can do about a chain that is already deployed.
func (s *Stack) refuseWhole(record ownerRecord) error {
	owner := ""
	if record.Instance != "" {
		owner = fmt.Sprintf(" It is the instance %s, created by %s on %s.", record.Instance, record.CreatedBy, record.createdTime())
	}
	if tags := userTags(s.function.tags); len(tags) > 0 {
		owner += " Its tags: " + inWords(tags) + "."
	}
	return &OwnershipError{"The chain exists already",
		fmt.Sprintf("Cannot create the task chain %s: it is deployed already in the account %s, region %s, "+
			"for the tenant %s.%s Nothing was changed. %s\n\nIf this configuration manages the chain, its plan replaces the chain with "+
			"create_before_destroy, "+
			"set on this resource or inherited from one that depends on it. That cannot work: two chains of one name cannot exist at the "+
			"same time. "+
			"Take create_before_destroy away and apply again.",
			s.chain, s.Account, s.Region, s.TenantID, owner, s.waysOn("To manage it from here, import"))}
}

// refuseBusy returns the error for a claim that is being renewed.
func (s *Stack) refuseBusy(latest *ownerEntry) error {
	record := latest.record
	return &OwnershipError{"Another apply is creating the chain",
		fmt.Sprintf("Cannot create the task chain %s: another apply is creating it at this moment, "+
			"as the instance %s. %s began it on %s. Nothing was changed. %s",
			s.chain, record.Instance, record.CreatedBy, record.createdTime(), s.waysOn("When the other apply has ended, import"))}
}

// refuseName lists the objects that have the chain's names and do not belong to the chain.
func (s *Stack) refuseName(strangers []string) error {
	return &OwnershipError{"The chain's name is taken",
		fmt.Sprintf("Cannot set up the task chain %s: the account %s has objects of these names already, "+
			"and they do not belong to this chain: %s. They do not carry the tags %s. Nothing was changed. "+
			"Give the chain another name, or delete the objects if nothing needs them, and apply again.",
			s.chain, s.Account, strings.Join(strangers, "; "), inWords(s.mark()))}
}

// waysOn lists what the user can do. first is the beginning of its first sentence, about the import.
func (s *Stack) waysOn(first string) string {
	return fmt.Sprintf("%s it: `terraform import ADDRESS %s`, where ADDRESS is that of this resource, for example qlik_task_chain.%s. "+
		"Only one configuration may manage a chain: take it out of the other with `terraform state rm`. To have a second chain, give this "+
		"one another name.",
		first, s.chain, s.chain)
}

// strangers describes the objects with the chain's names that do not belong to the chain. When adopting, the objects of every instance
// belong to it.
func (s *Stack) strangers(want *Spec, adopting bool) []string {
	s.adopting = adopting
	defer func() { s.adopting = false }()
	var all []string
	stranger := func(tags map[string]string, kind, name string) {
		words := "the " + kind + " " + name
		if tenant := tags[TagTenant]; tags[TagManagedBy] == managedBy && tenant != "" && tenant != s.TenantID {
			words += " of the Qlik Cloud tenant " + tenant
		}
		if s.carriesName(tags) && s.isAnothers(tags) {
			words += " of the instance " + tags[TagInstance]
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
	add(s.scheduleGroup.there, s.scheduleGroup.tags, "EventBridge Scheduler group", s.scheduleGroupName())
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
