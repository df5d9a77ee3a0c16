// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedButton matches a button of the page that a guide names: a verb first, in italics.
var namedButton = regexp.MustCompile(`\*((?:Cancel|Mark|Pause|Redrive|Rerun|Resume|Run|Skip|Start)\b[^*\n]*)\*`)

// TestGuidesNameButtons checks that the page has each button that a guide names, under this name.
func TestGuidesNameButtons(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob(filepath.Join(root, "lambda", "page", "src", "*.ts"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("%v: %v", err, sources)
	}
	var page strings.Builder
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		page.Write(text)
	}
	found := 0
	for _, guide := range testedPages(t) {
		text, err := os.ReadFile(filepath.Join(root, guide))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range namedButton.FindAllStringSubmatch(strings.ReplaceAll(string(text), "**", ""), -1) {
			found++
			if !strings.Contains(page.String(), `"`+name[1]+`"`) {
				t.Errorf("%s names the button %q, which the page does not have", guide, name[1])
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d buttons are named: the pattern no longer finds them", found)
	}
}
