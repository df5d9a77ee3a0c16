// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"errors"
	"testing"
	"time"
)

// parseOnce reads the expression of a one-time schedule. That of another is an error.
func parseOnce(expression, timezone string) (time.Time, error) {
	times, err := parseExpression(expression, timezone, time.Time{})
	if err != nil {
		return time.Time{}, err
	}
	at, one := times.(once)
	if !one {
		return time.Time{}, errors.New("it is a recurring schedule")
	}
	return time.Time(at), nil
}

func FuzzParseExpression(f *testing.F) {
	f.Add("at(2026-11-23T05:00:00)", "UTC")
	f.Add("at(2026-03-29T02:30:00)", "Europe/Berlin")
	f.Add("at(2026-11-23T05:00:00.5)", "")
	f.Add("rate(5 minutes)", "UTC")
	f.Add("cron(0 5 * * ? *)", "UTC")
	f.Fuzz(func(t *testing.T, expression, timezone string) {
		utc, err := parseOnce(expression, "UTC")
		if err != nil {
			return
		}
		if got := "at(" + utc.Format(atLayout) + ")"; got != expression {
			t.Errorf("%q was taken for %s", expression, got)
		}
		at, err := parseOnce(expression, timezone)
		if difference := at.Sub(utc).Abs(); err == nil && difference > 26*time.Hour {
			t.Errorf("%q is %s from UTC in the time zone %q", expression, difference, timezone)
		}
	})
}

// TestParseExpression reads times in the zones that they are meant in.
func TestParseExpression(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expression, timezone, want string }{
		{"at(2026-11-23T05:00:00)", "UTC", "2026-11-23T05:00:00Z"},
		{"at(2026-11-23T05:00:01)", "Europe/Berlin", "2026-11-23T04:00:01Z"},
		{"at(2026-07-01T05:00:00)", "Europe/Berlin", "2026-07-01T03:00:00Z"},
		{"at(2026-11-23T05:00:00)", "Asia/Kolkata", "2026-11-22T23:30:00Z"},
	} {
		at, err := parseOnce(tt.expression, tt.timezone)
		if got := at.UTC().Format(time.RFC3339); err != nil || got != tt.want {
			t.Errorf("%s in %s is %s, want %s (%v)", tt.expression, tt.timezone, got, tt.want, err)
		}
	}
}
