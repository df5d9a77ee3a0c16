// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Located is a chain that was found in the account and region without a state.
type Located struct {
	Name      string
	TenantID  string // of the Qlik Cloud tenant; empty if no object says it
	Instance  string // see TagInstance; empty if no object says it
	Stage     Stage
	CreatedBy string    // ARN; empty if unknown
	CreatedAt time.Time // zero if unknown
	Renewed   time.Time // when the create that has not ended was last known to work; zero if it was not
}

// Stage is how far the create of a chain has come.
type Stage string

// The stages of a located chain.
const (
	StageWhole      Stage = "deployed"    // the create has ended
	StageCreating   Stage = "creating"    // an apply creates it, or was killed
	StageStopped    Stage = "interrupted" // the create has failed; another apply completes it
	StageIncomplete Stage = "incomplete"  // the record of its owner is missing or unreadable
)

// Working reports whether an apply renewed its claim of the chain a moment ago.
func (l *Located) Working(now time.Time) bool {
	return l.Stage == StageCreating && now.Sub(l.Renewed) < 2*defaultLease
}

// Chains finds the chains of the account and region by the names of their parameters, sorted by name.
func Chains(ctx context.Context, clients Clients) ([]Located, error) {
	parameters, err := describeParameters(ctx, clients.SSM)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, found := range parameters {
		if name, _, below := strings.Cut(strings.TrimPrefix(aws.ToString(found.Name), parameterRoot), "/"); below {
			names[name] = true
		}
	}
	var mu sync.Mutex
	var chains []Located
	err = together(ctx, keys(names), func(ctx context.Context, name string) error {
		located, err := Locate(ctx, clients, name)
		if err != nil || located == nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		chains = append(chains, *located)
		return nil
	})
	slices.SortFunc(chains, func(a, b Located) int { return cmp.Compare(a.Name, b.Name) })
	return chains, err
}

// Locate finds a chain by its name. The owner's parameter says the tenant and the instance, else the tags of another object do. It returns
// nil when there is no such chain.
func Locate(ctx context.Context, clients Clients, name string) (*Located, error) {
	s := New(clients, Place{}, name, Known{})
	entries, err := s.owner.list(ctx)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		if record := entries[len(entries)-1].record; record.TenantID != "" {
			return &Located{Name: name, TenantID: record.TenantID, Instance: record.Instance, Stage: stageOf(&record),
				CreatedBy: record.CreatedBy, CreatedAt: record.CreatedAt, Renewed: record.RenewedAt}, nil
		}
	}
	tags, err := s.anyTags(ctx)
	switch {
	case err != nil:
		return nil, err
	case tags == nil && len(entries) == 0:
		return nil, nil
	}
	return &Located{Name: name, TenantID: tags[TagTenant], Instance: tags[TagInstance], Stage: StageIncomplete}, nil
}

func stageOf(record *ownerRecord) Stage {
	switch record.Stage {
	case stageWhole:
		return StageWhole
	case stageCreating:
		return StageCreating
	case stageStopped:
		return StageStopped
	default:
		return StageIncomplete
	}
}

// anyTags returns the tags of an object that has the chain's name and is marked as a chain's: a parameter, the function or the API. It
// returns nil when there is none.
func (s *Stack) anyTags(ctx context.Context) (map[string]string, error) {
	marked := func(tags map[string]string) bool { return tags[TagManagedBy] == managedBy && tags[TagChain] == s.chain }
	for _, p := range []*parameter{&s.definition.parameter, &s.credentials.parameter, &s.signingSecret.parameter} {
		if err := p.findTags(ctx); err != nil { // without the values, which are secrets
			return nil, err
		}
		if marked(p.tags) {
			return p.tags, nil
		}
	}
	if err := s.function.get(ctx); err != nil {
		return nil, err
	}
	if marked(s.function.tags) {
		return s.function.tags, nil
	}
	apis, err := listed(ctx, apigateway.NewGetRestApisPaginator(s.APIGateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)}),
		func(page *apigateway.GetRestApisOutput) []apitypes.RestApi { return page.Items })
	for _, api := range apis {
		if aws.ToString(api.Name) == s.objectName() && marked(api.Tags) {
			return api.Tags, nil
		}
	}
	return nil, err
}

// describeParameters lists the parameters of all chains, without their values. It needs ssm:DescribeParameters.
func describeParameters(
	ctx context.Context, client *ssm.Client, filters ...types.ParameterStringFilter,
) ([]types.ParameterMetadata, error) {
	all := append([]types.ParameterStringFilter{
		{Key: aws.String("Name"), Option: aws.String("BeginsWith"), Values: []string{parameterRoot}},
	}, filters...)
	return listed(ctx, ssm.NewDescribeParametersPaginator(client, &ssm.DescribeParametersInput{
		MaxResults: aws.Int32(50), ParameterFilters: all,
	}), func(page *ssm.DescribeParametersOutput) []types.ParameterMetadata { return page.Parameters })
}

// Object is an object of a chain.
type Object struct {
	Kind string `json:"kind"` // "IAM role"
	Name string `json:"name"` // in its service
}

// Objects returns the chain's objects that Find has found, in the order in which they are set up.
func (s *Stack) Objects() []Object {
	var all []Object
	for _, n := range s.nodes {
		var state State
		if c, ok := n.component.(reporter); ok {
			c.report(&state)
		}
		if state.there {
			all = append(all, Object{n.title, n.object})
		}
	}
	return all
}

// Strangers describes the found objects that have the chain's names and cannot be attributed to it.
func (s *Stack) Strangers() []string { return s.strangers(&Spec{}, false) }

// LogGroupName returns the name of the log group of a chain's function.
func LogGroupName(chain string) string { return (&Stack{chain: chain}).logGroupName() }
