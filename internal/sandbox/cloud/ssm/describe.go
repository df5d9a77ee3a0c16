// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// metadata is a parameter without its value.
type metadata struct {
	ARN              string // as in IAM policies
	DataType         string
	Description      string `json:",omitempty"`
	KeyID            string `json:"KeyId,omitempty"`
	LastModifiedDate float64
	LastModifiedUser string
	Name             string
	Policies         []string
	Tier             string
	Type             string
	Version          int
}

func (s *Service) describe(p *parameter) metadata {
	return metadata{
		ARN:              s.arns(p.name)[0],
		DataType:         "text",
		Description:      p.description,
		KeyID:            p.keyID,
		LastModifiedDate: seconds(p.modified),
		LastModifiedUser: p.user,
		Name:             p.name,
		Policies:         []string{},
		Tier:             p.tier,
		Type:             p.kind,
		Version:          p.version,
	}
}

type describeInput struct {
	ParameterFilters []filter
	MaxResults       *int
	NextToken        string
}

type describeOutput struct {
	Parameters []metadata
	NextToken  string `json:",omitempty"`
}

func (s *Service) describeParameters(_ *wire.Call, in *describeInput) ([]string, func() (any, error)) {
	return s.everything(), func() (any, error) {
		size := 50
		if in.MaxResults != nil {
			size = *in.MaxResults
		}
		for _, f := range in.ParameterFilters {
			if err := f.validate(); err != nil {
				return nil, err
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		all := []metadata{}
		for _, name := range s.names() {
			p := s.parameters[name]
			if !slices.ContainsFunc(in.ParameterFilters, func(f filter) bool { return !f.match(p) }) {
				all = append(all, s.describe(p))
			}
		}
		part, next, err := page(all, in.NextToken, size)
		return describeOutput{Parameters: part, NextToken: next}, err
	}
}

// filter limits DescribeParameters to parameters with one of the given values.
type filter struct {
	Key    string
	Option string
	Values []string
}

// validate refuses all filters except those that the provider sends.
func (f *filter) validate() error {
	switch {
	case f.Key != "Name" && f.Key != "Type":
		return wire.Sender("InvalidFilterKey", "The sandbox does not support the filter key %q.", f.Key)
	case f.Key == "Name" && f.Option != "BeginsWith" || f.Key == "Type" && f.Option != "Equals":
		return wire.Sender("InvalidFilterOption", "The sandbox does not support the option %q of the filter %s.", f.Option, f.Key)
	case len(f.Values) == 0:
		return wire.Sender("InvalidFilterValue", "The filter %s has no values.", f.Key)
	}
	return nil
}

func (f *filter) match(p *parameter) bool {
	if f.Key == "Type" {
		return slices.Contains(f.Values, p.kind)
	}
	return slices.ContainsFunc(f.Values, func(value string) bool { return strings.HasPrefix(p.name, value) })
}
