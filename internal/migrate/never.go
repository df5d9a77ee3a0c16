// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// passOver changes steps that wait for two events that exclude each other, because a plan refuses them. Such a step then starts after one
// of them. In the original tool, the two events could come from two nights.
func passOver(d *chain.Definition) []Note {
	var notes []Note
	for _, problem := range d.Validate() {
		if len(problem.Path) != 3 || problem.Path[2] != "after" {
			continue
		}
		key := problem.Path[1]
		step := d.Steps[key]
		if step.WaitFor != "" || len(step.After) < 2 {
			continue
		}
		step.WaitFor = chain.WaitForAllStarted
		d.Steps[key] = step
		notes = append(notes, Note{key, fmt.Sprintf("It waited for what never happens in one run, so it has wait_for = %q. Check what is "+
			"meant. The plan's words: %s",
			chain.WaitForAllStarted, problem.Message)})
	}
	return notes
}
