// SPDX-License-Identifier: MPL-2.0

package engine

import "context"

// maxTransaction is DynamoDB's limit of items in one transaction
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
const maxTransaction = 100

// store writes the groups, as many as possible in one transaction, and returns the starts that were written. It stops at a conflict.
func (c *changes) store(ctx context.Context, w *work) ([]stored[Start], error) {
	var written, made []stored[Start]
	var writes []Write
	flush := func() error {
		if len(writes) == 0 {
			return nil
		}
		if err := write(ctx, w.Store, writes...); err != nil {
			return err
		}
		written, made, writes = append(written, made...), nil, nil
		c.stored = true
		return nil
	}
	for _, g := range c.writes {
		if len(writes)+len(g.writes) > maxTransaction {
			if err := flush(); err != nil {
				return written, err
			}
		}
		writes = append(writes, g.writes...)
		if g.start != nil {
			made = append(made, *g.start)
		}
	}
	err := flush()
	if err == nil && c.shape != "" {
		w.shapeWritten(c.shape)
	}
	return written, err
}
