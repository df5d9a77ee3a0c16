// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"maps"
	"slices"
	"strings"
)

// ReplaceIDs replaces the apps' ids. The map's keys are the previous ids in lower case. An app that is not in the map keeps its id, with a
// note. ReplaceIDs fails if an id is invalid, or occurs twice.
func (c *Chain) ReplaceIDs(ids map[string]string) error {
	d := *c.Definition
	d.Steps = maps.Clone(d.Steps)
	replaced := Chain{Definition: &d, Names: c.Names, Tasks: c.Tasks, LookedUp: c.LookedUp, Notes: slices.Clone(c.Notes)}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		step := d.Steps[key]
		if c.LookedUp[key] {
			continue
		}
		id, there := ids[strings.ToLower(step.App)]
		if !there {
			replaced.Notes = append(replaced.Notes, Note{key, "The id of the app is not among the given ones, so it stays as it was."})
			continue
		}
		step.App = id
		d.Steps[key] = step
	}
	if err := replaced.check(); err != nil {
		return err
	}
	*c = replaced
	return nil
}
