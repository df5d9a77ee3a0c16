// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// signingSecret is the parameter with the secret that Qlik Cloud signs deliveries with. The provider generates it, and only the parameter
// and the webhook contain it.
type signingSecret struct {
	parameter
	value *chain.SigningSecret // known after a put or a read as clear text
}

func newSigningSecret(s *Stack) *signingSecret {
	return &signingSecret{parameter: parameter{s: s, suffix: "signing-secret", title: "signing secret", secret: true,
		revisionVariable: chain.EnvSigningSecretRevision}}
}

// previousSecretFor is how long the previous secret is accepted: longer than Lambda keeps an event that was signed with it.
const previousSecretFor = eventMaxAgeSeconds*time.Second + time.Hour

func (c *signingSecret) rotation() string { return c.tags[TagRotation] }

func (c *signingSecret) diff(want *Spec) []Difference {
	all := c.diffSecret(want)
	if c.seen != nil && c.rotation() != want.SigningSecretRotation {
		all = append(all, Difference{Setting: c.setting() + ".rotation", Have: orNone(c.rotation()), Want: orNone(want.SigningSecretRotation)})
	}
	return all
}

// ensure generates a secret if there is none, or none that can be read. It also generates one if a deployed chain has no visible webhook.
// That webhook may only be hidden from these credentials. Then its deliveries must not start reloads beside those of the new webhook. A
// rotation keeps the webhook's secret as the previous one.
func (c *signingSecret) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	rotate := c.seen != nil && c.rotation() != want.SigningSecretRotation
	switch webhookHidden := c.s.known.Function && c.s.webhook.seen == nil; {
	case c.seen == nil || webhookHidden:
		return c.write(ctx, want, chain.SigningSecret{Current: newSecret()})
	case c.given() && c.underKey(want) && !rotate:
		return nil
	}
	stored, err := c.read(ctx)
	if err != nil {
		return err
	}
	switch {
	case stored == nil: // the parameter was overwritten with something else
		return c.write(ctx, want, chain.SigningSecret{Current: newSecret()})
	case rotate:
		next := chain.SigningSecret{Current: newSecret(), Previous: stored.Current,
			PreviousUntil: time.Now().Add(previousSecretFor).UTC().Truncate(time.Second)}
		if c.s.webhook.seen != nil && !c.s.webhook.hasSecret(c.revision()) && stored.Previous != "" {
			next.Previous = stored.Previous // an apply was interrupted before the webhook got the current one
		}
		return c.write(ctx, want, next)
	case !c.underKey(want):
		return c.write(ctx, want, *stored)
	default:
		return nil // the function and the webhook get it next
	}
}

func (c *signingSecret) write(ctx context.Context, want *Spec, secret chain.SigningSecret) error {
	if err := c.put(ctx, want, secret.Store()); err != nil {
		return err
	}
	c.value = &secret
	return c.setRotation(ctx, want.SigningSecretRotation)
}

// read returns the secret as clear text, or nil when the parameter holds none.
func (c *signingSecret) read(ctx context.Context) (*chain.SigningSecret, error) {
	if c.value != nil {
		return c.value, nil
	}
	text, err := c.decrypt(ctx)
	if err != nil {
		return nil, err
	}
	if secret, err := chain.ParseSigningSecret(text); err == nil {
		c.value = &secret
	}
	return c.value, nil
}

func newSecret() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	return hex.EncodeToString(random)
}

func (c *signingSecret) report(state *State) {
	if state.note(c.ours()) {
		state.SigningSecret, state.SigningSecretRotation = true, c.rotation()
	}
}
