// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"

	smithytime "github.com/aws/smithy-go/time"
)

// previousWebhookKeys are the webhook's keys from before a rotation. They are deleted after the webhook has the new key, so that no
// delivery is refused.
type previousWebhookKeys struct{ s *Stack }

func (c *previousWebhookKeys) object() string { return c.s.webhookKey.name() }

func (c *previousWebhookKeys) diff(*Spec) []Difference {
	if n := len(c.s.webhookKey.others); n > 0 {
		return []Difference{{Setting: "webhook_key.previous", Have: fmt.Sprintf("%d of before a rotation", n), Want: "none"}}
	}
	return nil
}

// ensure deletes the previous keys. First it waits until Qlik Cloud sends the new key everywhere.
func (c *previousWebhookKeys) ensure(ctx context.Context, _ *Spec) error {
	if len(c.s.webhookKey.others) == 0 {
		return nil
	}
	if err := smithytime.SleepWithContext(ctx, c.s.KeyOverlap); err != nil {
		return err
	}
	return c.remove(ctx)
}

func (c *previousWebhookKeys) remove(ctx context.Context) error {
	return c.s.webhookKey.removeOthers(ctx)
}
