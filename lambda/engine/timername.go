// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"regexp"
	"strings"
)

// maxTimerName is EventBridge Scheduler's limit for a schedule's name and for a ClientToken, in characters. A timer's name is used as both.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
const maxTimerName = 64

// aTimerName matches the names that both accept. A schedule's name may also contain dots.
var aTimerName = regexp.MustCompile(`^[0-9a-zA-Z-_]{1,64}$`)

// timerName makes a name from a timer's purpose and the texts that identify it. EventBridge Scheduler accepts every such name, and
// different texts have different names.
func timerName(parts ...string) string {
	name := strings.Join(parts, "-")
	if aTimerName.MatchString(name) {
		return name
	}
	safe := strings.Map(func(r rune) rune {
		if aTimerName.MatchString(string(r)) {
			return r
		}
		return '-'
	}, name)
	mark := "-" + hashed(name)[:16]
	return safe[:min(len(safe), maxTimerName-len(mark))] + mark
}
