// SPDX-License-Identifier: MPL-2.0

// Package dynamodb is the sandbox's Amazon DynamoDB: tables without indexes and replicas,
// their items, time to live, tags and continuous backups. Reads are always consistent.
// Source: DynamoDB API Reference, version 2012-08-10, in the AWS JSON 1.0 protocol.
package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Config configures the service.
type Config struct {
	Account wire.Account
	Now     func() time.Time // the clock of time stamps
	// Clock is the time of expiry, of TimeToLiveInterval and of transactions' tokens.
	Clock *clock.Clock
	// TransitionTime is how long a table is CREATING, UPDATING or DELETING, and its time to live ENABLING or DISABLING, in real time. Zero
	// means 50 ms, a negative value no time.
	TransitionTime time.Duration
	// TimeToLiveInterval is the minimum time between changes of a table's time to live. Zero means one hour, as on AWS; a negative value
	// means no minimum.
	TimeToLiveInterval time.Duration
}

const (
	transitionTime     = 50 * time.Millisecond
	timeToLiveInterval = time.Hour
)

// Service is DynamoDB. It is safe for concurrent use: it carries out one call at a time.
type Service struct {
	*api.Service
	config Config

	mu     sync.Mutex
	tables map[string]*table
	tokens map[string]token // of the transactions that succeeded, by ClientRequestToken
}

var _ wire.Service = (*Service)(nil)

// New returns the service.
func New(config Config) *Service {
	if config.TransitionTime == 0 {
		config.TransitionTime = transitionTime
	}
	if config.TimeToLiveInterval == 0 {
		config.TimeToLiveInterval = timeToLiveInterval
	}
	s := &Service{config: config, tables: map[string]*table{}, tokens: map[string]token{}}
	s.Service = api.New("dynamodb", api.JSON("DynamoDB_20120810", "1.0"), api.Operations{
		"CreateTable":               api.Of(s.createTable),
		"DescribeTable":             api.Of(s.describeTable),
		"UpdateTable":               api.Of(s.updateTable),
		"DeleteTable":               api.Of(s.deleteTable),
		"ListTables":                api.Of(s.listTables),
		"UpdateTimeToLive":          api.Of(s.updateTimeToLive),
		"DescribeTimeToLive":        api.Of(s.describeTimeToLive),
		"UpdateContinuousBackups":   api.Of(s.updateContinuousBackups),
		"DescribeContinuousBackups": api.Of(s.describeContinuousBackups),
		"TagResource":               api.Of(s.changeTags),
		"UntagResource":             api.Of(s.changeTags),
		"ListTagsOfResource":        api.Of(s.listTagsOfResource),

		"GetItem":            api.Of(s.getItem),
		"PutItem":            api.Of(s.putItem),
		"UpdateItem":         api.Of(s.updateItem),
		"DeleteItem":         api.Of(s.deleteItem),
		"Query":              api.Of(s.query),
		"Scan":               api.Of(s.scan),
		"TransactWriteItems": api.Of(s.transactWriteItems),
	})
	s.Finish = func(response *wire.Response) { response.Header.Set(checksumHeader, checksum(response.Body)) }
	return s
}

// Objects lists the ARNs of the tables.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var arns []string
	for _, name := range s.names() {
		arns = append(arns, s.arn(name))
	}
	return arns
}

// names returns the names of all tables, sorted; the caller holds the lock.
func (s *Service) names() []string { return slices.Sorted(maps.Keys(s.tables)) }

func (s *Service) arn(name string) string { return s.config.Account.ARN("dynamodb", "table/"+name) }

// arns returns the ARNs of a call's tables, for the access decision.
func (s *Service) arns(tables ...string) []string {
	arns := make([]string, 0, len(tables))
	for _, name := range tables {
		arns = append(arns, s.arn(s.nameOf(name)))
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// nameOf returns a table's name, given its name or ARN.
func (s *Service) nameOf(table string) string { return strings.TrimPrefix(table, s.arn("")) }
