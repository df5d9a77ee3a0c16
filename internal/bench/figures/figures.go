// SPDX-License-Identifier: MPL-2.0

// Package figures turns measurements into medians, ratios and tables.
package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Config configures a measurement.
type Config struct {
	Root   string // the project's folder
	Dir    string // for files of the run
	Rounds int
	Say    func(string) // receives what is being measured
}

// Series is one measurement, repeated: one value a round.
type Series []float64

// Median returns the value in the middle, or the mean of the two in the middle; NaN without a value.
func (s Series) Median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// String shows the median, with the range behind it; a dash without a value.
func (s Series) String() string {
	if len(s) == 0 {
		return "–"
	}
	least, most := slices.Min(s), slices.Max(s)
	if least == most {
		return number(least)
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.Median()), number(least), number(most))
}

// Report is all that was measured.
type Report struct {
	Title  string
	tables []*Table
	ratios []string
}

// Table adds a table with these columns.
func (r *Report) Table(title string, columns ...string) *Table {
	t := &Table{title: title, columns: columns}
	r.tables = append(r.tables, t)
	return t
}

// Compare adds the ratio of two series. It should be at most atMost.
func (r *Report) Compare(what string, a, b Series, atMost float64) {
	ratio, verdict := a.Median()/b.Median(), "missed"
	switch {
	case math.IsNaN(ratio):
		verdict = "not measured"
	case ratio <= atMost:
		verdict = "met"
	}
	r.ratios = append(r.ratios, line(what, number(ratio), number(atMost), verdict))
}

// Table is rows of measurements of several programs.
type Table struct {
	title   string
	columns []string
	rows    []*row
}

type row struct {
	what, unit string
	values     map[string]Series // by column
}

// Add adds the value of a round.
func (t *Table) Add(what, unit, column string, value float64) {
	i := slices.IndexFunc(t.rows, func(r *row) bool { return r.what == what })
	if i < 0 {
		i = len(t.rows)
		t.rows = append(t.rows, &row{what: what, unit: unit, values: map[string]Series{}})
	}
	t.rows[i].values[column] = append(t.rows[i].values[column], value)
}

// Series returns a row's values of a column; none if nothing was measured.
func (t *Table) Series(what, column string) Series {
	for _, r := range t.rows {
		if r.what == what {
			return r.values[column]
		}
	}
	return nil
}

// Markdown returns the report as text: every value as its median, with the range behind it.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Title)
	for _, t := range r.tables {
		fmt.Fprintf(&b, "\n### %s\n\n", t.title)
		b.WriteString(line(slices.Concat([]string{"", "unit"}, t.columns)...))
		b.WriteString(line(slices.Concat([]string{"---", "---"}, slices.Repeat([]string{"---:"}, len(t.columns)))...))
		for _, row := range t.rows {
			cells := []string{row.what, row.unit}
			for _, column := range t.columns {
				cells = append(cells, row.values[column].String())
			}
			b.WriteString(line(cells...))
		}
	}
	b.WriteString("\n### Ratios\n\n" + line("what", "of the medians", "wanted at most", ""))
	b.WriteString(line("---", "---:", "---:", "---"))
	b.WriteString(strings.Join(r.ratios, ""))
	return b.String()
}

func line(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// number formats with three digits, and whole numbers without fraction.
func number(f float64) string {
	switch size := math.Abs(f); {
	case math.IsNaN(f):
		return "–"
	case size >= 100 || f == math.Trunc(f):
		return fmt.Sprintf("%.0f", f)
	case size >= 10:
		return fmt.Sprintf("%.1f", f)
	case size >= 1:
		return fmt.Sprintf("%.2f", f)
	default:
		return fmt.Sprintf("%.3g", f)
	}
}
