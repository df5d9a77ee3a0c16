// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	const before = `{"@timestamp":"2026-11-26T15:01:04.986211Z","type":"planned_change"}` + "\n"
	const begins = `{"@timestamp":"2026-11-26T15:01:05.297394Z","type":"apply_start","hook":{}}` + "\n"
	const ends = `{"@timestamp":"2026-11-26T15:01:06.688897Z","type":"apply_complete"}` + "\n"
	from, to, err := span([]byte(before+begins+ends), "apply_start", "apply_complete")
	if err != nil || to.Sub(from) != 1391503*time.Microsecond {
		t.Errorf("span() = %s to %s, %v", from, to, err)
	}
	for name, output := range map[string]string{
		"nothing": "", "no beginning": ends, "no end": begins, "no JSON": "Error:\n",
		"the other way round": strings.Replace(begins+ends, "15:01:05", "15:01:07", 1),
	} {
		if from, to, err := span([]byte(output), "apply_start", "apply_complete"); err == nil {
			t.Errorf("%s: span() = %s to %s", name, from, to)
		}
	}
}
