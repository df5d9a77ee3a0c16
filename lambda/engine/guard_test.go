// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestGuardOfARerun: the guard of examples/nightly keeps the archive from a reload of transform by hand. A rerun from a failed transform
// begins at transform too, and makes the archive.
func TestGuardOfARerun(t *testing.T) {
	t.Parallel()
	const guard = "not (by_reload and origin == 'transform')"
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract": {}, "transform": {After: after("extract", "success")}, "archive": {After: after("transform", "success"), When: guard},
	}))
	w.somebodyElse("extract", "SUCCEEDED")
	w.ends("transform", "FAILED")
	w.clock.Advance(time.Minute)
	w.rerun(t, w.firstRunID(), "transform", "1")
	w.play(1, 1)
	if w.stands(2, "archive") != "succeeded" || w.count("archive") != 1 {
		t.Errorf("after a rerun, archive is %s: %s", w.stands(2, "archive"), w.reason(2, "archive"))
	}
	w.clock.Advance(time.Minute)
	w.somebodyElse("transform", "SUCCEEDED")
	want := "is skipped: guard `" + guard + "` was false with origin = \"transform\", by_reload = true"
	if got := w.reason(3, "archive"); got != want {
		t.Errorf("after a reload by hand, archive %s, want %s", got, want)
	}
}
