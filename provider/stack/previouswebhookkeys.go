// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// previousWebhookKeys are the webhook's keys of before a rotation. They go when the webhook has the new one, so that no delivery is
// refused.
type previousWebhookKeys struct{ s *Stack }

func (c *previousWebhookKeys) object() string { return c.s.webhookKey.name() }

func (c *previousWebhookKeys) diff(*Spec) []Difference {
	if n := len(c.s.webhookKey.others); n > 0 {
		return []Difference{{Setting: "webhook_key.previous", Have: fmt.Sprintf("%d of before a rotation", n), Want: "none"}}
	}
	return nil
}

// ensure gives Qlik Cloud time to send the new key everywhere before the previous ones are refused.
func (c *previousWebhookKeys) ensure(ctx context.Context, _ *Spec) error {
	if len(c.s.webhookKey.others) == 0 {
		return nil
	}
	if err := pause(ctx, c.s.KeyOverlap); err != nil {
		return err
	}
	return c.remove(ctx)
}

func (c *previousWebhookKeys) remove(ctx context.Context) error {
	return c.s.webhookKey.removeOthers(ctx)
}
