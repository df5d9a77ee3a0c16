// SPDX-License-Identifier: MPL-2.0

// Package logs is the sandbox's Amazon CloudWatch Logs: log groups, their streams and events.
// Source: CloudWatch Logs API Reference, version 2014-03-28.
package logs

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Config is what the service needs to know.
type Config struct {
	Account wire.Account
	Now     func() time.Time
}

// Service is CloudWatch Logs. It is safe for concurrent use.
type Service struct {
	account    wire.Account
	now        func() time.Time
	operations map[string]wire.JSONOperation

	mu       sync.Mutex
	groups   map[string]*group
	sequence int // of the event that came last
}

// New makes the service.
func New(cfg Config) *Service {
	s := &Service{account: cfg.Account, now: cfg.Now, groups: map[string]*group{}}
	s.operations = map[string]wire.JSONOperation{
		"CreateLogGroup":        wire.JSONInput(s.createLogGroup),
		"DescribeLogGroups":     wire.JSONInput(s.describeLogGroups),
		"DeleteLogGroup":        wire.JSONInput(s.deleteLogGroup),
		"PutRetentionPolicy":    wire.JSONInput(s.putRetentionPolicy),
		"DeleteRetentionPolicy": wire.JSONInput(s.deleteRetentionPolicy),
		"AssociateKmsKey":       wire.JSONInput(s.associateKMSKey),
		"DisassociateKmsKey":    wire.JSONInput(s.disassociateKMSKey),

		"PutLogGroupDeletionProtection": wire.JSONInput(s.putDeletionProtection),

		"CreateLogStream":     wire.JSONInput(s.createLogStream),
		"DescribeLogStreams":  wire.JSONInput(s.describeLogStreams),
		"PutLogEvents":        wire.JSONInput(s.putLogEvents),
		"GetLogEvents":        wire.JSONInput(s.getLogEvents),
		"FilterLogEvents":     wire.JSONInput(s.filterLogEvents),
		"TagResource":         wire.JSONInput(s.tagResource),
		"UntagResource":       wire.JSONInput(s.untagResource),
		"ListTagsForResource": wire.JSONInput(s.listTagsForResource),
		"ListTagsLogGroup":    wire.JSONInput(s.listTagsLogGroup),
	}
	return s
}

// Scope returns the service's name in a credential scope.
func (s *Service) Scope() string { return "logs" }

// Call finds out what the request asks for.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	call, err := wire.JSONCall(r, "Logs_20140328", "logs", s.operations)
	if err != nil {
		return nil, err
	}
	if call.Operation == "CreateLogGroup" { // API reference, CreateLogGroup: "tags"
		for _, group := range call.Resources {
			call.Also = append(call.Also, wire.TagPermission(r.Body, "logs:TagResource", strings.TrimSuffix(group, ":log-stream:"))...)
		}
	}
	return call, nil
}

// WriteError writes err as CloudWatch Logs does.
func (s *Service) WriteError(w http.ResponseWriter, r *wire.Request, err error) {
	wire.WriteJSONError(w, r, err)
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

// StreamARN names a stream. IAM decides with such an ARN about every operation but those on tags: with an empty stream where
// an operation is about a whole group, with an empty group where it is about all of them. A policy that allows anything on
// log-group:NAME alone, without :* after it, therefore allows nothing of use. Source: AWS's access denied messages.
func (s *Service) StreamARN(group, stream string) string {
	return s.groupARN(group) + ":log-stream:" + stream
}

// on lists what a call about a group or a stream touches.
func (s *Service) on(group, stream string) []string { return []string{s.StreamARN(group, stream)} }

// groupName finds the name of a group that is given by name, or by name or ARN.
func groupName(name, identifier string) string {
	if name != "" {
		return name
	}
	if _, fromARN, found := strings.Cut(identifier, ":log-group:"); found {
		return strings.TrimSuffix(fromARN, ":*")
	}
	return identifier
}

func invalid(format string, args ...any) *wire.Error {
	return wire.Sender("InvalidParameterException", format, args...)
}

// limit checks a limit; absent means fallback.
func limit(n *int, fallback, most int) (int, error) {
	if n == nil {
		return fallback, nil
	}
	if *n < 1 || *n > most {
		return 0, wire.Validation("InvalidParameterException", strconv.Itoa(*n), "limit", "Member must have value between 1 and "+strconv.Itoa(most))
	}
	return *n, nil
}

func page[T any](list []T, token string, size int) ([]T, string, error) {
	part, next, ok := wire.Page(list, token, size)
	if !ok {
		return nil, "", invalid("The specified nextToken is invalid.")
	}
	return part, next, nil
}
