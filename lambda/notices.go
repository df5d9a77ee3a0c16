// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// publisher sends messages to topics. *aws.Topics does.
type publisher interface {
	Publish(ctx context.Context, topic string, m aws.TopicMessage) error
}

// notices tells the SNS topics among the chain's alarm actions. It implements engine.Notices.
type notices struct {
	settings  settings
	publisher publisher
}

// Send sends a notice to all topics at the same time. One that cannot be reached keeps nothing from the others.
func (n *notices) Send(ctx context.Context, told engine.Notice, zone *time.Location) error {
	s := n.settings
	m, err := notice.Compose(told, notice.Place{
		Chain: s.chainName, TenantURL: s.tenantURL, InvokeURL: s.invokeURL, Region: s.region, LogGroup: s.logGroup, Zone: zone,
	})
	if err != nil {
		return err
	}
	errs := make([]error, len(s.topics))
	var all sync.WaitGroup
	for i, arn := range s.topics {
		all.Go(func() {
			errs[i] = n.publisher.Publish(ctx, arn, aws.TopicMessage{Subject: m.Subject, Default: m.JSON, Email: m.Text, SMS: m.Short})
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
