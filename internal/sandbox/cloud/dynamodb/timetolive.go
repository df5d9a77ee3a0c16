// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// timeToLive is a table's setting of that name. The zero value is disabled.
type timeToLive struct {
	enabled   bool
	attribute string
	settledAt time.Time // until then it is ENABLING or DISABLING, by the real time
	changeAt  time.Time // when it can be changed again, by the sandbox's clock
}

func (t *timeToLive) status() string {
	switch settled := passed(t.settledAt); {
	case t.enabled && settled:
		return "ENABLED"
	case t.enabled:
		return "ENABLING"
	case settled:
		return "DISABLED"
	default:
		return "DISABLING"
	}
}

type timeToLiveSpecification struct {
	AttributeName string
	Enabled       *bool
}

type timeToLiveInput struct {
	TableName               string
	TimeToLiveSpecification timeToLiveSpecification
}

func (s *Service) updateTimeToLive(_ *wire.Call, in *timeToLiveInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findActive, func(t *table) (any, error) {
		wanted := in.TimeToLiveSpecification
		now := s.config.Clock.Now()
		switch {
		case *wanted.Enabled && t.ttl.enabled && wanted.AttributeName == t.ttl.attribute:
			return nil, validation("TimeToLive is already enabled")
		case t.ttl.enabled && wanted.AttributeName != t.ttl.attribute:
			return nil, validation("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.ttl.attribute)
		case !*wanted.Enabled && !t.ttl.enabled:
			return nil, validation("TimeToLive is already disabled")
		case now.Before(t.ttl.changeAt):
			// "It can take up to one hour for the change to fully process. Any additional UpdateTimeToLive calls for the same
			// table during this one hour duration result in a ValidationException." Source: UpdateTimeToLive.
			return nil, validation("Time to live has been modified multiple times within a fixed interval")
		}
		t.ttl = timeToLive{
			enabled: *wanted.Enabled, attribute: wanted.AttributeName,
			settledAt: time.Now().Add(s.config.TransitionTime), changeAt: now.Add(s.config.TimeToLiveInterval),
		}
		t.nextExpiry = now // so that all items are checked
		return struct{ TimeToLiveSpecification timeToLiveSpecification }{wanted}, nil
	})
}

type timeToLiveDescription struct {
	TimeToLiveStatus string
	AttributeName    string `json:",omitempty"`
}

func (s *Service) describeTimeToLive(_ *wire.Call, in *tableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.find, func(t *table) (any, error) {
		d := timeToLiveDescription{TimeToLiveStatus: t.ttl.status()}
		if d.TimeToLiveStatus != "DISABLED" {
			d.AttributeName = t.ttl.attribute
		}
		return struct{ TimeToLiveDescription timeToLiveDescription }{d}, nil
	})
}
