// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// ChainsByStep returns the chains of the account and region by the ids of their steps, which follow from what a step starts: see
// chain.Step.ID. Signals belong to one chain, and are left out, as is a definition that cannot be read. It needs ssm:DescribeParameters,
// and the permissions to read a chain.
func ChainsByStep(ctx context.Context, client *ssm.Client) (map[string][]string, error) {
	parameters, err := describeParameters(ctx, client, types.ParameterStringFilter{
		Key: aws.String("Type"), Option: aws.String("Equals"), Values: []string{string(types.ParameterTypeString)},
	})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, found := range parameters {
		if name := chainOfDefinition(aws.ToString(found.Name)); name != "" {
			names = append(names, name)
		}
	}
	var mu sync.Mutex
	chains := map[string][]string{}
	err = together(ctx, names, func(ctx context.Context, name string) error {
		d, err := readDefinition(ctx, client, name)
		if err != nil {
			return ctx.Err()
		}
		mu.Lock()
		defer mu.Unlock()
		for key, s := range d.Steps {
			if s.Kind() != chain.KindSignal {
				chains[s.ID(key)] = append(chains[s.ID(key)], name)
			}
		}
		return nil
	})
	for _, of := range chains {
		slices.Sort(of)
	}
	return chains, err
}

// chainOfDefinition returns the name of the chain that has its definition in this parameter. It is empty for another parameter.
func chainOfDefinition(parameter string) string {
	rest, ours := strings.CutPrefix(parameter, parameterRoot)
	name, last, _ := strings.Cut(rest, "/")
	if !ours || last != "definition" {
		return ""
	}
	return name
}

// readDefinition reads a chain's definition from one or more parameters.
func readDefinition(ctx context.Context, client *ssm.Client, name string) (*chain.Definition, error) {
	all, err := listParameters(ctx, client, parameterRoot+name)
	if err != nil {
		return nil, err
	}
	path, parts := parameterRoot+name+"/definition", map[string]string{}
	for name, found := range all {
		if id, below := strings.CutPrefix(name, path+"/"); below {
			parts[id] = aws.ToString(found.Value)
		}
	}
	return chain.Assemble(aws.ToString(all[path].Value), parts)
}
