// SPDX-License-Identifier: MPL-2.0

// Package migratetest changes input files of migrations in one place at a time. Tests use it to check that nothing of a file is lost.
package migratetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Mutant is a file that differs from its original in one place.
type Mutant struct {
	What   string // the change, for a test's message
	Member string // the column or member that was changed
	Data   []byte
}

// Table writes a table as CSV.
func Table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		panic(err) // writing to a buffer never fails
	}
	return b.Bytes()
}

// TableMutants changes the cells of a table that choose selects to each of several values with another meaning. It also removes each row
// below the columns' names.
func TableMutants(rows [][]string, choose func(row, column int) bool) []Mutant {
	var all []Mutant
	for i, row := range rows[1:] {
		number := i + 2
		for j, column := range rows[0] {
			if !choose(i+1, j) {
				continue
			}
			others := values(column, row[j])
			if row[j] == "" {
				others = others[:1] // a value for an empty cell
			}
			for _, value := range others {
				changed := slices.Clone(rows)
				changed[i+1] = slices.Clone(row)
				changed[i+1][j] = value
				all = append(all, Mutant{fmt.Sprintf("row %d, %s: %q became %q", number, column, row[j], value), column, Table(changed)})
			}
		}
		all = append(all, Mutant{fmt.Sprintf("without row %d", number), "row", Table(slices.Delete(slices.Clone(rows), i+1, i+2))})
	}
	return all
}

// values returns the values for a changed cell.
func values(column, was string) []string {
	all := []string{"", "7", "true", "other"}
	switch column {
	case "Task type":
		all = append(all, "Reload", "External program", "User sync")
	case "Event type":
		all = append(all, "Schema", "Composite")
	case "Rule state":
		all = append(all, "TaskSuccessful", "TaskFail", "Undefined")
	case "Schema increment option":
		all = append(all, "once", "hourly", "daily")
	case "Schema increment description":
		all = append(all, "0 0 0 0", "0 0 1 0", "30 0 0 0")
	case "Schema start", "Schema expiration":
		all = append(all, "2025-03-04T05:06:00.000Z", "2027-03-04T05:06:07.000")
	case "Schema time zone":
		all = append(all, "Asia/Tokyo", "Local", "UTC")
	case "Schema filter description":
		all = append(all, "* * - 1 1 * * *", "* * - * * 32 * *")
	case "Daylight savings time":
		all = append(all, "PermanentStandardTime", "ObserveDaylightSavingTime")
	}
	return slices.DeleteFunc(all, func(value string) bool { return meaning(column, value) == meaning(column, was) })
}

// meaning returns the documented meaning of a cell if several values mean the same in Ctrl-Q.
func meaning(column, value string) string {
	switch column {
	case "Task timeout":
		if value == "" {
			return "1440" // which is the default
		}
	case "Task enabled", "Event enabled", "Partial reload", "Manually triggered":
		switch value {
		case "1", "true":
			return "true"
		case "", "0", "false":
			return "false"
		}
	case "Task retries", "Time contstraint seconds", "Time contstraint minutes", "Time contstraint hours", "Time contstraint days":
		if n, err := strconv.Atoi(value); err == nil && n > 0 {
			return value
		} else if err == nil || value == "" {
			return "0"
		}
	}
	return value
}

// DocumentMutants changes each value in a JSON document, removes each member and each entry of a list, and adds a member to each object.
func DocumentMutants(document []byte) ([]Mutant, error) {
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return nil, err
	}
	var all []Mutant
	mutate(value, "", "", func(what, member string, changed any) {
		data, err := json.Marshal(changed)
		if err != nil {
			panic(err) // it was unmarshaled
		}
		all = append(all, Mutant{what, member, data})
	})
	return all, nil
}

// mutate calls yield with each change of the value at path, as the value of a member.
func mutate(value any, path, member string, yield func(what, member string, changed any)) {
	for _, other := range []any{"other", 7.0, true, false} {
		if _, isObject := value.(map[string]any); !isObject && other != value {
			if _, isList := value.([]any); !isList {
				yield(fmt.Sprintf("%s: %v became %v", path, value, other), member, other)
			}
		}
	}
	switch v := value.(type) {
	case map[string]any:
		if _, is := v["$function"]; is { // export-apps.mjs writes this for a function: only its results are the file's
			for _, key := range []string{"result", "success", "failure"} {
				if result, there := v[key]; there {
					mutate(result, path+"."+key, member, func(what, member string, changed any) {
						with := maps.Clone(v)
						with[key] = changed
						yield(what, member, with)
					})
				}
			}
			return
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			without := maps.Clone(v)
			delete(without, key)
			yield(path+" without "+key, key, without)
			mutate(v[key], path+"."+key, key, func(what, member string, changed any) {
				with := maps.Clone(v)
				with[key] = changed
				yield(what, member, with)
			})
		}
		with := maps.Clone(v)
		with["surplus"] = "something"
		yield(path+" with a surplus member", "surplus", with)
	case []any:
		for i := range v {
			yield(fmt.Sprintf("%s without entry %d", path, i), member, slices.Delete(slices.Clone(v), i, i+1))
			mutate(v[i], fmt.Sprintf("%s[%d]", path, i), member, func(what, member string, changed any) {
				with := slices.Clone(v)
				with[i] = changed
				yield(what, member, with)
			})
		}
	}
}

// Rows reads a table in JSON: an array of rows.
func Rows(data []byte) ([][]string, error) {
	var values [][]any
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, err
	}
	rows := make([][]string, len(values))
	for i, row := range values {
		for _, value := range row {
			rows[i] = append(rows[i], strings.TrimSuffix(fmt.Sprint(value), ".0"))
		}
	}
	return rows, nil
}
