// SPDX-License-Identifier: MPL-2.0

package chain

// FailureLog says how much of the script's log of a failed reload the record and the notifications show.
type FailureLog struct {
	Lines int `json:"lines"` // 1 to MaxLogLines, the last ones
}

// MaxLogLines is the maximum number of lines of a log that the record keeps.
const MaxLogLines = 100

func (v *validation) failureLog(l *FailureLog) {
	if l != nil && (l.Lines < 1 || l.Lines > MaxLogLines) {
		v.report(Path{"failure_log", "lines"}, "lines is %d. Use 1 to %d, or leave failure_log out to read no log.", l.Lines, MaxLogLines)
	}
}
