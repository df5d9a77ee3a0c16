// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

// definition returns the chain's definition. value is the parameter's value. A long definition is in parts, which the value names.
// Terraform writes the new parts, then the parameter, and deletes the old parts last. So if a part is missing, the parameter has changed
// since it was read, and its new value has all its parts.
func (d *deployment) definition(ctx context.Context, value string) (*chain.Definition, error) {
	parts, whole, err := d.parts(ctx, value)
	if err == nil && !whole {
		var values map[string]string
		if values, err = d.values(ctx, d.settings.definitionParameter); err != nil {
			return nil, err
		}
		value = values[d.settings.definitionParameter]
		parts, _, err = d.parts(ctx, value)
	}
	if err != nil {
		return nil, err
	}
	definition, err := chain.Assemble(value, parts)
	if err != nil {
		return nil, fmt.Errorf("the SSM parameter %s: %w", d.settings.definitionParameter, err)
	}
	return definition, nil
}

// parts reads the parts that the value names, by id. whole is false if one of them is missing.
func (d *deployment) parts(ctx context.Context, value string) (parts map[string]string, whole bool, err error) {
	ids, _, err := chain.PartsOf(value)
	if err != nil {
		return nil, false, fmt.Errorf("the SSM parameter %s: %w", d.settings.definitionParameter, err)
	}
	prefix := d.settings.definitionParameter + "/"
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = prefix + id
	}
	values, err := d.fetch(ctx, names)
	if err != nil {
		return nil, false, err
	}
	parts, whole = map[string]string{}, true
	for _, id := range ids {
		part, there := values[prefix+id]
		if !there {
			whole = false
			continue
		}
		parts[id] = part
	}
	return parts, whole, nil
}

// fetch reads parameters, all at the same time. A parameter that does not exist is missing from the result.
func (d *deployment) fetch(ctx context.Context, names []string) (map[string]string, error) {
	var all sync.WaitGroup
	var mu sync.Mutex // guards values and errs
	values := make(map[string]string, len(names))
	var errs []error
	for batch := range slices.Chunk(names, aws.MaxParameters) {
		all.Go(func() {
			found, err := d.parameters.Get(ctx, batch)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("reading the SSM parameters %s: %w", strings.Join(batch, ", "), err))
				return
			}
			maps.Copy(values, found)
		})
	}
	all.Wait()
	return values, errors.Join(errs...)
}
