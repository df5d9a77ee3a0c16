// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// timeToLive is the table's setting that makes DynamoDB delete expired items. Only the table's recovery waits for it: without it the table
// only grows.
type timeToLive struct {
	s         *Stack
	attribute string // contains an item's time of expiry; empty when expired items stay
}

// expiresAttribute is the attribute in which the engine writes when an item expires, in seconds since 1970.
const expiresAttribute = "expires"

// look reads the setting. The table calls it.
func (c *timeToLive) look(ctx context.Context) error {
	out, err := found(c.s.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	switch out.TimeToLiveDescription.TimeToLiveStatus {
	case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
		c.attribute = aws.ToString(out.TimeToLiveDescription.AttributeName)
	case types.TimeToLiveStatusDisabled, types.TimeToLiveStatusDisabling:
	}
	return nil
}

func (c *timeToLive) diff(*Spec) []Difference {
	if c.s.table.seen == nil || c.attribute == expiresAttribute { // a missing table is reported separately
		return nil
	}
	have := c.attribute
	if have == "" {
		have = "disabled"
	}
	return []Difference{{Setting: "table.ttl_attribute", Have: have, Want: expiresAttribute}}
}

func (c *timeToLive) ensure(ctx context.Context, _ *Spec) error {
	if c.attribute == expiresAttribute {
		return nil
	}
	if c.attribute != "" {
		if err := c.set(ctx, c.attribute, false); err != nil {
			return err
		}
	}
	return c.set(ctx, expiresAttribute, true)
}

// set switches one attribute on or off. DynamoDB refuses a second change within about an hour with a ValidationException
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html).
func (c *timeToLive) set(ctx context.Context, attribute string, on bool) error {
	_, err := c.s.DynamoDB.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(c.s.objectName()),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attribute), Enabled: aws.Bool(on)},
	})
	switch {
	case err == nil:
	case on && hasCode(err, "ValidationException") && strings.Contains(err.Error(), "already enabled"):
		// The SDK has repeated a call after its answer got lost.
	case hasCode(err, "ValidationException"):
		return fmt.Errorf("switching the time to live over to the attribute %s was refused; DynamoDB allows one such change in about an hour. "+
			"Until then expired items stay, and nothing else suffers: apply again later: %w", expiresAttribute, err)
	default:
		return err
	}
	c.attribute = ""
	if on {
		c.attribute = attribute
	}
	return nil
}
