// SPDX-License-Identifier: MPL-2.0

// Package logs is the sandbox's Amazon CloudWatch Logs: log groups, their streams and events.
// Source: CloudWatch Logs API Reference, version 2014-03-28.
package logs

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

// Service is CloudWatch Logs. It is safe for concurrent use.
type Service struct {
	*api.Service
	account wire.Account
	now     func() time.Time

	mu       sync.Mutex
	groups   map[string]*group
	sequence int // of the latest event
}

// New returns the service.
func New(cfg Config) *Service {
	s := &Service{account: cfg.Account, now: cfg.Now, groups: map[string]*group{}}
	s.Service = api.New("logs", api.JSON("Logs_20140328", "1.1"), api.Operations{
		"CreateLogGroup":        api.Of(s.createLogGroup),
		"DescribeLogGroups":     api.Of(s.describeLogGroups),
		"DeleteLogGroup":        api.Of(s.deleteLogGroup),
		"PutRetentionPolicy":    api.Of(s.putRetentionPolicy),
		"DeleteRetentionPolicy": api.Of(s.deleteRetentionPolicy),
		"AssociateKmsKey":       api.Of(s.associateKMSKey),
		"DisassociateKmsKey":    api.Of(s.disassociateKMSKey),

		"PutLogGroupDeletionProtection": api.Of(s.putDeletionProtection),

		"DescribeLogStreams":  api.Of(s.describeLogStreams),
		"GetLogEvents":        api.Of(s.getLogEvents),
		"FilterLogEvents":     api.Of(s.filterLogEvents),
		"TagResource":         api.Of(s.changeTags),
		"UntagResource":       api.Of(s.changeTags),
		"ListTagsForResource": api.Of(s.listTagsForResource),
	})
	return s
}

// Objects lists the ARNs of the log groups.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, name := range s.names() {
		arns = append(arns, s.groupARN(name))
	}
	return arns
}

// names returns the names of all groups, sorted; the caller holds the lock.
func (s *Service) names() []string { return slices.Sorted(maps.Keys(s.groups)) }

func (s *Service) groupARN(group string) string { return s.account.ARN("logs", "log-group:"+group) }

// StreamARN returns the ARN of a stream. IAM uses such an ARN for every operation except those on tags. The stream is empty for an
// operation on a group; the group is also empty for an operation on all groups. For this reason a policy for log-group:NAME without :* at
// the end has no effect. Source: AWS's access denied messages.
func (s *Service) StreamARN(group, stream string) string {
	return s.groupARN(group) + ":log-stream:" + stream
}

// on returns the ARNs of a call on a group or a stream.
func (s *Service) on(group, stream string) []string { return []string{s.StreamARN(group, stream)} }

// groupName returns a group's name, given its name or ARN.
func groupName(identifier string) string {
	if _, fromARN, found := strings.Cut(identifier, ":log-group:"); found {
		return strings.TrimSuffix(fromARN, ":*")
	}
	return identifier
}

func invalid(format string, args ...any) *wire.Error {
	return wire.Sender("InvalidParameterException", format, args...)
}

// page returns a page of a list. The default size is the maximum size.
func page[T any](list []T, token string, size *int, most int) ([]T, string, error) {
	if size == nil {
		size = &most
	}
	part, next, ok := wire.Page(list, token, *size)
	if !ok {
		return nil, "", invalid("The specified nextToken is invalid.")
	}
	return part, next, nil
}
