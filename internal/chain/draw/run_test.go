// SPDX-License-Identifier: MPL-2.0

package draw_test

import (
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

func TestARunInWords(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]draw.Run{
		"under way: of 3 steps 1 succeeded":              {Status: "under_way", Counts: draw.RunCounts{Steps: 3, Succeeded: 1}},
		"queued":                                         {Status: "queued", Counts: draw.RunCounts{Steps: 3}},
		"waits: of 1 step 1 failed":                      {Status: "waiting", Counts: draw.RunCounts{Steps: 1, Failed: 1}},
		"succeeded after 1h 02m: of 2 steps 2 succeeded": {Status: "succeeded", Seconds: 3720, Counts: draw.RunCounts{Steps: 2, Succeeded: 2}},
		"failed after 41s: of 20 steps 2 succeeded, 1 failed, 1 is blocked, 2 expired, 3 were canceled, 4 were skipped, 7 go on in other runs": {
			Status: "failed", Seconds: 41, Counts: draw.RunCounts{Steps: 20, Succeeded: 2, Failed: 1, Blocked: 1, Expired: 2, Canceled: 3,
				Skipped: 4, Continued: 7},
		},
		"canceled after 5.0s: of 4 steps 2 are blocked, 1 was canceled, 1 goes on in another run": {
			Status: "canceled", Seconds: 5, Counts: draw.RunCounts{Steps: 4, Blocked: 2, Canceled: 1, Continued: 1},
		},
	} {
		if got := r.Words(); got != want {
			t.Errorf("the run is in words %q, want %q", got, want)
		}
	}
	if svg := string(night().SVG()); !strings.Contains(svg, "The run of extract_sales, at 24 Nov 02:15:00: waits: of 5 steps 1 succeeded") {
		t.Errorf("the picture's title does not say how the run does: %.300s", svg)
	}
}
