// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"strconv"
	"strings"
	"time"
)

var (
	isoDuration = pattern(`^p(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?$`)
	wordPattern = pattern(`^(\d+(?:\.\d+)?)(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?:,|and)?`)
)

var unitLengths = map[byte]time.Duration{'w': 7 * day, 'd': day, 'h': time.Hour, 'm': time.Minute, 's': time.Second}

// meantDuration reads a duration in words, such as "5 minutes", or in the form of ISO 8601, such as "PT5M". It returns it as ParseDuration
// reads it, or an empty text.
func meantDuration(s string) string {
	rest := strings.ToLower(strings.Join(strings.Fields(s), ""))
	var d time.Duration
	if iso := isoDuration().FindStringSubmatch(rest); iso != nil {
		for i, unit := range []byte("wdhms") {
			n, _ := strconv.Atoi(iso[i+1]) // a missing part is 0
			d += time.Duration(n) * unitLengths[unit]
		}
		rest = ""
	}
	for rest != "" {
		part := wordPattern().FindStringSubmatch(rest)
		if part == nil {
			return ""
		}
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil {
			return ""
		}
		d += time.Duration(n * float64(unitLengths[part[2][0]]))
		rest = rest[len(part[0]):]
	}
	if meant := FormatDuration(d); d > 0 && durationPattern().MatchString(meant) {
		return meant
	}
	return ""
}
