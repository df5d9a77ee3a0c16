package chain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// nearest returns the key, other than the step's own, that s is most likely a misspelling of. It returns false when none is
// close.
func nearest(s, own string, keys []string) (string, bool) {
	best, bestDistance := "", min(3, max(1, utf8.RuneCountInString(s)/3))+1
	for _, key := range keys {
		if key == own {
			continue
		}
		if strings.EqualFold(s, key) {
			return key, true
		}
		if distance := editDistance([]rune(s), []rune(key), bestDistance); distance < bestDistance {
			best, bestDistance = key, distance
		}
	}
	return best, best != ""
}

func didYouMean(near string) string { return fmt.Sprintf("Did you mean %q?", near) }

// editDistance returns the Levenshtein distance of a and b, or limit when it is not below that.
func editDistance(a, b []rune, limit int) int {
	if abs := max(len(a), len(b)) - min(len(a), len(b)); abs >= limit {
		return limit
	}
	// What both begin and end with does not count. In a large chain with long keys this saves nearly all of the work.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			substituted := diagonal
			if a[i] != b[j] {
				substituted++
			}
			diagonal = row[j+1]
			row[j+1] = min(substituted, row[j]+1, row[j+1]+1)
		}
		if slices.Min(row) >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
