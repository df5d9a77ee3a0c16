package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

// signingSecret is the parameter with the secret that Qlik Cloud signs deliveries with. It is made here and known to the
// parameter and the webhook only.
type signingSecret struct {
	parameter
	value string // known after put or a read in clear text
}

func (c *signingSecret) diff(want *Spec) []Difference { return c.diffSecret(want) }

// ensure makes a secret when there is none; when somebody wrote to the parameter, because what they wrote is not what the webhook
// has; and when a chain that was deployed has no webhook to be seen, because if that is only hidden from these credentials, its
// deliveries must not start reloads beside those of the webhook that comes next.
func (c *signingSecret) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	webhookHidden := c.s.known.Function && c.s.webhook.seen == nil
	if c.seen != nil && (c.s.function.seen == nil || c.given()) && !webhookHidden {
		return nil
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	c.value = hex.EncodeToString(random)
	return c.put(ctx, want, c.value)
}

// clear returns the secret itself.
func (c *signingSecret) clear(ctx context.Context) (string, error) {
	if c.value != "" {
		return c.value, nil
	}
	var err error
	c.value, err = c.decrypt(ctx)
	return c.value, err
}
