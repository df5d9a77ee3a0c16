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

// ChainsByApp returns the chains of the account and region by the apps that are in them, whose ids are in lower case. A definition that cannot be read is
// left out. It needs ssm:DescribeParameters, and the rights to read a chain.
func ChainsByApp(ctx context.Context, client *ssm.Client) (map[string][]string, error) {
	var names []string
	pages := ssm.NewDescribeParametersPaginator(client, &ssm.DescribeParametersInput{
		MaxResults: aws.Int32(50),
		ParameterFilters: []types.ParameterStringFilter{
			{Key: aws.String("Name"), Option: aws.String("BeginsWith"), Values: []string{parameterRoot}},
			{Key: aws.String("Type"), Option: aws.String("Equals"), Values: []string{string(types.ParameterTypeString)}},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, found := range page.Parameters {
			if name := chainOfDefinition(aws.ToString(found.Name)); name != "" {
				names = append(names, name)
			}
		}
	}
	var mu sync.Mutex
	chains := map[string][]string{}
	err := together(ctx, names, func(ctx context.Context, name string) error {
		d, err := readDefinition(ctx, client, name)
		if err != nil {
			return ctx.Err()
		}
		mu.Lock()
		defer mu.Unlock()
		for _, s := range d.Steps {
			app := strings.ToLower(s.App)
			chains[app] = append(chains[app], name)
		}
		return nil
	})
	for _, of := range chains {
		slices.Sort(of)
	}
	return chains, err
}

// chainOfDefinition is the name of the chain with this definition's parameter, empty for another parameter.
func chainOfDefinition(parameter string) string {
	rest, ours := strings.CutPrefix(parameter, parameterRoot)
	name, last, _ := strings.Cut(rest, "/")
	if !ours || last != "definition" {
		return ""
	}
	return name
}

// readDefinition reads a chain's definition, in however many parameters it is.
func readDefinition(ctx context.Context, client *ssm.Client, name string) (*chain.Definition, error) {
	path := parameterRoot + name + "/definition"
	value, err := readParameter(ctx, client, path)
	if err != nil {
		return nil, err
	}
	ids, inParts, err := chain.PartsOf(value)
	if err != nil {
		return nil, err
	}
	parts := map[string]string{}
	if inParts {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			if parts[id], err = readParameter(ctx, client, path+"/"+id); err != nil {
				return nil, err
			}
		}
	}
	return chain.Assemble(value, parts)
}

func readParameter(ctx context.Context, client *ssm.Client, name string) (string, error) {
	out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Parameter.Value), nil
}
