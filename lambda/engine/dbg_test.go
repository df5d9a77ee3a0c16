package engine_test

import "fmt"

func (w *world) dump(match func(pk, sk string) bool) {
	items := w.store.Items()
	for _, k := range sortedKeys(items) {
		if match(k.PK, k.SK) {
			fmt.Println("  ", k.PK, k.SK, items[k])
		}
	}
}
