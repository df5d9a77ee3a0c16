// SPDX-License-Identifier: MPL-2.0

package function

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
)

// TestARound measures the function and bare Go once, so that a change of the engine does not leave a bench that fails.
func TestARound(t *testing.T) {
	t.Parallel()
	report := &figures.Report{}
	b, err := newBench(t.Context(), figures.Config{Root: "../../..", Dir: t.TempDir(), Rounds: 1}, report)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{bareGo, theFunction} {
		if err := b.measure(t.Context(), program); err != nil {
			t.Fatalf("%s: %v", program, err)
		}
	}
	five, thousand := fmt.Sprintf(rowMatched, 5), fmt.Sprintf(rowMatched, 1000)
	for _, row := range []string{rowCold, rowColdRead, rowFirst, rowColdFirst, rowIgnored, five, thousand, rowFanOut} {
		if got := b.table.Series(row, theFunction); len(got) != 1 || got[0] <= 0 {
			t.Errorf("%s: %v", row, got)
		}
	}
	b.compare(report)
	for _, ratio := range []string{
		"| cold start ÷ bare Go |", "| event that is not about the chain ÷ bare Go |", "| fan-out ÷ one request |",
	} {
		_, after, found := strings.Cut(report.Markdown(), ratio)
		if line, _, _ := strings.Cut(after, "\n"); !found || strings.Contains(line, "–") {
			t.Errorf("the report says %s%s", ratio, line)
		}
	}
}
