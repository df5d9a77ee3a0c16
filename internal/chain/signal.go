// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Signal is a step that waits for a report from outside Qlik Cloud: a request, or an event of EventBridge.
type Signal struct {
	EventPattern string `json:"event_pattern,omitempty"` // JSON of the events that count as reports; empty: none do
	EventBus     string `json:"event_bus,omitempty"`     // its name; empty: DefaultEventBus
	// Outcome is what an event reports: an Outcome, or the path of a word in the event, for example $.detail.status. Empty: success.
	Outcome string `json:"outcome,omitempty"`
	// QuietFor is how long no further signal may come before those that came count, together as one. 0: each counts, and at once.
	QuietFor Duration `json:"quiet_for,omitempty"`
}

// DefaultEventBus is the bus to which AWS's own services send their events.
const DefaultEventBus = "default"

// MaxEventPattern is the most characters of a pattern that AWS takes without a higher quota
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html).
const MaxEventPattern = 2048

// MaxQuietFor is the longest QuietFor.
const MaxQuietFor = 6 * hour

// canonical returns the signal without what is the default.
func (s *Signal) canonical() *Signal {
	if s == nil {
		return nil
	}
	c := *s
	c.EventBus, c.Outcome = unlessDefault(c.EventBus, DefaultEventBus), unlessDefault(c.Outcome, string(OutcomeSuccess))
	return &c
}

// Bus returns the name of the bus with the events that count.
func (s *Signal) Bus() string { return orDefault(s.EventBus, DefaultEventBus) }

// IDPath returns the path of what is the same in each copy of an event. A chain's own event may be put twice: its detail has an id. Another
// sender's detail need not have one, so the pattern has to match events of chains only.
func (s *Signal) IDPath() string {
	var pattern struct {
		Source []any `json:"source"`
	}
	if json.Unmarshal([]byte(s.EventPattern), &pattern) == nil && len(pattern.Source) == 1 && pattern.Source[0] == EventSource {
		return "$.detail.id"
	}
	return "$.id"
}

// OutcomePath returns the path at which an event has its outcome, or false if each event has the same one.
func (s *Signal) OutcomePath() (path string, found bool) {
	return s.Outcome, strings.HasPrefix(s.Outcome, "$")
}

// SignalSteps returns the keys of the steps for which events count, sorted.
func (d *Definition) SignalSteps() []string {
	var steps []string
	for key, s := range d.Steps {
		if s.Signal != nil && s.Signal.EventPattern != "" {
			steps = append(steps, key)
		}
	}
	slices.Sort(steps)
	return steps
}

// RuleSuffix returns how the name of the EventBridge rule of a step ends. A step's key may have characters that no rule's name has.
func RuleSuffix(step string) string {
	sum := sha256.Sum256([]byte(step))
	return hex.EncodeToString(sum[:])[:15]
}

// EventSignal is what an EventBridge rule passes to the function for each event that matches a step's pattern.
type EventSignal struct {
	Source     string    `json:"source"` // always EventSignalSource
	Step       string    `json:"step"`
	ID         string    `json:"id"`   // the event's: the same if EventBridge delivers it again
	Time       time.Time `json:"time"` // the event's
	From       string    `json:"from"` // the event's source
	DetailType string    `json:"detail_type"`
	Outcome    string    `json:"outcome"` // a word that WordOutcome reads; empty: the event has none at the path
}

// EventSignalSource marks an EventSignal.
const EventSignalSource = "qlik-task-chain-signal"

// outcomeWords are words that services use for outcomes, in lower case and without spaces, hyphens and underscores.
var outcomeWords = map[Outcome][]string{
	OutcomeSuccess: {
		"success", "succeeded", "successful", "succeed", "complete", "completed", "finished", "passed", "done", "ok", "true",
		"recovered", // of a chain's RunEnded
	},
	OutcomeCanceled: {"canceled", "cancelled", "cancel", "aborted", "stopped", "terminated"},
	OutcomeFailure:  {"failure", "failed", "fail", "error", "errored", "timeout", "timedout", "false"},
}

// WordOutcome returns the outcome that a word in an event means. An unknown word is a failure, so that nothing starts by mistake; known
// says whether it was one of the known words.
func WordOutcome(word string) (outcome Outcome, known bool) {
	plain := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(word))
	for _, outcome := range Outcomes() {
		if slices.Contains(outcomeWords[outcome], plain) {
			return outcome, true
		}
	}
	return OutcomeFailure, false
}
