// SPDX-License-Identifier: MPL-2.0

package figures_test

import (
	"math"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
)

func TestSeries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		series figures.Series
		median float64
		text   string
	}{
		"nothing": {nil, math.NaN(), "–"},
		"one":     {figures.Series{7}, 7, "7"},
		"odd":     {figures.Series{9, 1, 5.04}, 5.04, "5.04 (1–9)"},
		"even":    {figures.Series{4, 100.4, 3, 2}, 3.5, "3.50 (2–100)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			median := test.series.Median()
			if median != test.median && !(math.IsNaN(median) && math.IsNaN(test.median)) || test.series.String() != test.text {
				t.Errorf("median %v, %s; want %v, %s", median, test.series, test.median, test.text)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	r := &figures.Report{Title: "a machine"}
	table := r.Table("Programs", "ours", "theirs", "absent")
	for _, round := range []struct{ ours, theirs float64 }{{10, 100.4}, {12.34, 100.4}, {30, 20}} {
		table.Add("start", "ms", "ours", round.ours)
		table.Add("start", "ms", "theirs", round.theirs)
	}
	table.Add("size", "MB", "ours", 0.12345)
	r.Compare("ours ÷ theirs", table.Series("start", "ours"), table.Series("start", "theirs"), 0.2)
	r.Compare("theirs ÷ ours", table.Series("start", "theirs"), table.Series("start", "ours"), 1)
	r.Compare("ours ÷ absent", table.Series("start", "ours"), table.Series("start", "absent"), 1)
	const want = `a machine

### Programs

|  | unit | ours | theirs | absent |
| --- | --- | ---: | ---: | ---: |
| start | ms | 12.3 (10–30) | 100 (20–100) | – |
| size | MB | 0.123 | – | – |

### Ratios

| what | of the medians | wanted at most |  |
| --- | ---: | ---: | --- |
| ours ÷ theirs | 0.123 | 0.2 | met |
| theirs ÷ ours | 8.14 | 1 | missed |
| ours ÷ absent | – | 1 | not measured |
`
	if got := r.Markdown(); got != want {
		t.Errorf("Markdown() =\n%s\nwant\n%s", got, want)
	}
}
