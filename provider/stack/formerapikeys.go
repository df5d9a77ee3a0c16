// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// formerAPIKeys are the keys of before a rotation. They go when the webhook has the new one, so that no delivery is refused.
type formerAPIKeys struct{ s *Stack }

// find leaves it to the API key, which finds all of the chain's keys.
func (c *formerAPIKeys) find(context.Context) error { return nil }

func (c *formerAPIKeys) diff(*Spec) []Difference {
	if n := len(c.s.apiKey.former); n > 0 {
		return []Difference{{Setting: "api_key.former", Have: fmt.Sprintf("%d of before a rotation", n), Want: "none"}}
	}
	return nil
}

// ensure gives Qlik Cloud time to send the new key everywhere before the former ones are refused.
func (c *formerAPIKeys) ensure(ctx context.Context, _ *Spec) error {
	if len(c.s.apiKey.former) == 0 {
		return nil
	}
	if err := pause(ctx, c.s.KeyOverlap); err != nil {
		return err
	}
	return c.remove(ctx)
}

func (c *formerAPIKeys) remove(ctx context.Context) error {
	for len(c.s.apiKey.former) > 0 {
		if err := c.s.apiKey.delete(ctx, c.s.apiKey.former[0].Id); err != nil {
			return err
		}
		c.s.apiKey.former = c.s.apiKey.former[1:]
	}
	return nil
}

func (c *formerAPIKeys) publish(state *State) {
	state.setPresent("api_key.former", len(c.s.apiKey.former) > 0)
}
