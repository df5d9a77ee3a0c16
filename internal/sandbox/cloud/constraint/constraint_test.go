// SPDX-License-Identifier: MPL-2.0

package constraint

import "testing"

func TestLoad(t *testing.T) {
	t.Parallel()
	services, err := load()
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for _, s := range services {
		operations += len(s.operations)
	}
	if operations != 169 {
		t.Errorf("%d operations, the document should name 169", operations)
	}
}
