// SPDX-License-Identifier: MPL-2.0

package chain

import (
	_ "embed"
	"slices"
	"strings"
)

// timezones holds the names in Go's time/tzdata, one a line, sorted. A successful load does not prove that a name is valid. On file systems
// that ignore case, "europe/berlin" can be loaded. On Linux, "right/Europe/Berlin" can be loaded. The function knows neither.
//
//go:embed timezones.txt
var timezones string

func (v *validation) timezone(path Path, name string) {
	if name == "" {
		return
	}
	names := strings.Fields(timezones)
	if _, known := slices.BinarySearch(names, name); known {
		return
	}
	hint := `Use an IANA name, such as "Europe/Berlin".`
	if near, ok := nearestTimezone(name, names); ok {
		hint = didYouMean(near)
	}
	v.report(path, "There is no time zone %q. %s", name, hint)
}

// nearestTimezone finds the nearest name, also by a zone's city alone.
func nearestTimezone(name string, names []string) (string, bool) {
	city := "/" + strings.ReplaceAll(name, " ", "_")
	for _, zone := range names {
		if i := strings.LastIndex(zone, "/"); i >= 0 && strings.EqualFold(zone[i:], city) {
			return zone, true
		}
	}
	return nearest(name, "", names)
}
