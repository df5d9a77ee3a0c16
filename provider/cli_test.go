// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"
)

// cli is the binary that runs the provider: terraform, or tofu.
type cli struct {
	openTofu bool
	version  *version.Version
}

// cli asks the binary what it is.
func (l *life) cli() cli {
	l.t.Helper()
	var text, structured bytes.Buffer
	if err := l.run(&text, "version"); err != nil {
		l.t.Fatalf("%v: %s", err, &text)
	}
	if err := l.run(&structured, "version", "-json"); err != nil {
		l.t.Fatalf("%v: %s", err, &structured)
	}
	var answer struct {
		Version string `json:"terraform_version"` // of both
	}
	if err := json.Unmarshal(structured.Bytes(), &answer); err != nil {
		l.t.Fatalf("%v: %s", err, &structured)
	}
	found, err := version.NewVersion(answer.Version)
	if err != nil {
		l.t.Fatal(err)
	}
	return cli{openTofu: strings.HasPrefix(text.String(), "OpenTofu"), version: found}
}

// importsByIdentity reports whether an import block may have an identity. Source: the changelogs of both for 1.12.
func (c cli) importsByIdentity() bool {
	return c.version.Core().GreaterThanOrEqual(version.Must(version.NewVersion("1.12.0")))
}

// playInOutputs moves what a test file asks the provider's function into outputs of the configuration, and lets the file read these: tofu
// up to 1.12.6 at least crashes on a provider's function in an assertion, where it has no provider (internal/tofu/test_context.go; it did
// before: https://github.com/opentofu/opentofu/issues/1600).
func (l *life) playInOutputs(file string) {
	l.t.Helper()
	path := filepath.Join(l.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	var asserting, outputs strings.Builder
	rest := string(text)
	for n := 0; ; n++ {
		before, call, found := strings.Cut(rest, "provider::qlik::simulate(")
		asserting.WriteString(before)
		if !found {
			break
		}
		end := closing(call)
		if end < 0 {
			l.t.Fatalf("%s: a call has no end: %s", file, call)
		}
		fmt.Fprintf(&outputs, "output \"played_%d\" {\n  value = provider::qlik::simulate(%s)\n}\n", n, call[:end])
		fmt.Fprintf(&asserting, "output.played_%d", n)
		rest = call[end+1:]
	}
	for name, content := range map[string]string{path: asserting.String(), filepath.Join(l.dir, "played.tf"): outputs.String()} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
}

// closing finds the parenthesis that ends an argument list; -1 if there is none.
func closing(arguments string) int {
	depth := 1
	for i, r := range arguments {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
