// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"cmp"
	"encoding/json"
	"regexp"
	"time"
)

// key identifies a schedule.
type key struct{ group, name string }

// keyOf returns the key of a schedule in a group. An empty group means the group default.
func keyOf(group, name string) key { return key{cmp.Or(group, defaultGroup), name} }

func (s *Service) scheduleARN(k key) string {
	return s.config.Account.ARN("scheduler", "schedule/"+k.group+"/"+k.name)
}

// schedule is one schedule. An update replaces it with a new one. Only waiting changes.
type schedule struct {
	settings
	key     key
	arn     string
	token   string // the ClientToken of its creation
	created time.Time
	changed time.Time
	times   timetable

	waiting []*occurrence // empty for a schedule that is disabled or has run
}

// occurrence is one time at which a schedule invokes its target. Those of a recurring schedule do not wait for each other.
type occurrence struct {
	schedule *schedule
	at       time.Time // the scheduled time
	due      time.Time // the time of the next attempt, by the Clock
	attempt  int       // the number of attempts
}

// await adds the schedule's first occurrence after a time, if there is one before its end. The start date and the end date of a one-time
// schedule are ignored. Source: CreateSchedule.
func (sch *schedule) await(after time.Time) {
	at, ever := sch.times.next(after)
	_, one := sch.times.(once)
	if !ever || sch.EndDate != nil && !one && at.After(fromTimestamp(*sch.EndDate)) {
		return
	}
	sch.waiting = append(sch.waiting, &occurrence{schedule: sch, at: at, due: at})
}

// settings are a schedule's settings in the API's format.
type settings struct {
	ActionAfterCompletion      string
	Description                string   `json:",omitempty"`
	StartDate                  *float64 `json:",omitempty"` // of recurring schedules, in seconds since 1970
	EndDate                    *float64 `json:",omitempty"` // likewise
	FlexibleTimeWindow         flexibleTimeWindow
	KmsKeyArn                  string `json:",omitempty"`
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	State                      string
	Target                     target
}

type flexibleTimeWindow struct {
	Mode                   string
	MaximumWindowInMinutes *int `json:",omitempty"`
}

type target struct {
	Arn              string
	RoleArn          string
	Input            string            `json:",omitempty"`
	DeadLetterConfig *deadLetterConfig `json:",omitempty"`
	RetryPolicy      retryPolicy
}

type deadLetterConfig struct {
	Arn string `json:",omitempty"`
}

type retryPolicy struct {
	MaximumEventAgeInSeconds *int
	MaximumRetryAttempts     *int
}

// The values of settings.
const (
	stateEnabled  = "ENABLED"
	stateDisabled = "DISABLED"
	actionNone    = "NONE"
	actionDelete  = "DELETE"
)

// The defaults of a retry policy, which are also its maximum values. Source: RetryPolicy.
const (
	maxAge     = 86400
	maxRetries = 185
)

// setDefaults sets the defaults of missing settings. Source: CreateSchedule and the User Guide.
func (in *settings) setDefaults() {
	in.ActionAfterCompletion = cmp.Or(in.ActionAfterCompletion, actionNone)
	in.ScheduleExpressionTimezone = cmp.Or(in.ScheduleExpressionTimezone, defaultTimezone)
	in.State = cmp.Or(in.State, stateEnabled)
	age, retries := maxAge, maxRetries
	policy := &in.Target.RetryPolicy
	policy.MaximumEventAgeInSeconds = cmp.Or(policy.MaximumEventAgeInSeconds, &age)
	policy.MaximumRetryAttempts = cmp.Or(policy.MaximumRetryAttempts, &retries)
}

var lambdaARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:[a-zA-Z0-9$_-]+)?$`)

// validate checks the rules that AWS's constraints do not cover and that do not depend on the account.
func (in *settings) validate() error {
	if in.FlexibleTimeWindow.Mode != "OFF" || in.FlexibleTimeWindow.MaximumWindowInMinutes != nil {
		return validation("The sandbox does not offer flexible time windows: set the mode OFF.")
	}
	return in.Target.validate()
}

func (t *target) validate() error {
	switch {
	case !lambdaARN.MatchString(t.Arn):
		return validation("The sandbox invokes Lambda functions alone, not the target %q.", t.Arn)
	case t.Input == "":
		return validation("The sandbox needs an input: it does not make the notification that AWS sends without one.")
	case !json.Valid([]byte(replace(t.Input, invocation{}))):
		return validation("Invalid input: the input of a Lambda target must be well-formed JSON.")
	}
	return nil
}

// deadLetterQueue returns the ARN of the queue for events that cannot be delivered, or "".
func (t *target) deadLetterQueue() string {
	if t.DeadLetterConfig == nil {
		return ""
	}
	return t.DeadLetterConfig.Arn
}

// scheduleInput is the input of CreateSchedule and UpdateSchedule.
type scheduleInput struct {
	settings
	Name, GroupName, ClientToken string
}

// read returns the schedule that a CreateSchedule or UpdateSchedule asks for.
func (s *Service) read(in *scheduleInput) (*schedule, error) {
	in.setDefaults()
	k := keyOf(in.GroupName, in.Name)
	if err := in.validate(); err != nil {
		return nil, err
	}
	now := s.config.Clock.Now()
	begin := now
	if in.StartDate != nil {
		begin = fromTimestamp(*in.StartDate)
	}
	times, err := parseExpression(in.ScheduleExpression, in.ScheduleExpressionTimezone, begin)
	if err != nil {
		return nil, err
	}
	made := s.config.Now()
	sch := &schedule{settings: in.settings, key: k, arn: s.scheduleARN(k), token: in.ClientToken, created: made, changed: made, times: times}
	from := now
	if begin.After(now) {
		from = begin
	}
	if at, one := times.(once); one {
		from = time.Time(at)
		if from.Before(now) && !s.config.RunPast {
			return nil, validation("Invalid Schedule Expression %s: it is in the past, now is %s.", in.ScheduleExpression,
				now.UTC().Format(time.RFC3339))
		}
	}
	if !s.config.Roles.CanAssume(in.Target.RoleArn, principal, s.groupARN(k.group)) {
		return nil, validation("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	if in.State == stateEnabled {
		sch.await(from.Add(-time.Nanosecond))
	}
	return sch, nil
}

// principal is the principal that a role's trust policy must name.
const principal = "scheduler.amazonaws.com"
