// SPDX-License-Identifier: MPL-2.0

// Command picture draws the chain of a Terraform configuration as the deployed function would, and writes the SVG beside it. It makes the
// picture in the guide Getting started.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: picture FOLDER. It reads FOLDER/main.tf and writes FOLDER/chain.svg")
	}
	svg, err := picture(filepath.Join(args[0], "main.tf"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], "chain.svg"), svg, 0o600) //nolint:gosec // as below
}

// picture draws the only chain in a file. Its steps must not use variables.
func picture(file string) ([]byte, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, err
	}
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, fmt.Errorf("%s is no configuration in Terraform's own syntax", file)
	}
	for _, block := range body.Blocks {
		if block.Type != "resource" || block.Labels[0] != "qlik_task_chain" {
			continue
		}
		definition, err := definition(block.Body.Attributes)
		if err != nil {
			return nil, fmt.Errorf("reading the chain in %s: %w", file, err)
		}
		return draw.Of(definition).SVG(), nil
	}
	return nil, fmt.Errorf("there is no qlik_task_chain in %s", file)
}

// definition makes a chain from the resource's arguments, which have the same names as in the definition.
func definition(arguments hclsyntax.Attributes) (*chain.Definition, error) {
	values := map[string]json.RawMessage{"version": json.RawMessage(fmt.Sprint(chain.Version))}
	for _, name := range []string{"name", "timezone", "steps"} {
		argument, ok := arguments[name]
		if !ok {
			continue
		}
		value, diags := argument.Expr.Value(nil)
		if diags.HasErrors() {
			return nil, diags
		}
		text, err := ctyjson.Marshal(value, cty.DynamicPseudoType)
		if err != nil {
			return nil, err
		}
		var typed struct{ Value json.RawMessage }
		if err := json.Unmarshal(text, &typed); err != nil {
			return nil, err
		}
		values[name] = typed.Value
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return chain.Parse(text)
}
