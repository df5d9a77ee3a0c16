// SPDX-License-Identifier: MPL-2.0

// Package figures turns measurements into ratios and tables.
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

// Least returns the least value, which other work of the machine has disturbed least; NaN without a value.
func (s Series) Least() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return slices.Min(s)
}

// Report is all that was measured.
type Report struct {
	Title  string
	tables []*Table
	ratios []string
}

// Table adds a table with these columns.
func (r *Report) Table(title string, columns ...string) *Table {
	t := &Table{title: title, columns: columns, units: map[string]string{}, values: map[[2]string]Series{}}
	r.tables = append(r.tables, t)
	return t
}

// Compare adds the ratio of two series.
func (r *Report) Compare(what string, a, b Series) {
	r.ratios = append(r.ratios, line(what, number(a.Least()/b.Least())))
}

// Table is rows of measurements of several programs.
type Table struct {
	title         string
	columns, rows []string
	units         map[string]string    // by row
	values        map[[2]string]Series // by row and column
}

// Add adds the value of a round.
func (t *Table) Add(row, unit, column string, value float64) {
	if t.units[row] == "" {
		t.rows, t.units[row] = append(t.rows, row), unit
	}
	cell := [2]string{row, column}
	t.values[cell] = append(t.values[cell], value)
}

// Series returns a row's values of a column; none if nothing was measured.
func (t *Table) Series(row, column string) Series { return t.values[[2]string{row, column}] }

// Markdown returns the report as text: of every measurement the least value.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Title)
	for _, t := range r.tables {
		fmt.Fprintf(&b, "\n### %s\n\n", t.title)
		b.WriteString(line(slices.Concat([]string{"", "unit"}, t.columns)...))
		b.WriteString(line(slices.Concat([]string{"---", "---"}, slices.Repeat([]string{"---:"}, len(t.columns)))...))
		for _, row := range t.rows {
			cells := []string{row, t.units[row]}
			for _, column := range t.columns {
				cells = append(cells, number(t.Series(row, column).Least()))
			}
			b.WriteString(line(cells...))
		}
	}
	b.WriteString("\n### Ratios\n\n" + line("", "") + line("---", "---:") + strings.Join(r.ratios, ""))
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
	default:
		return fmt.Sprintf("%.3g", f)
	}
}
