// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/criticalpath"
)

// TestOrder: every operation has a path, so that none comes after itself or after one that is not there.
func TestOrder(t *testing.T) {
	t.Parallel()
	for operation := range order {
		path, err := order.Longest([]criticalpath.Call{{Operation: operation, Took: time.Second}})
		if err != nil || path.String() != operation {
			t.Errorf("the path to %s is %s, %v", operation, path, err)
		}
	}
	_, err := order.Longest([]criticalpath.Call{{Operation: "iam.DoSomethingNew"}})
	var unknown *criticalpath.UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("an unknown operation: %v", err)
	}
}

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
		"nothing": "", "no beginning": ends, "no end": begins, "the other way round": strings.Replace(begins+ends, "15:01:05", "15:01:07", 1), "no JSON": "Error:\n",
	} {
		if from, to, err := span([]byte(output), "apply_start", "apply_complete"); err == nil {
			t.Errorf("%s: span() = %s to %s", name, from, to)
		}
	}
}
