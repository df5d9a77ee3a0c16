// SPDX-License-Identifier: MPL-2.0

// Package ssm is the Parameter Store of the sandbox's AWS Systems Manager.
// Source: Systems Manager API Reference, version 2014-11-06.
package ssm

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Config configures the service.
type Config struct {
	Account wire.Account
	Now     func() time.Time
}

// Service is the Parameter Store. It is safe for concurrent use.
type Service struct {
	*api.Service
	account wire.Account
	now     func() time.Time

	mu         sync.Mutex
	parameters map[string]*parameter
}

// New returns the service.
func New(cfg Config) *Service {
	s := &Service{account: cfg.Account, now: cfg.Now, parameters: map[string]*parameter{}}
	s.Service = api.New("ssm", api.JSON("AmazonSSM", "1.1"), api.Operations{
		"PutParameter":           api.Of(s.putParameter),
		"GetParameter":           api.Of(s.getParameter),
		"GetParameters":          api.Of(s.getParameters),
		"GetParametersByPath":    api.Of(s.getParametersByPath),
		"DescribeParameters":     api.Of(s.describeParameters),
		"DeleteParameter":        api.Of(s.deleteParameter),
		"AddTagsToResource":      api.Of(s.changeTags),
		"RemoveTagsFromResource": api.Of(s.changeTags),
		"ListTagsForResource":    api.Of(s.listTagsForResource),
	})
	return s
}

// Objects lists the names of the parameters.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names()
}

// names returns the names of all parameters, sorted; the caller holds the lock.
func (s *Service) names() []string { return slices.Sorted(maps.Keys(s.parameters)) }

// arns returns the ARNs of parameters in IAM policies: parameter/name with one slash between, without a version.
func (s *Service) arns(names ...string) []string {
	arns := make([]string, 0, len(names))
	for _, name := range names {
		name, _, _ = strings.Cut(name, ":")
		arns = append(arns, s.account.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/")))
	}
	return arns
}

// everything returns the ARN for all parameters, for operations that IAM cannot limit to some.
func (s *Service) everything() []string { return []string{s.account.ARN("ssm", "*")} }

func validation(format string, args ...any) *wire.Error {
	return wire.Sender("ValidationException", format, args...)
}

func page[T any](list []T, token string, size int) ([]T, string, error) {
	part, next, ok := wire.Page(list, token, size)
	if !ok {
		return nil, "", wire.Sender("InvalidNextToken", "The specified token isn't valid.")
	}
	return part, next, nil
}
