// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"regexp"
	"strings"
)

// maxTimerName is the most characters that EventBridge Scheduler takes for a schedule's name and for a ClientToken. A timer's name is both.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
const maxTimerName = 64

// aTimerName is what both may be. A schedule's name may also have dots.
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
