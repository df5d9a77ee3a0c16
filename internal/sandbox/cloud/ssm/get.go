// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxByPath is the maximum number of parameters on a page of GetParametersByPath.
const maxByPath = 10

type getInput struct {
	Name           string
	WithDecryption bool
}

type getOutput struct{ Parameter parameterOutput }

func (s *Service) getParameter(c *wire.Call, in *getInput) ([]string, func() (any, error)) {
	c.Also = s.decryption(in.WithDecryption, in.Name)
	return s.arns(in.Name), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		p, err := s.find(in.Name)
		if err != nil {
			return nil, err
		}
		return getOutput{s.output(p, in.WithDecryption)}, nil
	}
}

type getManyInput struct {
	Names          []string
	WithDecryption bool
}

type getManyOutput struct {
	InvalidParameters []string
	Parameters        []parameterOutput
}

func (s *Service) getParameters(c *wire.Call, in *getManyInput) ([]string, func() (any, error)) {
	c.Also = s.decryption(in.WithDecryption, in.Names...)
	return s.arns(in.Names...), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		out := getManyOutput{InvalidParameters: []string{}, Parameters: []parameterOutput{}}
		for _, name := range in.Names {
			p, err := s.find(name)
			switch {
			case err == nil:
				out.Parameters = append(out.Parameters, s.output(p, in.WithDecryption))
			case err.Code == codeNotFound:
				out.InvalidParameters = append(out.InvalidParameters, name)
			default:
				return nil, err
			}
		}
		return out, nil
	}
}

type byPathInput struct {
	Path           string
	Recursive      bool
	WithDecryption bool
	MaxResults     *int
	NextToken      string
}

type byPathOutput struct {
	Parameters []parameterOutput
	NextToken  string `json:",omitempty"`
}

func (s *Service) getParametersByPath(c *wire.Call, in *byPathInput) ([]string, func() (any, error)) {
	c.Also = s.decryption(in.WithDecryption, s.below(in)...)
	return s.arns(in.Path), func() (any, error) {
		if !strings.HasPrefix(in.Path, "/") {
			return nil, validation("The parameter path must begin with a forward slash: %q.", in.Path)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		all := []parameterOutput{}
		for _, name := range s.namesBelow(in) {
			all = append(all, s.output(s.parameters[name], in.WithDecryption))
		}
		size := maxByPath
		if in.MaxResults != nil {
			size = *in.MaxResults
		}
		part, next, err := page(all, in.NextToken, size)
		return byPathOutput{Parameters: part, NextToken: next}, err
	}
}

// below returns the names of the parameters under a path.
func (s *Service) below(in *byPathInput) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.namesBelow(in)
}

// namesBelow works as below, but the caller holds the lock. It returns all levels below the path, or only the first one.
func (s *Service) namesBelow(in *byPathInput) []string {
	return slices.DeleteFunc(s.names(), func(name string) bool {
		rest, found := strings.CutPrefix(name, strings.TrimSuffix(in.Path, "/")+"/")
		return !found || !in.Recursive && strings.Contains(rest, "/")
	})
}
