// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cells reads one row of a table, and stores what was read: the rest needs a note.
type cells struct {
	row
	columns  []string
	read     []bool
	problems *[]string // invalid cells, each in a sentence
}

func newCells(t *table, r row, problems *[]string) *cells {
	return &cells{r, t.columns, make([]bool, len(r.cells)), problems}
}

// text returns the text in a column.
func (c *cells) text(column string) string {
	i := slices.Index(c.columns, column)
	if i < 0 || i >= len(c.cells) {
		return ""
	}
	c.read[i] = true
	return strings.TrimSpace(c.cells[i])
}

// has reports whether a column has a value, without reading it.
func (c *cells) has(column string) bool {
	i := slices.Index(c.columns, column)
	return i >= 0 && i < len(c.cells) && strings.TrimSpace(c.cells[i]) != ""
}

// at returns the position of a cell.
func (c *cells) at(column string) string {
	cell := fmt.Sprintf("cell %s%d", columnLetters(slices.Index(c.columns, column)), c.number)
	if c.line != 0 && c.line != c.number {
		cell += fmt.Sprintf(" (line %d of the file)", c.line)
	}
	return fmt.Sprintf("%s, column %q", cell, column)
}

// refuse reports an invalid cell.
func (c *cells) refuse(column, format string, args ...any) {
	*c.problems = append(*c.problems, c.at(column)+", "+fmt.Sprintf(format, args...))
}

// truths and lies are the words for true and false: Ctrl-Q's, and those of Excel in languages with their own words.
var (
	truths = []string{
		"1", "true", "yes", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "sant", "sand", "sann", "tosi", "prawda", "истина",
		"pravda", "igaz", "doğru",
	}
	lies = []string{
		"", "0", "false", "no", "falsch", "faux", "falso", "onwaar", "falskt", "falsk", "usann", "epätosi", "fałsz", "ложь", "nepravda", "hamis",
		"yanliş",
	}
)

// boolean reads true or false. Ctrl-Q writes false as an empty cell into CSV: csv-stringify's default.
func (c *cells) boolean(column string) bool {
	word := strings.ToLower(c.text(column))
	if slices.Contains(truths, word) {
		return true
	}
	if !slices.Contains(lies, word) {
		c.refuse(column, "is %q, which is neither true nor false. Write true or false", word)
	}
	return false
}

// count reads a whole number that is not negative; an empty cell is 0.
func (c *cells) count(column string) int {
	text := c.text(column)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		c.refuse(column, "is %q, which is not a whole number from 0 on. Write one", text)
	}
	return int(n)
}

// word reads one of several words, or nothing.
func (c *cells) word(column string, words ...string) string {
	text := c.text(column)
	if text != "" && !slices.Contains(words, text) {
		c.refuse(column, "is %q. Ctrl-Q writes one of %s", text, strings.Join(words, ", "))
	}
	return text
}

// left returns the columns with a value in this row that were not read.
func (c *cells) left() []string {
	var left []string
	for i, text := range c.cells {
		switch {
		case c.read[i] || strings.TrimSpace(text) == "":
		case i < len(c.columns) && c.columns[i] != "":
			left = append(left, c.columns[i])
		default:
			left = append(left, "column "+columnLetters(i)+", which has no name")
		}
	}
	return left
}
