// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"maps"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestAStepKeepsItsID checks that records from before and after a rename, of ended runs and of open ones, name the same step.
func TestAStepKeepsItsID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.somebodyElse("a", "SUCCEEDED")
	w.ends("b", "SUCCEEDED")
	before := w.record(1)
	steps := maps.Clone(w.index.Definition().Steps)
	w.apply(func(now map[string]chain.Step) { now["a"], now["bee"] = steps["a"], steps["b"]; delete(now, "b") })
	w.somebodyElse("a", "SUCCEEDED")
	open := w.record(2)
	history, err := w.engine(w.execution()).History(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	id := before.Steps[1].ID
	if before.Status == "" || before.Steps[1].Step != "b" || id == "" || id == before.Steps[0].ID {
		t.Fatalf("the ended run has %+v", before.Steps)
	}
	if len(open.Steps) != 2 || open.Steps[1].Step != "bee" || open.Steps[1].ID != id {
		t.Errorf("the open run has %+v", open.Steps)
	}
	for _, r := range history.Runs {
		if len(r.Steps) != 2 || r.Steps[1].ID != id {
			t.Errorf("the history of the run %s has %+v", r.ID, r.Steps)
		}
	}
}
