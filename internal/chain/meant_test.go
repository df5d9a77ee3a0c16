// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestDurationsInOtherForms checks that the error proposes a duration of the same length, or none.
func TestDurationsInOtherForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"5 minutes": 5 * time.Minute, "1 hour, 30 min": 90 * time.Minute, "1.5h": 90 * time.Minute, "2 Days": 48 * time.Hour,
		"1 hour and 5 minutes": 65 * time.Minute, "1w": 7 * 24 * time.Hour, "PT5M": 5 * time.Minute, "P1DT12H": 36 * time.Hour,
		"90min":   90 * time.Minute,
		"PT1H30M": 90 * time.Minute, "1h 30m": 90 * time.Minute,
		"300": 0, "": 0, "P1M": 0, "a day": 0, "-5m": 0, "0 minutes": 0, "PT": 0, "5 months": 0, "1e3s": 0, "99999999999999999999 days": 0,
	} {
		_, err := chain.ParseDuration(text)
		if err == nil {
			t.Errorf("%q is accepted", text)
			continue
		}
		_, proposed, found := strings.Cut(err.Error(), ": write ")
		if want == 0 {
			if found {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		got, parseErr := chain.ParseDuration(strings.Trim(proposed, `"`))
		if parseErr != nil || got != want {
			t.Errorf("%q: %v, want one of %v", text, err, want)
		}
	}
}

// TestGuardsOfOtherLanguages checks that the error proposes the guard that was meant, if that is clear.
func TestGuardsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for guard, want := range map[string]string{
		"weekday = 1":                      `Did you mean "weekday == 1"?`,
		"weekday == 1 AND hour < 6":        `Did you mean "weekday == 1 and hour < 6"?`,
		"weekday <> 7":                     `Did you mean "weekday != 7"?`,
		"weekday IN (6, 7) OR day = 1":     `Did you mean "weekday in [6, 7] or day == 1"?`,
		"hour >= 6 and status = 'success'": `Did you mean "hour >= 6 and status == 'success'"?`,
	} {
		_, err := chain.CompileGuard(guard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", guard, err, want)
			continue
		}
		_, meant, _ := strings.Cut(err.Error(), `Did you mean "`)
		if _, err := chain.CompileGuard(strings.TrimSuffix(meant, `"?`)); err != nil {
			t.Errorf("%s: the proposal: %v", guard, err)
		}
	}
	if _, err := chain.CompileGuard("weekday == ="); err == nil || strings.Contains(err.Error(), "Did you mean") {
		t.Error(err)
	}
}
