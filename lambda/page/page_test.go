// SPDX-License-Identifier: MPL-2.0

package page_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// The page names the checksum of the sources that it was built from; see build.mjs.
func TestThePageIsCurrent(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("src/*")
	if err != nil || len(sources) == 0 {
		t.Fatalf("there are no sources: %v", err)
	}
	slices.Sort(sources)
	hash := sha256.New()
	for _, name := range slices.Concat([]string{"build.mjs", "package-lock.json", "package.json", "tsconfig.json"}, sources,
		[]string{"../../internal/chain/draw/status.json", "../../internal/chain/draw/kind.json"}) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		hash.Write(slices.Concat([]byte(filepath.ToSlash(name)+"\x00"), content, []byte{0}))
	}
	want := `<meta name="sources" content="` + hex.EncodeToString(hash.Sum(nil)) + `">`
	if !bytes.Contains(page.HTML(), []byte(want)) {
		t.Errorf("page.html was built from other sources: run `make page` (it needs npm) and commit page.html")
	}
}

func TestThePageIsOneSmallFile(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(page.HTML()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("the page has %d bytes, compressed %d", len(page.HTML()), zipped.Len())
	if zipped.Len() >= 300_000 {
		t.Errorf("compressed, the page has %d bytes", zipped.Len())
	}
	html := string(page.HTML())
	for _, element := range []string{"<script>", "</script>", "<style>", "</style>"} {
		if strings.Count(html, element) != 1 {
			t.Errorf("%s is there %d times", element, strings.Count(html, element))
		}
	}
	// Nothing is asked of anywhere else: the only addresses are XML's name for SVG, and those in the licence.
	html, _, _ = strings.Cut(html, "<!--\nThe layout is")
	for _, address := range regexp.MustCompile(`(?:https?:)?//[a-z0-9.-]+\.[a-z]+[^"' ]*`).FindAllString(html, -1) {
		if address != "http://www.w3.org/2000/svg" {
			t.Errorf("the page names %s", address)
		}
	}
	if found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`).FindString(html); found != "" {
		t.Errorf("the page's script has %s", found)
	}
}

func TestThePolicyAllowsThePageAlone(t *testing.T) {
	t.Parallel()
	policy := page.Headers()["content-security-policy"]
	if hashes := regexp.MustCompile(`'sha256-[A-Za-z0-9+/]{43}='`).FindAllString(policy, -1); len(hashes) != 2 || hashes[0] == hashes[1] {
		t.Errorf("the policy is %s", policy)
	}
}

// TestTheDoorSaysWhereTheKeyIs checks that the page of those without a key has the lines that the guides have.
func TestTheDoorSaysWhereTheKeyIs(t *testing.T) {
	t.Parallel()
	guides := map[string]string{
		"command.md.tmpl": "qlik-chain page NAME --key",
		"operations.md":   "aws apigateway get-api-keys --include-values --output text --name-query qlik-task-chain-NAME",
	}
	for name, line := range guides {
		guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(page.HTML(), []byte(line)) || !strings.Contains(string(guide), strings.ReplaceAll(line, "NAME", "nightly")) {
			t.Errorf("%q is not both on the page and, with a name, in %s", line, name)
		}
	}
}
