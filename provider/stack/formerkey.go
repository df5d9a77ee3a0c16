// SPDX-License-Identifier: MPL-2.0

package stack

import "context"

// formerKey is the function's right to use the KMS key that the table and the secrets had before. While DynamoDB changes over to another
// key, the function needs both; so this right goes when the table and the function are done.
type formerKey struct{ s *Stack }

// find leaves it to the role.
func (c *formerKey) find(context.Context) error { return nil }

// diff leaves it to the role.
func (c *formerKey) diff(*Spec) []Difference { return nil }

func (c *formerKey) ensure(ctx context.Context, want *Spec) error {
	c.s.tableKey = c.s.table.kmsKeyARN()
	return c.s.role.ensure(ctx, want)
}

// remove leaves the right to the role's own removal.
func (c *formerKey) remove(context.Context) error { return nil }

func (c *formerKey) publish(*State) {}
