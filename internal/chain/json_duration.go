// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"strings"
	"time"
)

var durationPattern = pattern(`^(\d+h)?(\d+m)?(\d+s)?$`)

// ParseDuration reads a duration as a definition writes it: whole hours, minutes and seconds, such as "6h", "90m" or "1h30m".
// It is longer than 0: a duration of 0 in a definition is one that is not set.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" || !durationPattern().MatchString(s) {
		return 0, fmt.Errorf("%q is not a duration: use whole hours, minutes and seconds, such as \"6h\", \"90m\" or \"1h30m\"", s)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is too long for a duration", s)
	}
	if d == 0 {
		return 0, fmt.Errorf("the duration %q is nothing: leave it out", s)
	}
	return d, nil
}

// FormatDuration writes a duration in whole seconds so that ParseDuration reads it, without units that are zero: "6h", "1m30s".
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// duration is a duration's JSON.
type duration time.Duration

// MarshalText writes the duration as FormatDuration does.
func (d duration) MarshalText() ([]byte, error) { return []byte(FormatDuration(time.Duration(d))), nil }

// UnmarshalText reads what ParseDuration reads.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	*d = duration(parsed)
	return err
}
