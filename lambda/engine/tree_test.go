// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"math/rand/v2"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func TestTree(t *testing.T) {
	t.Parallel()
	hr, sales, transform, dashboard := chaintest.AppID(2), chaintest.AppID(1), chaintest.AppID(3), chaintest.AppID(4)
	got := engine.NewView(nightly(), "", "").Tree
	want := []engine.TreeNode{
		{NodeID: hr, Name: "extract_hr", AppID: hr, Level: 1},
		{NodeID: transform, ParentID: hr, Name: "transform", AppID: transform, Condition: chain.ConditionSuccess, Level: 2},
		{NodeID: chaintest.AppID(7), ParentID: transform, Name: "archive", AppID: chaintest.AppID(7), Condition: chain.ConditionSuccess,
			Level: 3},
		{NodeID: chaintest.AppID(6), ParentID: transform, Name: "audit", AppID: chaintest.AppID(6), Condition: chain.ConditionCompletion,
			Level: 3},
		{NodeID: dashboard, ParentID: transform, Name: "dashboard", AppID: dashboard, Condition: chain.ConditionSuccess, Level: 3},
		{NodeID: chaintest.AppID(5), ParentID: transform, Name: "fallback", AppID: chaintest.AppID(5), Condition: chain.ConditionFailure,
			Level: 3},
		{NodeID: sales, Name: "extract_sales", AppID: sales, Level: 1},
		{NodeID: transform + "@" + sales, ParentID: sales, Name: "transform", AppID: transform, Condition: chain.ConditionSuccess,
			Reference: true, Level: 2},
	}
	if len(got) != len(want) {
		t.Fatalf("the tree has %d rows: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("row %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

// Qlik's org chart needs ids that are unique and parents that exist; every link of the chain is one row, every root another.
func TestTreesOfRandomChains(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 3)), 40, 3)
		view := engine.NewView(d, "", "")
		seen, leads := map[string]bool{"": true}, map[string]bool{}
		for _, row := range view.Tree {
			if seen[row.NodeID] || !seen[row.ParentID] || leads[row.ParentID] {
				t.Fatalf("the row %+v is no node of a tree", row)
			}
			seen[row.NodeID], leads[row.NodeID] = true, row.Reference
		}
		if rows := len(view.Links) + len(chaintest.Roots(d)); len(view.Tree) != rows {
			t.Fatalf("the tree has %d rows, want %d", len(view.Tree), rows)
		}
	}
}
