// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// staleParts are the parts of earlier definitions, and of interrupted applies. They are deleted after the function has loaded the new
// definition.
type staleParts struct{ s *Stack }

func (c *staleParts) object() string { return c.s.definition.path() }

func (c *staleParts) diff(*Spec) []Difference {
	// A missing definition is reported by its own component.
	if stale := c.s.definition.stale(); c.s.definition.seen != nil && len(stale) > 0 {
		return []Difference{{Setting: "parameter.definition.parts", Have: fmt.Sprintf("%d that the definition does not need", len(stale)),
			Want: "none"}}
	}
	return nil
}

func (c *staleParts) ensure(ctx context.Context, _ *Spec) error {
	return c.s.definition.removeParts(ctx, c.s.definition.stale())
}
