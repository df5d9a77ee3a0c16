// SPDX-License-Identifier: MPL-2.0

package chain

// Condition is the outcome of an upstream step's reload that lets a step start.
type Condition string

// The conditions. A canceled reload is neither a success nor a failure: it counts for ConditionCompletion only.
const (
	ConditionSuccess    Condition = "success"
	ConditionFailure    Condition = "failure"
	ConditionCompletion Condition = "completion"
)

// Conditions returns every valid condition.
func Conditions() []Condition {
	return []Condition{ConditionSuccess, ConditionFailure, ConditionCompletion}
}

// Outcome is the result of a reload.
type Outcome string

// The outcomes.
const (
	OutcomeSuccess  Outcome = "success"
	OutcomeFailure  Outcome = "failure"
	OutcomeCanceled Outcome = "canceled"
)

// Outcomes returns every outcome.
func Outcomes() []Outcome { return []Outcome{OutcomeSuccess, OutcomeFailure, OutcomeCanceled} }

// OutcomeOf maps a reload status of Qlik's Reloads API to an outcome. It returns false for a status that is not final or not known.
func OutcomeOf(reloadStatus string) (Outcome, bool) {
	switch reloadStatus {
	case "SUCCEEDED":
		return OutcomeSuccess, true
	case "FAILED", "EXCEEDED_LIMIT":
		return OutcomeFailure, true
	case "CANCELED":
		return OutcomeCanceled, true
	default:
		return "", false
	}
}

// MetBy reports whether a reload that ended with o fulfills the condition.
func (c Condition) MetBy(o Outcome) bool {
	switch c {
	case ConditionSuccess:
		return o == OutcomeSuccess
	case ConditionFailure:
		return o == OutcomeFailure
	case ConditionCompletion:
		return true
	default:
		return false
	}
}
