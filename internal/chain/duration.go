// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var durationPattern = pattern(`^(?:(\d+)d)?((?:\d+h)?(?:\d+m)?(?:\d+s)?)$`)

const (
	day    = 24 * time.Hour
	hour   = Duration(time.Hour)
	minute = Duration(time.Minute)
)

// ParseDuration parses a duration of a definition: whole days, hours, minutes and seconds, for example "7d", "6h", "90m" or "1h30m". A day
// has 24 hours. The result is longer than 0, because 0 in a definition means that the duration is not set.
func ParseDuration(s string) (time.Duration, error) {
	parts := durationPattern().FindStringSubmatch(s)
	if s == "" || parts == nil {
		if meant := meantDuration(s); meant != "" {
			return 0, fmt.Errorf("%q is not a duration: write %q", s, meant)
		}
		return 0, fmt.Errorf("%q is not a duration: use whole days, hours, minutes and seconds, such as \"7d\", \"6h\", \"90m\" or \"1h30m\"", s)
	}
	var d time.Duration
	if parts[2] != "" {
		var err error
		if d, err = time.ParseDuration(parts[2]); err != nil {
			return 0, fmt.Errorf("%q is too long for a duration", s)
		}
	}
	if parts[1] != "" {
		days, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil || days > int64((math.MaxInt64-d)/day) {
			return 0, fmt.Errorf("%q is too long for a duration", s)
		}
		d += time.Duration(days) * day
	}
	if d == 0 {
		return 0, fmt.Errorf("the duration %q is nothing: leave it out", s)
	}
	return d, nil
}

// FormatDuration formats a duration in whole seconds so that ParseDuration can parse it. It omits units that are zero: "6h", "1m30s". It
// uses days for whole days from two on: "24h", "36h", "7d".
func FormatDuration(d time.Duration) string {
	if d >= 2*day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Duration is a duration of a definition. Its text, also in JSON, is what FormatDuration writes and ParseDuration reads.
type Duration time.Duration

// String formats the duration as FormatDuration does.
func (d Duration) String() string { return FormatDuration(time.Duration(d)) }

// MarshalText formats the duration as FormatDuration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses what ParseDuration parses.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
