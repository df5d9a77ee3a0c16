// SPDX-License-Identifier: MPL-2.0

package stack

import "context"

// formerKey is the function's right to use the KMS key that the table and the secrets had before. While DynamoDB changes over to another
// key, the function needs both; so this right goes when the table and the function are done.
type formerKey struct{ s *Stack }

func (c *formerKey) object() string { return c.s.role.name }

func (c *formerKey) ensure(ctx context.Context, want *Spec) error {
	c.s.tableKey = c.s.table.kmsKeyARN()
	return c.s.role.ensure(ctx, want)
}
