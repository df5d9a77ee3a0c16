// SPDX-License-Identifier: MPL-2.0

package figures

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Report is all that one run has measured.
type Report struct {
	Host     string    `json:"host"`   // what it ran on
	Tables   []*Table  `json:"tables"` // in the order in which they are shown
	Targets  []*Target `json:"targets"`
	Comments []string  `json:"comments"`
}

// Table is rows that share their columns.
type Table struct {
	Title   string   `json:"title"`
	Columns []string `json:"columns"`
	Rows    []*Row   `json:"rows"`
}

// Row is one thing that was measured of several programs or sizes.
type Row struct {
	What   string            `json:"what"`
	Unit   string            `json:"unit"`
	Values map[string]Series `json:"values"` // by column; one that is missing was not, or could not be, measured
}

// Add adds a table.
func (r *Report) Add(title string, columns ...string) *Table {
	t := &Table{Title: title, Columns: columns}
	r.Tables = append(r.Tables, t)
	return t
}

// Row returns the row with this name, which it adds unless it is there.
func (t *Table) Row(what, unit string) *Row {
	for _, row := range t.Rows {
		if row.What == what {
			return row
		}
	}
	row := &Row{What: what, Unit: unit, Values: map[string]Series{}}
	t.Rows = append(t.Rows, row)
	return row
}

// Set notes the value of a column in a round. Rounds may come in any order.
func (r *Row) Set(column string, round int, value float64) {
	s := r.Values[column]
	for len(s) <= round {
		s = append(s, math.NaN())
	}
	s[round] = value
	r.Values[column] = s
}

// Target is what a ratio, or a value, should come to.
type Target struct {
	What    string  `json:"what"`
	Got     Ratio   `json:"got"` // of a value: itself
	AtMost  float64 `json:"at_most"`
	Unknown bool    `json:"unknown,omitempty"` // what it compares with was not there
}

// Compare notes a target for the ratio of two series.
func (r *Report) Compare(what string, a, b Series, atMost float64) {
	ratio := RatioOf(a, b)
	r.Targets = append(r.Targets, &Target{What: what, Got: ratio, AtMost: atMost, Unknown: math.IsNaN(ratio.OfMedians)})
}

// Limit notes a target for a value.
func (r *Report) Limit(what string, s Series, atMost float64) {
	least, most := s.Range()
	median := s.Median()
	r.Targets = append(r.Targets, &Target{What: what, Got: Ratio{median, least, most}, AtMost: atMost, Unknown: math.IsNaN(median)})
}

// verdict says in a word what came of a target.
func (t *Target) verdict() string {
	switch {
	case t.Unknown:
		return "absent"
	case t.Got.OfMedians <= t.AtMost:
		return "met"
	default:
		return "missed"
	}
}

// Markdown writes the report for people: every value as its median, with the range behind it.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Host)
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n### %s\n\n", t.Title)
		line(&b, slices.Concat([]string{"", "unit"}, t.Columns)...)
		line(&b, slices.Concat([]string{"---", "---"}, slices.Repeat([]string{"---:"}, len(t.Columns)))...)
		for _, row := range t.Rows {
			cells := []string{row.What, row.Unit}
			for _, column := range t.Columns {
				cells = append(cells, cell(row.Values[column]))
			}
			line(&b, cells...)
		}
	}
	fmt.Fprint(&b, "\n### Targets\n\n")
	line(&b, "what", "got", "in one round", "at most", "")
	line(&b, "---", "---:", "---:", "---:", "---")
	for _, t := range r.Targets {
		line(&b, t.What, number(t.Got.OfMedians), span(t.Got.Min, t.Got.Max), number(t.AtMost), t.verdict())
	}
	for _, comment := range r.Comments {
		fmt.Fprintf(&b, "\n- %s", comment)
	}
	if len(r.Comments) > 0 {
		fmt.Fprintln(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func line(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// cell shows a series: nothing measured is a dash, one value stands alone.
func cell(s Series) string {
	least, most := s.Range()
	switch {
	case math.IsNaN(least):
		return "–"
	case least == most:
		return number(least)
	default:
		return number(s.Median()) + " (" + span(least, most) + ")"
	}
}

func span(least, most float64) string {
	if math.IsNaN(least) {
		return "–"
	}
	return number(least) + "–" + number(most)
}

// number shows three digits that count, and whole numbers whole.
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

// JSON writes the report for programs, every value of every round in it.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// MarshalJSON writes a value that is missing as null, since JSON has no NaN.
func (s Series) MarshalJSON() ([]byte, error) {
	values := make([]*float64, len(s))
	for i := range s {
		values[i] = orNull(s[i])
	}
	return json.Marshal(values)
}

// MarshalJSON does likewise.
func (r Ratio) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]*float64{"of_medians": orNull(r.OfMedians), "min": orNull(r.Min), "max": orNull(r.Max)})
}

func orNull(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}
