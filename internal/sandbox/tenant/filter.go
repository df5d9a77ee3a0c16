// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// parseFilter parses a filter (SCIM, RFC 7644). It accepts only the form that chains send: comparisons of one attribute with a value,
// joined by "or". It returns the values, nil for an empty filter. Qlik Cloud accepts more forms; here they are refused.
func parseFilter(text, attribute string) ([]string, error) {
	terms, err := parseTerms(text, "or", attribute)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, t := range terms {
		values = append(values, t.value)
	}
	return values, nil
}

// term is a comparison in a filter: attribute eq "value".
type term struct{ attribute, value string }

// parseTerms parses comparisons of the attributes that are joined by one operator.
func parseTerms(text, joiner string, attributes ...string) ([]term, error) {
	var terms []term
	for rest := text; rest != ""; {
		name, quoted, _ := strings.Cut(rest, " eq ")
		var value string
		decoder := json.NewDecoder(strings.NewReader(quoted))
		if !slices.Contains(attributes, name) || !strings.HasPrefix(quoted, `"`) || decoder.Decode(&value) != nil {
			return nil, unknownFilter(attributes, joiner, rest)
		}
		terms = append(terms, term{name, value})
		rest = quoted[decoder.InputOffset():]
		next, more := strings.CutPrefix(rest, " "+joiner+" ")
		if rest != "" && (!more || next == "") {
			return nil, unknownFilter(attributes, joiner, rest)
		}
		rest = next
	}
	return terms, nil
}

func unknownFilter(attributes []string, joiner, rest string) error {
	return fmt.Errorf("the sandbox knows %s eq \"…\", joined with %s, not %s", strings.Join(attributes, " or "), joiner, rest)
}
