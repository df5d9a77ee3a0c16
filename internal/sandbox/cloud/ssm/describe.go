// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// metadata is a parameter without its value.
type metadata struct {
	ARN              string // as IAM knows it
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

func describe(p *parameter, v *version) metadata {
	return metadata{
		DataType:         v.dataType,
		Description:      v.description,
		KeyID:            v.keyID,
		LastModifiedDate: seconds(v.modified),
		LastModifiedUser: v.user,
		Name:             p.name,
		Policies:         []string{},
		Tier:             v.tier,
		Type:             v.kind,
		Version:          v.number,
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
		size, err := pageSize(in.MaxResults, 50)
		if err != nil {
			return nil, err
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
				entry := describe(p, p.latest())
				entry.ARN = s.arns(name)[0]
				all = append(all, entry)
			}
		}
		part, next, err := page(all, in.NextToken, size)
		return describeOutput{Parameters: part, NextToken: next}, err
	}
}

// filter limits DescribeParameters to parameters of which one value fits.
type filter struct {
	Key    string
	Option string
	Values []string
}

// filterOptions are the keys that the service can filter by, each with its options; the first one is the default.
var filterOptions = map[string][]string{
	"Name": {"Equals", "BeginsWith", "Contains"},
	"Path": {"OneLevel", "Recursive"},
	"Type": {"Equals"},
	"Tier": {"Equals"},
}

func (f *filter) options() []string {
	if strings.HasPrefix(f.Key, "tag:") {
		return []string{"Equals"}
	}
	return filterOptions[f.Key]
}

func (f *filter) option() string {
	if f.Option == "" {
		return f.options()[0]
	}
	return f.Option
}

func (f *filter) validate() error {
	options := f.options()
	switch {
	case options == nil:
		return wire.Sender("InvalidFilterKey", "The sandbox does not support the filter key %q.", f.Key)
	case f.Option != "" && !slices.Contains(options, f.Option):
		return wire.Sender("InvalidFilterOption", "The following filter option is not valid for %s: %s. Valid options include: %s.", f.Key, f.Option, strings.Join(options, ", "))
	case len(f.Values) == 0 && !strings.HasPrefix(f.Key, "tag:"):
		return wire.Sender("InvalidFilterValue", "The filter %s has no values.", f.Key)
	}
	return nil
}

func (f *filter) match(p *parameter) bool {
	if key, found := strings.CutPrefix(f.Key, "tag:"); found {
		value, tagged := p.tags[key]
		return tagged && (len(f.Values) == 0 || slices.Contains(f.Values, value))
	}
	return slices.ContainsFunc(f.Values, func(value string) bool {
		switch f.Key {
		case "Type":
			return p.latest().kind == value
		case "Tier":
			return p.latest().tier == value
		case "Path":
			return under(value, p.name, f.option() == "Recursive")
		}
		switch f.option() {
		case "BeginsWith":
			return strings.HasPrefix(p.name, value)
		case "Contains":
			return strings.Contains(p.name, value)
		default:
			return p.name == value
		}
	})
}
