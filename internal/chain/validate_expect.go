// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"slices"
	"strings"
)

func (v *validation) expectBy(path Path, e *ExpectBy) {
	if e == nil {
		return
	}
	at := func(attribute string) Path { return append(path[:len(path):len(path)], attribute) }
	if _, _, ok := timeOfDay(e.Time); !ok {
		v.report(at("time"), "%q is no time of day. Write hours and minutes, such as \"06:00\".", e.Time)
	}
	v.timezone(at("timezone"), e.Timezone)
	for _, day := range e.Days {
		if slices.Contains(Days(), day) {
			continue
		}
		v.report(at("days"), "%s", noDay(day))
	}
}

// noDay returns the message about an invalid day.
func noDay(day Day) string {
	var names []string
	for _, known := range Days() {
		names = append(names, string(known))
	}
	fix := "Use " + enumerate(names, "or") + "."
	if near, ok := nearest(strings.ToUpper(string(day)), "", names); ok {
		fix = didYouMean(near)
	}
	return fmt.Sprintf("There is no day %q. %s", day, fix)
}
