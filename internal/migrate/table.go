// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table is the content of an export: the columns' names, and rows of cells.
type table struct {
	columns []string
	rows    []row
}

// row is one row of a table.
type row struct {
	number int // as in a spreadsheet: the columns' names are row 1
	line   int // in a CSV file; 0 in JSON
	cells  []string
}

// readTable reads CSV, with commas, semicolons or tabs, or JSON: an array of rows. The first one has the columns' names.
func readTable(data []byte) (*table, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	read := readCSV
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		read = readJSON
	}
	rows, err := read(text)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("the table is empty. Export it with --output-format table --output-dest file")
	}
	t := &table{rows: rows[1:]}
	place := map[string]int{}
	for i, title := range rows[0].cells {
		name := strings.Join(strings.Fields(title), " ")
		if first, twice := place[name]; twice && name != "" {
			return nil, fmt.Errorf("the columns %s and %s are both called %q. Remove one of them", columnLetters(first), columnLetters(i), name)
		}
		place[name] = i
		t.columns = append(t.columns, name)
	}
	return t, nil
}

func readCSV(text []byte) ([]row, error) {
	skipped := 0
	if first, rest, found := bytes.Cut(text, []byte("\n")); found && bytes.HasPrefix(first, []byte("sep=")) { // Excel names it so
		text, skipped = rest, 1
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord, reader.Comma = -1, separator(text)
	var rows []row
	for {
		cells, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("the file is neither JSON nor CSV: %w. Export it again", err)
		}
		line, _ := reader.FieldPos(0)
		rows = append(rows, row{len(rows) + 1, line + skipped, cells})
	}
}

// separator returns the character between the columns' names: the most frequent of the three that spreadsheets write.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	best := ','
	for _, other := range []rune{';', '\t'} {
		if bytes.Count(header, []byte(string(other))) > bytes.Count(header, []byte(string(best))) {
			best = other
		}
	}
	return best
}

func readJSON(text []byte) ([]row, error) {
	var values [][]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(&values)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the table")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the file is not a table of Ctrl-Q: %w. Export it with --output-format table; a task tree has neither the "+
			"tasks' ids nor their triggers", err)
	}
	var rows []row
	for i, cells := range values {
		r := row{number: i + 1}
		for j, value := range cells {
			switch v := value.(type) {
			case nil:
				r.cells = append(r.cells, "")
			case string:
				r.cells = append(r.cells, v)
			case bool, json.Number:
				r.cells = append(r.cells, fmt.Sprint(v))
			default:
				return nil, fmt.Errorf("cell %s%d is neither a text, a number nor a boolean. Export the table again", columnLetters(j), i+1)
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// columnLetters returns a column's name in a spreadsheet: A to Z, AA, AB and so on.
func columnLetters(i int) string {
	letters := ""
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return letters
}
