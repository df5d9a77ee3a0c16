// SPDX-License-Identifier: MPL-2.0

package events

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// target is what a rule sends events to: a Lambda function.
type target struct {
	ID               string            `json:"Id"`
	Arn              string            //nolint:tagalign // the API's names
	Input            string            `json:",omitempty"`
	InputPath        string            `json:",omitempty"`
	InputTransformer *transformer      `json:",omitempty"`
	RetryPolicy      *retryPolicy      `json:",omitempty"`
	DeadLetterConfig *deadLetterConfig `json:",omitempty"`
}

type retryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
}

type deadLetterConfig struct {
	Arn string `json:",omitempty"`
}

// The defaults of a retry policy. Source: User Guide, "How EventBridge retries delivering events".
const (
	defaultRetries  = 185
	defaultEventAge = 24 * 60 * 60 // seconds
)

// retries returns how often a delivery is repeated, and for how many seconds.
func (t *target) retries() (most, seconds int) {
	most, seconds = defaultRetries, defaultEventAge
	if p := t.RetryPolicy; p != nil {
		if p.MaximumRetryAttempts != nil {
			most = *p.MaximumRetryAttempts
		}
		if p.MaximumEventAgeInSeconds != nil {
			seconds = *p.MaximumEventAgeInSeconds
		}
	}
	return most, seconds
}

var (
	functionARN = regexp.MustCompile(`^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$`)
	queueARN    = regexp.MustCompile(`^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+$`) // a FIFO queue's name ends with .fifo
)

// check refuses what PutTargets refuses.
func (t *target) check() error {
	inputs := 0
	for _, given := range []bool{t.Input != "", t.InputPath != "", t.InputTransformer != nil} {
		if given {
			inputs++
		}
	}
	switch {
	case !functionARN.MatchString(t.Arn):
		return validation("The sandbox supports Lambda functions as targets, not %s.", t.Arn)
	case inputs > 1:
		return validation("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.ID)
	case t.DeadLetterConfig != nil && t.DeadLetterConfig.Arn != "" && !queueARN.MatchString(t.DeadLetterConfig.Arn):
		return validation("DeadLetterConfig of target %s: %s is not the ARN of a standard queue.", t.ID, t.DeadLetterConfig.Arn)
	}
	if t.InputPath != "" {
		if _, err := parsePath(t.InputPath); err != nil {
			return validation("Parameter InputPath is not valid for target %s. Reason: %v", t.ID, err)
		}
	}
	if t.InputTransformer != nil {
		if err := t.InputTransformer.check(); err != nil {
			return validation("Invalid InputTransformer for target %s : %v.", t.ID, err)
		}
	}
	return nil
}

type targetsInput struct {
	Rule, EventBusName string
	Targets            []target
}

type failedEntries struct {
	FailedEntryCount int
	FailedEntries    []struct{}
}

// putTargets adds targets to a rule, or replaces those with the same id.
func (s *Service) putTargets(_ *wire.Call, in *targetsInput) ([]string, func() (any, error)) {
	return s.onRule(in.EventBusName, in.Rule, func(_ *bus, r *rule) (any, error) {
		targets := slices.Clone(r.targets)
		for _, t := range in.Targets {
			if err := t.check(); err != nil {
				return nil, err
			}
			at := slices.IndexFunc(targets, func(other target) bool { return other.ID == t.ID })
			if at < 0 {
				targets = append(targets, t)
				continue
			}
			targets[at] = t
		}
		if len(targets) > maxTargets {
			return nil, limitExceeded()
		}
		r.targets = targets
		return failedEntries{FailedEntries: []struct{}{}}, nil
	})
}

type removeInput struct {
	Rule, EventBusName string
	Ids                []string //nolint:revive // the API's spelling
}

// removeTargets removes targets. AWS does not document the answer for an id that the rule does not have: here it is no failure.
func (s *Service) removeTargets(_ *wire.Call, in *removeInput) ([]string, func() (any, error)) {
	return s.onRule(in.EventBusName, in.Rule, func(_ *bus, r *rule) (any, error) {
		r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return slices.Contains(in.Ids, t.ID) })
		return failedEntries{FailedEntries: []struct{}{}}, nil
	})
}

type listTargetsInput struct {
	Rule, EventBusName, NextToken string
	Limit                         int
}

func (s *Service) listTargetsByRule(_ *wire.Call, in *listTargetsInput) ([]string, func() (any, error)) {
	return s.onRule(in.EventBusName, in.Rule, func(_ *bus, r *rule) (any, error) {
		limit := in.Limit
		if limit == 0 {
			limit = 100
		}
		page, next, ok := wire.Page(r.targets, in.NextToken, limit)
		if !ok {
			return nil, validation("NextToken is not valid.")
		}
		return struct {
			Targets   []target
			NextToken string `json:",omitempty"`
		}{append([]target{}, page...), next}, nil
	})
}

// payload returns what the target gets of an event.
func (t *target) payload(r *rule, e *event) (string, error) {
	switch {
	case t.Input != "":
		return t.Input, nil
	case t.InputPath != "":
		path, err := parsePath(t.InputPath)
		if err != nil {
			return "", err
		}
		value, found := path.of(e.document)
		if !found {
			return "", fmt.Errorf("the event has no %s", t.InputPath)
		}
		return encode(value)
	case t.InputTransformer != nil:
		return t.InputTransformer.apply(r, e)
	default:
		return encode(e.document)
	}
}
