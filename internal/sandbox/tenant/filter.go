// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"fmt"
	"strings"
)

// parseFilter parses a filter (SCIM, RFC 7644). It accepts only the form that chains send: comparisons of one attribute with a value,
// joined by "or". It returns the values, nil for an empty filter. Qlik Cloud accepts more forms; here they are refused.
func parseFilter(text, attribute string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var values []string
	for term := range strings.SplitSeq(text, " or ") {
		quoted, found := strings.CutPrefix(term, attribute+" eq ")
		var value string
		if !found || !strings.HasPrefix(quoted, `"`) || json.Unmarshal([]byte(quoted), &value) != nil {
			return nil, fmt.Errorf("the sandbox knows %s eq \"…\", joined with or, not %s", attribute, term)
		}
		values = append(values, value)
	}
	return values, nil
}
