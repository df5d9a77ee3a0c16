package engine_test

import (
	"fmt"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

func TestSmoke(t *testing.T) {
	for seed := range uint64(600) {
		w, r := randomWorld(t, seed)
		for _, root := range chaintest.Roots(w.index.Definition()) {
			if r.IntN(2) == 0 {
				w.schedule(root, 2)
			} else {
				w.begin(root)
			}
		}
		w.crashes = 0.02
		w.play(2, 4)
		if u := w.unfinished(); len(u) > 0 {
			t.Errorf("seed %d: %v", seed, u)
		}
		if seed < 1 {
			fmt.Println(len(w.index.Definition().Steps), len(w.made()), len(w.store.Items()), w.largest, w.handled, w.cut)
		}
	}
}
