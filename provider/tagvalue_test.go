// SPDX-License-Identifier: MPL-2.0

package provider_test

import "testing"

// TestReservedTagValues checks that values with aws: are refused. IAM and Lambda reserve it in values too, which their models do not say
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html, https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html).
func TestReservedTagValues(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	for value, refused := range map[string]bool{"aws:glue": true, "AWS:glue": true, "aws": false, "our-aws:glue": false} {
		if got := c.refuses(t, map[string]any{"tags": map[string]any{"source": value}}); (got != "") != refused {
			t.Errorf("the value %q: refused with %q, want a refusal: %t", value, got, refused)
		}
	}
}
