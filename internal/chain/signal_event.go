// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EventSignal returns what the rule of a step with this key makes of an event, for an event that came without the rule's transformation.
func (s *Signal) EventSignal(step string, event []byte) (*EventSignal, error) {
	var parsed struct {
		Time       time.Time `json:"time"`
		Source     string    `json:"source"`
		DetailType string    `json:"detail-type"`
	}
	var document any
	if err := json.Unmarshal(event, &parsed); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	if err := json.Unmarshal(event, &document); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	e := &EventSignal{
		Source: EventSignalSource, Step: step, ID: wordAt(document, s.IDPath()), Time: parsed.Time, From: parsed.Source,
		DetailType: parsed.DetailType, Outcome: orDefault(s.Outcome, string(OutcomeSuccess)),
	}
	if e.ID == "" { // the event only looks like a chain's; without any id, all such events would be the same one
		e.ID = wordAt(document, "$.id")
	}
	if path, found := s.OutcomePath(); found {
		e.Outcome = wordAt(document, path)
	}
	return e, nil
}

// wordAt returns the value at a path as EventBridge writes it between quotes; empty if the event has none there.
func wordAt(document any, path string) string {
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch value := document.(type) {
		case map[string]any:
			document = value[part]
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(value) {
				return ""
			}
			document = value[index]
		default:
			return ""
		}
	}
	switch value := document.(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		return fmt.Sprint(value)
	}
}
