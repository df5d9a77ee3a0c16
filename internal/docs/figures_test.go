// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestOnePriceForAMillion checks that each page has the same price for a million reloads: that of the guide's table. Another test
// compares the table's counts with those of a chain.
func TestOnePriceForAMillion(t *testing.T) {
	t.Parallel()
	sum := regexp.MustCompile(`(?s)## 1,000 reloads in the chain.*?\*\*sum\*\* \| \| \| \*\*\$([\d.]+)\*\*`)
	match := sum.FindStringSubmatch(read(t, "templates", "guides", "costs.md"))
	if match == nil {
		t.Fatal("the guide has no sum for 1,000 reloads")
	}
	thousand, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	want := strconv.Itoa(int(math.Round(thousand * 1000)))
	pages := 0
	prices := regexp.MustCompile(`(\d+)\s+dollars for\s+a\s+million`)
	for _, page := range testedPages(t) {
		for _, price := range prices.FindAllStringSubmatch(read(t, filepath.FromSlash(page)), -1) {
			pages++
			if price[1] != want {
				t.Errorf("%s says %s dollars for a million reloads, and the table of costs.md %s", page, price[1], want)
			}
		}
	}
	if pages < 3 {
		t.Errorf("%d pages have the price", pages)
	}
}
