// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TreeNode is a row of the chain as a tree, as Qlik's org chart object draws it: each has one parent at most. A step with several upstreams
// is below the first of them, with everything that follows. Below each other upstream it is a reference, a leaf.
type TreeNode struct {
	NodeID    string          `json:"node_id"`   // the app's id, or another kind's name within runs; for a reference, followed by the parent's
	ParentID  string          `json:"parent_id"` // empty for a root
	Name      string          `json:"name"`      // the step's key
	AppID     string          `json:"app_id"`
	Condition chain.Condition `json:"condition"` // of the link from the parent; empty for a root
	Reference bool            `json:"reference"` // the step itself is elsewhere in the tree
	Level     int             `json:"level"`     // 1 for a root
}

// tree returns the chain as a tree, each parent before its children.
func tree(d *chain.Definition) []TreeNode {
	below := map[string][]chain.Link{}
	for _, l := range d.Links() {
		below[l.From] = append(below[l.From], l)
	}
	rows, placed := []TreeNode{}, map[string]bool{}
	var place func(row TreeNode)
	place = func(row TreeNode) {
		if row.Reference = placed[row.Name]; row.Reference {
			row.NodeID += "@" + row.ParentID
		}
		placed[row.Name] = true
		rows = append(rows, row)
		if row.Reference {
			return
		}
		for _, l := range below[row.Name] {
			place(TreeNode{
				NodeID: nodeID(d, l.To), ParentID: row.NodeID, Name: l.To, AppID: d.Steps[l.To].App, Condition: l.Condition, Level: row.Level + 1,
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Steps)) {
		if len(d.Steps[name].After) == 0 {
			place(TreeNode{NodeID: nodeID(d, name), Name: name, AppID: d.Steps[name].App, Level: 1})
		}
	}
	return rows
}

// nodeID returns what identifies a step among the tree's nodes.
func nodeID(d *chain.Definition, name string) string {
	return cmp.Or(d.Steps[name].App, d.StepID(name))
}
