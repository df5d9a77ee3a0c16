// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

// TestRedriveAfterALongOutage: an event could not be handled for longer than a sweep looks back. The sweep reports its end and sets nothing
// off. The event that is sent again by hand carries the chain on, once, however often that is done, and whatever sweeps come after it.
func TestRedriveAfterALongOutage(t *testing.T) {
	t.Parallel()
	config := quick()
	config.Clock = &clock.Clock{}
	config.Clock.Advance(-3 * time.Hour) // the function goes by the real time
	d := deploy(t, config, line(), nil)
	good := d.parameter("definition", "")
	d.parameter("definition", `{"version": 99, "name": "line", "steps": {}}`)
	d.cutOffAfter(30) // has the function read it anew
	d.reload("first")
	d.quiet()
	if letters := d.deadLetters(); len(letters) != 1 {
		t.Fatalf("in the dead-letter queue is %q, want the event", letters)
	}
	d.parameter("definition", good)
	d.cutOffAfter(29)
	for range 2 {
		d.sweepUpTo(time.Hour)
		d.settle()
	}
	if made := d.made(); made["second"] != 0 {
		t.Errorf("a sweep has gone on from an end that was too old: %v", keysOf(made))
	}
	for i := range 2 {
		status, answer := d.operate("/redrive", fmt.Sprint("redrive-", i), "")
		if status != http.StatusAccepted || !strings.Contains(answer, fmt.Sprintf(`"redriven": %d,`, 1-i)) {
			t.Errorf("POST /redrive = %d %s", status, answer)
		}
		d.settle()
	}
	d.sweep()
	d.settle()
	d.expect(map[string]int{"first": 1, "second": 1, "third": 1})
}
