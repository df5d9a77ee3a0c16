// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestTheGuideListsTheWords: each word that the guide lists for an outcome means it, and each outcome is listed.
func TestTheGuideListsTheWords(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "starts.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[chain.Outcome]bool{}
	rows := regexp.MustCompile("(?m)^  \\| `([a-z]+)` \\| ([a-z, ]+?)(?:, \\*.*\\*)? \\|$")
	for _, row := range rows.FindAllStringSubmatch(string(guide), -1) {
		want := chain.Outcome(row[1])
		listed[want] = true
		for _, word := range strings.Split(row[2], ", ") {
			if got, known := chain.WordOutcome(word); got != want || !known {
				t.Errorf("the guide says that %q means %s; it means %s, known: %t", word, want, got, known)
			}
		}
	}
	if len(listed) != len(chain.Outcomes()) {
		t.Errorf("the guide lists the words of %v", listed)
	}
}
