// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// nearest returns the key, other than the step's own, that s most likely means. It returns false if none is close.
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

// Near returns at most the given number of names that resemble s: names that contain s, are contained in it, or that s may
// misspell. It ignores case. The most similar names come first.
func Near(s string, names []string, most int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var candidates []candidate
	wanted, far := strings.ToLower(strings.TrimSpace(s)), min(3, max(1, utf8.RuneCountInString(s)/3))+1
	for _, name := range names {
		lower := strings.ToLower(strings.TrimSpace(name))
		distance := editDistance([]rune(wanted), []rune(lower), far)
		if distance < far || wanted != "" && lower != "" && (strings.Contains(lower, wanted) || strings.Contains(wanted, lower)) {
			candidates = append(candidates, candidate{name, distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	near := make([]string, 0, most)
	for _, c := range candidates[:min(most, len(candidates))] {
		near = append(near, c.name)
	}
	return near
}

func didYouMean(near string) string { return fmt.Sprintf("Did you mean %q?", near) }

// editDistance returns the Levenshtein distance of a and b, or limit when it is not below that. Two neighbours in the other order, if
// nothing else differs, are one error.
func editDistance(a, b []rune, limit int) int {
	if abs := max(len(a), len(b)) - min(len(a), len(b)); abs >= limit {
		return limit
	}
	// The common beginning and end do not count. In a large chain with long keys this saves nearly all of the work.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0] {
		return min(1, limit)
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

// Listed formats names for a sentence: a, b and c.
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// listedFew is how many of many names appear in a sentence.
const listedFew = 3

// ListedFew formats few names as Listed does. Of many, it names the first ones and counts the others. all may be larger than the number of
// names.
func ListedFew(names []string, all int) string {
	if all > listedFew+1 {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:min(listedFew, len(names))], ", "), all-listedFew)
	}
	return Listed(names)
}
