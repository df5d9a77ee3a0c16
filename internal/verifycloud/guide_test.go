// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuide: the guide has each phase, and says what the estimate says.
func TestGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "verifying.md"))
	if err != nil {
		t.Fatal(err)
	}
	guide := strings.Join(strings.Fields(string(text)), " ")
	wants := []string{
		fmt.Sprintf("some %d minutes", lifeMinutes), fmt.Sprintf("less than $%.2f in AWS", lifeCost), "Nine reloads of ten rows",
		"`" + namePrefix + "`",
	}
	for _, p := range new(life).phases() {
		wants = append(wants, "| "+p.name+" |")
	}
	for _, want := range wants {
		if !strings.Contains(guide, want) {
			t.Errorf("the guide lacks %q", want)
		}
	}
	if lifeReloads != 9 {
		t.Errorf("the guide says nine reloads, and the estimate %d", lifeReloads)
	}
}
