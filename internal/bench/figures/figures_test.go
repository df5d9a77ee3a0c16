// SPDX-License-Identifier: MPL-2.0

package figures_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
)

var missing = math.NaN()

// same compares values of which NaN is equal to itself.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestSeries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		series              figures.Series
		median, least, most float64
	}{
		"nothing":           {nil, missing, missing, missing},
		"nothing known":     {figures.Series{missing, missing}, missing, missing, missing},
		"one":               {figures.Series{7}, 7, 7, 7},
		"odd":               {figures.Series{9, 1, 5}, 5, 1, 9},
		"even":              {figures.Series{4, 1, 3, 2}, 2.5, 1, 4},
		"with missing ones": {figures.Series{missing, 9, missing, 1, 5}, 5, 1, 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := append(figures.Series(nil), test.series...)
			least, most := test.series.Range()
			if median := test.series.Median(); !same(median, test.median) || !same(least, test.least) || !same(most, test.most) {
				t.Errorf("median %v, range %v–%v; want %v, %v–%v", median, least, most, test.median, test.least, test.most)
			}
			for i := range before {
				if !same(before[i], test.series[i]) {
					t.Errorf("the series was changed to %v", test.series)
				}
			}
		})
	}
}

func TestRatioOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b figures.Series
		want figures.Ratio
	}{
		"of medians, not the median of ratios": {figures.Series{2, 10, 30}, figures.Series{1, 20, 10}, figures.Ratio{OfMedians: 1, Min: 0.5, Max: 3}},
		"a round that one does not have":       {figures.Series{2, missing, 4}, figures.Series{1, 1, 2}, figures.Ratio{OfMedians: 3, Min: 2, Max: 2}},
		"one is longer":                        {figures.Series{2, 2, 2}, figures.Series{1}, figures.Ratio{OfMedians: 2, Min: 2, Max: 2}},
		"nothing to compare with":              {figures.Series{2}, nil, figures.Ratio{OfMedians: missing, Min: missing, Max: missing}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := figures.RatioOf(test.a, test.b)
			if !same(got.OfMedians, test.want.OfMedians) || !same(got.Min, test.want.Min) || !same(got.Max, test.want.Max) {
				t.Errorf("RatioOf() = %+v, want %+v", got, test.want)
			}
		})
	}
}

func report() *figures.Report {
	r := &figures.Report{Host: "a machine", Comments: []string{"a comment"}}
	table := r.Add("Programs", "ours", "theirs", "nobody's")
	start := table.Row("start", "ms")
	start.Set("ours", 1, 12.34) // before the round before it
	start.Set("ours", 0, 10)
	start.Set("theirs", 0, 100.4)
	start.Set("theirs", 1, 100.4)
	table.Row("size", "MB").Set("ours", 0, 0.12345)
	r.Compare("ours ÷ theirs", start.Values["ours"], start.Values["theirs"], 0.2)
	r.Compare("theirs ÷ ours", start.Values["theirs"], start.Values["ours"], 1)
	r.Compare("ours ÷ nobody's", start.Values["ours"], start.Values["nobody's"], 1)
	r.Limit("size", table.Row("size", "MB").Values["ours"], 1)
	return r
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report().Markdown(&b); err != nil {
		t.Fatal(err)
	}
	want := `a machine

### Programs

|  | unit | ours | theirs | nobody's |
| --- | --- | ---: | ---: | ---: |
| start | ms | 11.2 (10–12.3) | 100 | – |
| size | MB | 0.123 | – | – |

### Targets

| what | got | in one round | at most |  |
| --- | ---: | ---: | ---: | --- |
| ours ÷ theirs | 0.111 | 0.0996–0.123 | 0.2 | met |
| theirs ÷ ours | 8.99 | 8.14–10.0 | 1 | missed |
| ours ÷ nobody's | – | – | 1 | absent |
| size | 0.123 | 0.123–0.123 | 1 | met |

- a comment
`
	if b.String() != want {
		t.Errorf("Markdown() =\n%s\nwant\n%s", b.String(), want)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report().JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tables []struct {
			Rows []struct{ Values map[string][]*float64 }
		}
		Targets []struct {
			Got     map[string]*float64
			Unknown bool
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if ours := got.Tables[0].Rows[0].Values["ours"]; len(ours) != 2 || *ours[0] != 10 || *ours[1] != 12.34 {
		t.Errorf("the values are %v", ours)
	}
	if absent := got.Targets[2]; !absent.Unknown || absent.Got["of_medians"] != nil {
		t.Errorf("what is missing is %+v", absent)
	}
}
