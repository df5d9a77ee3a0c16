// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// recovery is the table's point-in-time recovery. No other component waits for it, because DynamoDB takes a while to accept the setting for
// a new table.
type recovery struct {
	s    *Stack
	on   bool
	days int32 // how far back it goes; 0 when DynamoDB does not return it
}

// recoveryDays is how far back a recovery goes: DynamoDB's default, and its maximum.
const recoveryDays = 35

// look reads the setting. The table calls it.
func (c *recovery) look(ctx context.Context) error {
	out, err := found(c.s.DynamoDB.DescribeContinuousBackups(ctx,
		&dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	if c.on = recoveryIsOn(out.ContinuousBackupsDescription); c.on {
		c.days = aws.ToInt32(out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays)
	}
	return nil
}

func recoveryIsOn(d *types.ContinuousBackupsDescription) bool {
	return d != nil && d.PointInTimeRecoveryDescription != nil &&
		d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
}

func (c *recovery) diff(want *Spec) []Difference {
	switch {
	case c.s.table.seen == nil: // reported by the table
		return nil
	case c.on == want.PointInTimeRecovery && c.isShort():
		return []Difference{{Setting: "table.recovery_period_in_days", Have: fmt.Sprint(c.days), Want: fmt.Sprint(recoveryDays)}}
	case c.on == want.PointInTimeRecovery:
		return nil
	}
	return []Difference{{Setting: "table.point_in_time_recovery", Have: onOff(c.on), Want: onOff(want.PointInTimeRecovery)}}
}

// isShort reports whether the recovery goes back less far than it could.
func (c *recovery) isShort() bool { return c.on && c.days != 0 && c.days != recoveryDays }

func (c *recovery) ensure(ctx context.Context, want *Spec) error {
	if c.on == want.PointInTimeRecovery && !c.isShort() {
		return nil
	}
	specification := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(want.PointInTimeRecovery)}
	if want.PointInTimeRecovery {
		specification.RecoveryPeriodInDays = aws.Int32(recoveryDays)
	}
	_, err := c.s.DynamoDB.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String(c.s.objectName()), PointInTimeRecoverySpecification: specification,
	})
	if err == nil {
		c.on, c.days = want.PointInTimeRecovery, recoveryDays
	}
	return err
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
