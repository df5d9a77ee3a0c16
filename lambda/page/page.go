// SPDX-License-Identifier: MPL-2.0

// Package page is the live page: one HTML file without a request to anything but the chain. Its sources are in src; `make page` builds it.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"sync"
)

// Path is the page's path, below the chain's URL.
const Path = "/page"

//go:embed page.html
var html []byte

// HTML returns the page, in UTF-8. It holds no data: the user enters the API key.
func HTML() []byte { return html }

// Headers returns the headers for the page. They allow its script and its style by their hashes, and only connections to the chain
// (https://www.w3.org/TR/CSP3/).
var Headers = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"content-security-policy": fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; connect-src 'self'; img-src data:; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'", hashOf("script"), hashOf("style")),
		"cache-control":              "no-cache",
		"cross-origin-opener-policy": "same-origin",
		"permissions-policy":         "camera=(), geolocation=(), microphone=()",
		"x-frame-options":            "DENY", // for browsers that do not know frame-ancestors
	}
})

// hashOf returns the hash of the content of the page's only element of this name, as a source expression.
func hashOf(element string) string {
	_, rest, _ := bytes.Cut(html, []byte("<"+element+">"))
	content, _, _ := bytes.Cut(rest, []byte("</"+element+">"))
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
