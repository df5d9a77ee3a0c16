// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	messagePattern = regexp.MustCompile("(?ms)^```text\n(.*?)^```")
	joinedPattern  = regexp.MustCompile(`" *\+\n\s*"`)
)

// TestQuotedMessages: the messages that the guides quote stand in the code, word by word. "…" stands for what differs.
func TestQuotedMessages(t *testing.T) {
	t.Parallel()
	code := messages(t)
	quoted := 0
	for _, guide := range []string{"troubleshooting.md", "upgrading.md"} {
		text, err := os.ReadFile(filepath.Join(root, "templates", "guides", guide))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range messagePattern.FindAllStringSubmatch(string(text), -1) {
			for message := range strings.Lines(block[1]) {
				quoted++
				for piece := range strings.SplitSeq(strings.TrimSpace(message), "…") {
					if piece = strings.Trim(piece, " ."); piece != "" && !strings.Contains(code, piece) {
						t.Errorf("%s quotes %q, which no message of the provider or the function says", guide, piece)
					}
				}
			}
		}
	}
	if quoted == 0 {
		t.Error("no message was found")
	}
}

// messages is the code of the provider and the function, with the strings that go over several lines in one.
func messages(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	for _, folder := range []string{"provider", "lambda", filepath.Join("internal", "qlik"), filepath.Join("internal", "chain")} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			code.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return joinedPattern.ReplaceAllString(code.String(), "")
}
