// SPDX-License-Identifier: MPL-2.0

package gateway

import "testing"

func TestTemplateMatching(t *testing.T) {
	t.Parallel()
	templates := map[string]string{"application/json": "json", "application/xml;charset=utf-8": "xml"}
	for contentType, want := range map[string][]string{ // by reading, in their order
		"":                                {"json", "json", "json"},
		"application/json":                {"json", "json", "json"},
		"Application/JSON":                {"", "json", ""},
		"application/json; charset=utf-8": {"", "", "json"},
		"application/json ;charset=utf-8": {"", "", "json"},
		"application/xml;charset=utf-8":   {"xml", "xml", ""},
		"application/xml;charset=UTF-8":   {"", "xml", ""},
		"application/cloudevents+json":    {"", "", ""},
	} {
		for i, matching := range TemplateMatchings {
			if text, there := matching.find(templates, contentType); text != want[i] || there != (want[i] != "") {
				t.Errorf("%q by %s finds %q, %t, want %q", contentType, matching, text, there, want[i])
			}
		}
	}
}
