// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// example returns one of the registry's examples, about the tests' chain.
func example(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "qlik_task_chain.nightly", chainAddress)
}

// echoed returns a configuration that reads a key and writes it where a test can read it.
func echoed(key string) string {
	return fmt.Sprintf("ephemeral \"qlik_task_chain_key\" \"nightly\" {\n  %s\n}\n", key) + echo
}

// echo writes the ephemeral resource's values to where a test can read them.
const echo = `
provider "echo" {
  data = ephemeral.qlik_task_chain_key.nightly
}

resource "echo" "test" {}
`

// expectKey compares what was echoed with the key of this name that the chain has now.
type expectKey struct {
	h    *harness
	name string
}

func (c expectKey) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	keys, _, err := c.h.secrets(ctx)
	if err != nil {
		resp.Error = err
		return
	}
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address != "echo.test" {
			continue
		}
		value, err := tfjsonpath.Traverse(r.AttributeValues, tfjsonpath.New("data").AtMapKey("value"))
		header, headerErr := tfjsonpath.Traverse(r.AttributeValues, tfjsonpath.New("data").AtMapKey("header"))
		if err != nil || headerErr != nil || value != keys[c.name] || header != "x-api-key" {
			resp.Error = fmt.Errorf("the ephemeral resource does not tell the key %s and its header: %d keys, header %v, %w", c.name, len(keys),
				header, err)
		}
		return
	}
	resp.Error = fmt.Errorf("nothing was echoed")
}

// TestAccKey checks that the API key can be read, also in the apply that creates the chain, and after a rotation.
func TestAccKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	factories := maps.Clone(providers)
	factories["echo"] = echoprovider.NewProviderServer()
	byID := example(t, "ephemeral-resources/qlik_task_chain_key/ephemeral-resource.tf") + echo
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: h.chain(shortChain) + byID, ConfigStateChecks: []statecheck.StateCheck{expectKey{h, objectName}}},
			{Config: h.chain(shortChain) + echoed(`name = "weekly"`),
				ExpectError: says("There is no task chain weekly in eu-central-1 of the account 123456789012")},
			{Config: h.chain(shortChain) + echoed(`api_key_id = "somebodys"`),
				ExpectError: says("There is no API key somebodys of a task chain in eu-central-1")},
			{Config: h.chain(shortChain) + echoed(""), ExpectError: says("No attribute specified when one (and only one) of [api_key_id,name] is " +
				"required")},
			{Config: h.chain(shortChain) + echoed(`name = "nightly"`), ConfigStateChecks: []statecheck.StateCheck{expectKey{h, objectName}}},
			{Config: h.chain(shortChain)}, // what was echoed once stays
			{Config: h.chain(shortChain) + echoed("api_key_id = "+chainAddress+".webhook_key_id"),
				ConfigStateChecks: []statecheck.StateCheck{expectKey{h, webhookKeyName}}},
		},
	})
}
