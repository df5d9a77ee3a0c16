// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// Delivery is one attempt of Qlik Cloud to send an event to a webhook. Qlik Cloud keeps it for 7 days (https://help.qlik.com,
// "Administering webhooks").
type Delivery struct {
	TriggeredAt Timestamp `json:"triggeredAt"`
	Request     struct {
		Body json.RawMessage `json:"body"` // the event
	} `json:"request"`
}

// How many failed deliveries to request: a page, and many of them if the page does not go back far enough.
const (
	pageOfDeliveries = 100
	mostDeliveries   = 2000
)

// FailedDeliveries returns the deliveries of a webhook that have failed after since, newest first, and at most 2,000. IsNotFound is true
// for its error if the webhook is gone or invisible to these credentials.
func (c *Client) FailedDeliveries(ctx context.Context, webhookID string, since time.Time) ([]Delivery, error) {
	name, err := segment(webhookID)
	if err != nil {
		return nil, err
	}
	query := url.Values{"status": {"fail"}, "sort": {"-triggeredAt"}, "limit": {strconv.Itoa(pageOfDeliveries)}}
	var all []Delivery
	for _, limit := range []int{pageOfDeliveries, mostDeliveries} {
		err := c.withMoved(ctx, &c.webhooks, func(collection string) (err error) {
			all, err = list[Delivery](ctx, c, collection+"/"+name+"/deliveries", query, limit)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(all) < limit || !all[len(all)-1].TriggeredAt.After(since) {
			break
		}
	}
	for i := range all {
		if !all[i].TriggeredAt.After(since) {
			return all[:i], nil
		}
	}
	return all, nil
}

// LatestDeliveries returns one page of the latest deliveries of a webhook, successful or failed, newest first.
func (c *Client) LatestDeliveries(ctx context.Context, webhookID string) ([]Delivery, error) {
	name, err := segment(webhookID)
	if err != nil {
		return nil, err
	}
	query := url.Values{"sort": {"-triggeredAt"}, "limit": {strconv.Itoa(pageOfDeliveries)}}
	var page []Delivery
	err = c.withMoved(ctx, &c.webhooks, func(collection string) (err error) {
		page, err = list[Delivery](ctx, c, collection+"/"+name+"/deliveries", query, pageOfDeliveries)
		return err
	})
	return page, err
}
