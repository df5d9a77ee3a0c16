// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// publisher sends messages to topics. *aws.Topics implements it.
type publisher interface {
	Publish(ctx context.Context, topic string, m aws.TopicMessage) error
}

// notices sends notices to the SNS topics among the chain's alarm actions. It implements engine.Notices.
type notices struct {
	settings  settings
	publisher publisher
}

// Send sends a notice to all topics at the same time. If one topic cannot be reached, the others still get the notice.
func (s *notices) Send(ctx context.Context, n engine.Notice, zone *time.Location) error {
	to := s.settings
	m, err := notice.Compose(n, notice.Place{
		Chain: to.chainName, TenantURL: to.tenantURL, InvokeURL: to.invokeURL, Region: to.region, LogGroup: to.logGroup, Zone: zone,
	})
	if err != nil {
		return err
	}
	errs := make([]error, len(to.topics))
	var all sync.WaitGroup
	for i, arn := range to.topics {
		all.Go(func() {
			err := s.publisher.Publish(ctx, arn, aws.TopicMessage{Subject: m.Subject, Default: m.JSON, Email: m.Text, SMS: m.Short})
			if err != nil {
				errs[i] = fmt.Errorf("the topic %s did not take it: %w", arn, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
