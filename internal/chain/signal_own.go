// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"encoding/json"
	"slices"
)

// CountsEndsOf reports whether ends that the chain with this name reports on the bus are signals too. It returns false for a pattern with
// other conditions: their result is not certain.
func (s *Signal) CountsEndsOf(name string) bool {
	var pattern map[string]json.RawMessage
	if json.Unmarshal([]byte(s.EventPattern), &pattern) != nil || len(pattern) == 0 {
		return false
	}
	var detail map[string]json.RawMessage
	if raw, has := pattern["detail"]; has && json.Unmarshal(raw, &detail) != nil {
		return false
	}
	delete(pattern, "detail")
	return eachNames(pattern, map[string][]string{"source": {EventSource}, "detail-type": {"StepEnded", "RunEnded"}}) &&
		eachNames(detail, map[string][]string{
			"chain": {name}, "kind": {string(KindSignal)}, "outcome": {string(OutcomeSuccess)}, "status": {"SUCCEEDED", "succeeded"},
		})
}

// eachNames reports whether each condition has one of the values that it may have.
func eachNames(conditions map[string]json.RawMessage, values map[string][]string) bool {
	for member, raw := range conditions {
		var wanted []any
		if json.Unmarshal(raw, &wanted) != nil || !slices.ContainsFunc(values[member], func(value string) bool {
			return slices.Contains(wanted, any(value))
		}) {
			return false
		}
	}
	return true
}
