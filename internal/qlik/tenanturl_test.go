// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"strings"
	"testing"
)

func TestValidateTenantURL(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // URL → part of the error; empty for none
		"https://acme.eu.qlikcloud.com":           "",
		"https://acme.eu.qlikcloud.com/":          "",
		"http://127.0.0.1:8080":                   "",
		"http://[::1]:8080":                       "",
		"http://localhost":                        "",
		"https://acme.eu.qlikcloud.com:8443":      "",
		"":                                        "is empty",
		"acme.eu.qlikcloud.com":                   "no scheme or no host",
		"http://acme.eu.qlikcloud.com":            "is not https",
		"http://127.0.0.1.example.com":            "is not https",
		"ftp://localhost":                         "is not https",
		"https://acme.eu.qlikcloud.com/sense":     "more than a host",
		"https://acme.eu.qlikcloud.com//":         "more than a host",
		"https://acme.eu.qlikcloud.com?a=b":       "more than a host",
		"https://acme.eu.qlikcloud.com?":          "more than a host",
		"https://acme.eu.qlikcloud.com#top":       "more than a host",
		"https://me:s3cret@acme.eu.qlikcloud.com": "carries a user or password",
		"https://":                                "no scheme or no host",
		"https://:8443":                           "no scheme or no host",
		"https://me:s3cret@ acme":                 "cannot be read as a URL",
	}
	for text, want := range tests {
		err := ValidateTenantURL(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("ValidateTenantURL(%q) = %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error repeats a password: %v", err)
		}
	}
}
