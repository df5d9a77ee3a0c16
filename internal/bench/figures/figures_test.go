// SPDX-License-Identifier: MPL-2.0

package figures_test

import (
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	r := &figures.Report{Title: "a machine"}
	table := r.Table("Programs", "ours", "theirs", "absent")
	for _, round := range []struct{ ours, theirs float64 }{{10, 100.4}, {12.34, 100.4}, {30, 20.42}} {
		table.Add("start", "ms", "ours", round.ours)
		table.Add("start", "ms", "theirs", round.theirs)
	}
	table.Add("size", "MB", "ours", 0.12345)
	r.Compare("ours ÷ theirs", table.Series("start", "ours"), table.Series("start", "theirs"))
	r.Compare("ours ÷ absent", table.Series("start", "ours"), table.Series("start", "absent"))
	const want = `a machine

### Programs

|  | unit | ours | theirs | absent |
| --- | --- | ---: | ---: | ---: |
| start | ms | 10 | 20.4 | – |
| size | MB | 0.123 | – | – |

### Ratios

|  |  |
| --- | ---: |
| ours ÷ theirs | 0.49 |
| ours ÷ absent | – |
`
	if got := r.Markdown(); got != want {
		t.Errorf("Markdown() =\n%s\nwant\n%s", got, want)
	}
}
