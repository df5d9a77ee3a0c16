// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package bundle_test

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, architecture := range bundle.Architectures {
		first, err := bundle.Load(architecture)
		if err != nil {
			t.Fatalf("run `make bundle` first: %v", err)
		}
		if sum := sha256.Sum256(first.Zip); first.SHA256 != base64.StdEncoding.EncodeToString(sum[:]) {
			t.Errorf("%s: the hash %s is not the zip's", architecture, first.SHA256)
		}
		if again, err := bundle.Load(architecture); again != first || err != nil {
			t.Errorf("%s: it was read twice: %v", architecture, err)
		}
	}
	if _, err := bundle.Load("mips"); err == nil {
		t.Error("there is a zip for mips")
	}
}
