// SPDX-License-Identifier: MPL-2.0

package stack

import "context"

// previousKMSKey is the function's permission to use the previous KMS key of the table and the secrets. The function needs both keys while
// DynamoDB changes to the new one. So this permission is removed after the table and the function are changed.
type previousKMSKey struct{ s *Stack }

func (c *previousKMSKey) object() string { return c.s.role.name }

func (c *previousKMSKey) ensure(ctx context.Context, want *Spec) error {
	c.s.tableKey = c.s.table.kmsKeyARN()
	return c.s.role.ensure(ctx, want)
}
