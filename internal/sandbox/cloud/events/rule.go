// SPDX-License-Identifier: MPL-2.0

package events

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events/pattern"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// EventBridge User Guide, "Amazon EventBridge quotas". The model allows 4,096 characters of a pattern; an account has half of that by
// default.
const (
	maxRules   = 300 // of a bus
	maxTargets = 5   // of a rule
	maxPattern = 2048
)

const (
	stateEnabled  = "ENABLED"
	stateDisabled = "DISABLED"
)

// rule is a rule with its targets, in the order in which they were put.
type rule struct {
	ruleInput
	arn     string
	bus     string
	pattern *pattern.Pattern
	tags    wire.Tags
	targets []target
}

type ruleInput struct {
	Name, Description, EventPattern, State, EventBusName string
	Tags                                                 []wire.Tag
}

// ruleARN returns the ARN of a rule, with the bus in it unless that is the default one.
func (s *Service) ruleARN(bus, name string) string {
	if bus == defaultBus {
		return s.config.Account.ARN("events", "rule/"+name)
	}
	return s.config.Account.ARN("events", "rule/"+bus+"/"+name)
}

// putRule makes a rule, or replaces it: what is left out is not kept, except for the tags and the targets. Source: API Reference.
func (s *Service) putRule(c *wire.Call, in *ruleInput) ([]string, func() (any, error)) {
	name := s.busName(in.EventBusName)
	arn := s.ruleARN(name, in.Name)
	if len(in.Tags) > 0 {
		c.Also = wire.Each("events:TagResource", arn)
	}
	return []string{arn}, func() (any, error) {
		parsed, err := in.check()
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		b, err := s.bus(name)
		if err != nil {
			return nil, err
		}
		r := b.rules[in.Name]
		if r == nil {
			if len(b.rules) >= maxRules {
				return nil, limitExceeded()
			}
			r = &rule{arn: arn, bus: name, tags: wire.Tags{}}
			if err := r.tags.Change(in.Tags, nil, validation); err != nil {
				return nil, err
			}
			b.rules[in.Name] = r
		}
		r.ruleInput, r.pattern = *in, parsed
		return struct{ RuleArn string }{arn}, nil
	}
}

// check sets the default and refuses what EventBridge refuses.
func (in *ruleInput) check() (*pattern.Pattern, error) {
	if in.State == "" {
		in.State = stateEnabled
	}
	switch {
	case in.EventPattern == "":
		return nil, validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case len(in.EventPattern) > maxPattern:
		return nil, invalidPattern("the pattern has %d characters, more than %d", len(in.EventPattern), maxPattern)
	case in.State != stateEnabled && in.State != stateDisabled:
		return nil, validation("The sandbox does not support the state %s.", in.State)
	}
	parsed, err := pattern.Parse(in.EventPattern)
	if err != nil {
		return nil, invalidPattern("%v", err)
	}
	return parsed, nil
}

func invalidPattern(format string, args ...any) *wire.Error {
	return wire.Sender("InvalidEventPatternException", "Event pattern is not valid. Reason: "+format, args...)
}

// onRule returns an operation on an existing rule. It runs under the lock.
func (s *Service) onRule(bus, name string, run func(*bus, *rule) (any, error)) ([]string, func() (any, error)) {
	bus = s.busName(bus)
	return []string{s.ruleARN(bus, name)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		b, err := s.bus(bus)
		if err != nil {
			return nil, err
		}
		r := b.rules[name]
		if r == nil {
			return nil, notFound("Rule %s does not exist on EventBus %s.", name, bus)
		}
		return run(b, r)
	}
}

type ruleNameInput struct{ Name, EventBusName string }

type ruleOutput struct {
	Arn, Name, EventBusName, EventPattern, State, CreatedBy string
	Description                                             string `json:",omitempty"`
}

func (s *Service) describeRule(_ *wire.Call, in *ruleNameInput) ([]string, func() (any, error)) {
	return s.onRule(in.EventBusName, in.Name, func(_ *bus, r *rule) (any, error) {
		return ruleOutput{
			Arn: r.arn, Name: r.Name, EventBusName: r.bus, EventPattern: r.EventPattern, State: r.State, CreatedBy: s.config.Account.ID,
			Description: r.Description,
		}, nil
	})
}

// deleteRule deletes a rule without targets. AWS does not document the answer for a rule that does not exist: an error is stricter.
func (s *Service) deleteRule(_ *wire.Call, in *ruleNameInput) ([]string, func() (any, error)) {
	return s.onRule(in.EventBusName, in.Name, func(b *bus, r *rule) (any, error) {
		if len(r.targets) > 0 {
			return nil, validation("Rule can't be deleted since it has targets.")
		}
		delete(b.rules, r.Name)
		return nil, nil //nolint:nilnil // the operation has no output
	})
}

type tagInput struct {
	ResourceARN string
	Tags        []wire.Tag
	TagKeys     []string
}

// onTagged returns an operation on the rule with an ARN.
func (s *Service) onTagged(in *tagInput, run func(*rule) (any, error)) ([]string, func() (any, error)) {
	return []string{in.ResourceARN}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, b := range s.buses {
			for _, r := range b.rules {
				if r.arn == in.ResourceARN {
					return run(r)
				}
			}
		}
		return nil, notFound("The resource %s does not exist.", in.ResourceARN)
	}
}

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(r *rule) (any, error) { return struct{}{}, r.tags.Change(in.Tags, in.TagKeys, validation) })
}

func (s *Service) listTagsForResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(r *rule) (any, error) { return struct{ Tags []wire.Tag }{r.tags.List()}, nil })
}
