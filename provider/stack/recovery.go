// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// recovery is the table's point-in-time recovery. Nothing else waits for it: DynamoDB takes its time before it takes the setting for
// a new table.
type recovery struct {
	s  *Stack
	on bool
}

func (c *recovery) find(ctx context.Context) error {
	c.on = false
	out, err := c.s.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(c.s.objectName())})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.on = recoveryIsOn(out.ContinuousBackupsDescription)
	return nil
}

func recoveryIsOn(d *types.ContinuousBackupsDescription) bool {
	return d != nil && d.PointInTimeRecoveryDescription != nil &&
		d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
}

func (c *recovery) diff(want *Spec) []Difference {
	if c.s.table.seen == nil || c.on == want.PointInTimeRecovery { // a missing table is a difference of its own
		return nil
	}
	return []Difference{{Setting: "table.point_in_time_recovery", Have: onOff(c.on), Want: onOff(want.PointInTimeRecovery)}}
}

func (c *recovery) ensure(ctx context.Context, want *Spec) error {
	if c.on == want.PointInTimeRecovery {
		return nil
	}
	busy := func(err error) bool { return tableBusy(err) || hasCode(err, "ContinuousBackupsUnavailableException") }
	return retry(ctx, tableTimeout, busy, func(ctx context.Context) error {
		_, err := c.s.DynamoDB.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName:                        aws.String(c.s.objectName()),
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(want.PointInTimeRecovery)},
		})
		if err == nil {
			c.on = want.PointInTimeRecovery
		}
		return err
	})
}

// remove leaves the setting to the table's own removal.
func (c *recovery) remove(context.Context) error { return nil }

func (c *recovery) publish(state *State) {
	state.PointInTimeRecovery = c.on && c.s.table.seen != nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
