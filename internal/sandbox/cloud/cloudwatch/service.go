// SPDX-License-Identifier: MPL-2.0

// Package cloudwatch is the sandbox's Amazon CloudWatch: alarms on one metric, metrics from functions' logs in the embedded metric format,
// and the depth of queues. Source: Amazon CloudWatch API Reference, version 2010-08-01, in the protocol Smithy RPC v2 CBOR.
package cloudwatch

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sns"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Topics receives the notifications of alarms.
type Topics interface {
	Send(arn string, m sns.Message) error
}

// Queues returns the number of visible messages in a queue, by its name; false if the queue does not exist.
type Queues interface {
	Visible(name string) (int, bool)
}

// Config configures the service.
type Config struct {
	Account wire.Account
	Now     func() time.Time
	Topics  Topics
	Queues  Queues
}

// Service is CloudWatch. It is safe for concurrent use.
type Service struct {
	*api.Service
	config Config

	mu      sync.Mutex
	alarms  map[string]*alarm
	metrics map[string][]datum // by metricKey
}

var _ wire.Service = (*Service)(nil)

// New returns the service.
func New(config Config) *Service {
	s := &Service{config: config, alarms: map[string]*alarm{}, metrics: map[string][]datum{}}
	s.Service = api.New("monitoring", api.CBOR(), api.Operations{
		"PutMetricAlarm":      api.Of(s.putMetricAlarm),
		"DescribeAlarms":      api.Of(s.describeAlarms),
		"DeleteAlarms":        api.Of(s.deleteAlarms),
		"ListTagsForResource": api.Of(s.listTagsForResource),
		"TagResource":         api.Of(s.changeTags),
		"UntagResource":       api.Of(s.changeTags),
	})
	s.Action = func(c *wire.Call) string { return "cloudwatch:" + c.Operation }
	return s
}

// Objects lists the ARNs of the alarms.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var objects []string
	for _, name := range slices.Sorted(maps.Keys(s.alarms)) {
		objects = append(objects, s.arn(name))
	}
	return objects
}

func (s *Service) arn(name string) string { return s.config.Account.ARN("cloudwatch", "alarm:"+name) }

// nameOf returns the name of the alarm with an ARN, or "" if the ARN is not of an alarm in this account.
func (s *Service) nameOf(arn string) string {
	name, found := strings.CutPrefix(arn, s.arn(""))
	if !found {
		return ""
	}
	return name
}

func invalid(format string, args ...any) *wire.Error {
	return wire.Sender("ValidationError", format, args...)
}

// notFound returns the error for a missing alarm. Operations on alarms and on tags have different codes.
func notFound(code, name string) error {
	return wire.Errorf(http.StatusNotFound, code, "Alarm %s does not exist", name)
}
