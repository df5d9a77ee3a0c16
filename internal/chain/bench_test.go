// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

func benchmark(b *testing.B, run func(b *testing.B, d *chain.Definition)) {
	b.Helper()
	for _, steps := range []int{5, 100, 1000} {
		b.Run(fmt.Sprintf("steps=%d", steps), func(b *testing.B) {
			b.ReportAllocs()
			run(b, chaintest.Tree(steps))
		})
	}
}

func BenchmarkParse(b *testing.B) {
	benchmark(b, func(b *testing.B, d *chain.Definition) {
		b.Helper()
		text, err := d.Encode()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := chain.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	benchmark(b, func(b *testing.B, d *chain.Definition) {
		b.Helper()
		for b.Loop() {
			if problems := d.Validate(); len(problems) > 0 {
				b.Fatal(problems)
			}
		}
	})
}

func BenchmarkStepOfAnotherApp(b *testing.B) {
	benchmark(b, func(b *testing.B, d *chain.Definition) {
		b.Helper()
		index, other := chain.NewIndex(d), "00000000-0000-4000-8000-000000000000"
		for b.Loop() {
			if step, known := index.StepOf(other); known {
				b.Fatal(step)
			}
		}
	})
}
