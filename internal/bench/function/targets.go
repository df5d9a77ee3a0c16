// SPDX-License-Identifier: MPL-2.0

package function

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
)

// targets holds what was measured against what it should come to.
func (b *bench) targets(report *figures.Report) {
	of := func(what, program string) figures.Series { return b.table.Row(what, "ms").Values[program] }
	report.Compare("cold start ÷ bare Go", of(rowCold, theFunction), of(rowCold, theFloor), 1.8)
	report.Compare("cold start ÷ Node.js", of(rowCold, theFunction), of(rowCold, theBaseline), 0.2)
	report.Compare("cold start with the chain read ÷ Node.js' cold start", of(rowColdRead, theFunction), of(rowCold, theBaseline), 0.35)
	report.Compare("warm, ignored event ÷ bare Go", of(rowIgnored, theFunction), of(rowIgnored, theFloor), 1.4)
	report.Compare("first event ÷ Node.js", of(rowFirst, theFunction), of(rowFirst, theBaseline), 0.3)
	report.Compare("cold start and first event ÷ Node.js", of(rowColdFirst, theFunction), of(rowColdFirst, theBaseline), 0.3)
	for _, part := range []struct{ row, what string }{{rowFanOut, "fan-out to 20"}, {rowRequests, "requests of a fan-out to 20"}} {
		row := fmt.Sprintf(part.row, 20)
		report.Limit(part.what+" ÷ one request", inLatencies(of(row, theFunction)), 1.2)
		report.Compare(part.what+" ÷ Promise.all", of(row, theFunction), of(row, theConcurrent), 1)
	}
	report.Compare("memory after the cold start ÷ Node.js", of(rowMemory, theFunction), of(rowMemory, theBaseline), 0.35)
	for _, row := range b.sizes.Rows {
		report.Compare(row.What+", 1,000 steps ÷ 5 steps", row.Values[chainOf1000], row.Values[chainOf5], 1.2)
	}
}
