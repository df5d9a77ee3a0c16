// SPDX-License-Identifier: MPL-2.0

package cron

import (
	"slices"
	"strconv"
	"strings"
)

// field is one of the fields of an expression.
type field struct {
	name        string
	least, most int
	names       []string // of the values from least on; nil for a purely numeric field
	steps       bool     // whether / may be used
	wildcards   string   // for messages: what is valid besides numbers
}

var (
	minutes  = &field{name: "minutes", most: 59, steps: true, wildcards: ", - * /"}
	hours    = &field{name: "hours", most: 23, steps: true, wildcards: ", - * /"}
	monthDay = &field{name: "day-of-month", least: 1, most: 31, steps: true, wildcards: ", - * ? / L W"}
	months   = &field{name: "month", least: 1, most: 12, steps: true, wildcards: ", - * / and JAN to DEC",
		names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}}
	weekDay = &field{name: "day-of-week", least: 1, most: 7, wildcards: ", - * ? L # and SUN to SAT",
		names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}
	years = &field{name: "year", least: 1970, most: 2199, steps: true, wildcards: ", - * /"}

	allFields = [...]*field{minutes, hours, monthDay, months, weekDay, years}
)

// set holds the values of a field as bits, from its least value on.
type set [4]uint64

func (s *set) add(f *field, value int) { s[(value-f.least)/64] |= 1 << ((value - f.least) % 64) }

func (s *set) has(f *field, value int) bool {
	return s[(value-f.least)/64]>>((value-f.least)%64)&1 == 1
}

// values returns the members, in order.
func (s *set) values(f *field) []int {
	var all []int
	for value := f.least; value <= f.most; value++ {
		if s.has(f, value) {
			all = append(all, value)
		}
	}
	return all
}

// list adds the values of a list of numbers, ranges and steps.
func (f *field) list(text string, into *set) *Error {
	for item := range strings.SplitSeq(text, ",") {
		if err := f.item(item, into); err != nil {
			return err
		}
	}
	return nil
}

// item adds the values of one entry of a list: *, 5, 5-10, each optionally with a slash and a step.
func (f *field) item(text string, into *set) *Error {
	values, stepText, stepped := strings.Cut(text, "/")
	step := 1
	if stepped {
		var err *Error
		if step, err = f.step(stepText); err != nil {
			return err
		}
	}
	first, last := f.least, f.most
	if values != "*" {
		from, to, ranged := strings.Cut(values, "-")
		var err *Error
		if first, err = f.value(from); err != nil {
			return err
		}
		switch {
		case ranged:
			if last, err = f.value(to); err != nil {
				return err
			}
			if last < first {
				return f.reversed(values, from, to, stepped)
			}
		case !stepped:
			last = first
		}
	}
	for value := first; value <= last; value += step {
		into.add(f, value)
	}
	return nil
}

// reversed refuses a range that passes the end of the field. EventBridge Scheduler does not document how it treats one.
func (f *field) reversed(values, from, to string, stepped bool) *Error {
	const problem = "The %s range %q ends before it begins. "
	switch {
	case f == years: // years do not wrap around
		return wrong(f, problem+"Write the earlier year first: %s-%s.", f.name, values, to, from)
	case stepped: // two ranges with a step each would have other values
		return wrong(f, problem+"List the values instead, such as %s,%s.", f.name, values, from, to)
	default:
		return wrong(f, problem+"Write two ranges: %s-%s,%s-%s.", f.name, values, from, f.text(f.most), f.text(f.least), to)
	}
}

func (f *field) step(text string) (int, *Error) {
	if !f.steps {
		return 0, wrong(f, "The %s field takes no steps (/). List the values, such as %s,%s.", f.name, f.text(f.least), f.text(f.least+2))
	}
	step, ok := number(text)
	if !ok || step < 1 || step > f.most {
		return 0, wrong(f, "The step %q of the %s field is not one. Use 1 to %d.", text, f.name, f.most)
	}
	return step, nil
}

// value parses one value: a number, or a name if the field has names.
func (f *field) value(text string) (int, *Error) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.least + i, nil
	}
	value, ok := number(text)
	switch {
	case text == "?":
		return 0, wrong(f, "The %s field cannot be a question mark: only day-of-month or day-of-week can. Use * for every value.", f.name)
	case !ok:
		return 0, wrong(f, "%q is not a value of the %s field. Use %d to %d, and %s.", text, f.name, f.least, f.most, f.wildcards)
	case value < f.least || value > f.most:
		return 0, wrong(f, "The %s field has %s. Use %d to %d.", f.name, text, f.least, f.most)
	}
	return value, nil
}

// text formats a value, by its name if it has one. Unix's Sunday has two numbers and one name.
func (f *field) text(value int) string {
	if i := value - f.least; i < len(f.names) {
		return f.names[i]
	}
	return strconv.Itoa(value)
}

// number parses a text of digits only.
func number(text string) (int, bool) {
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
