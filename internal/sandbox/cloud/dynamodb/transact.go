// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Limits of transactions. Source: TransactWriteItems, TransactGetItems.
const (
	maxTransactionSize = 4 << 20
	tokenValid         = 10 * time.Minute
)

// transactWrite is one action of a transaction.
type transactWrite struct {
	Put    *putInput `json:",omitempty"`
	Delete *keyInput `json:",omitempty"`
}

type transactWriteInput struct {
	TransactItems      []transactWrite
	ClientRequestToken string
}

// token is the record of a transaction. With it, a repetition of the same request changes nothing.
type token struct {
	request [sha256.Size]byte
	until   time.Time
}

// tables returns the tables of a transaction's action, by the name of the needed permission. A valid action has one table.
func (w *transactWrite) tables() map[string]string {
	tables := map[string]string{}
	if w.Put != nil {
		tables["PutItem"] = w.Put.TableName
	}
	if w.Delete != nil {
		tables["DeleteItem"] = w.Delete.TableName
	}
	return tables
}

// on returns the name of the table of a transaction's action.
func (w *transactWrite) on() (string, error) {
	for _, table := range w.tables() {
		if len(w.tables()) == 1 {
			return table, nil
		}
	}
	return "", validation("TransactItems can only contain one of Check, Put, Update or Delete")
}

// write checks an action of a transaction.
func (w *transactWrite) write(t *table) (*write, error) {
	if w.Put != nil {
		return w.Put.write(t)
	}
	return w.Delete.write(t)
}

// transactWriteItems implements TransactWriteItems. It has no action in IAM policies: the caller needs the permissions for its single
// writes.
func (s *Service) transactWriteItems(c *wire.Call, in *transactWriteInput) ([]string, func() (any, error)) {
	needed := s.writePermissions(in.TransactItems)
	c.Action = ""
	var resources []string
	if len(needed) > 0 {
		c.Action, resources, c.Also = needed[0].Action, []string{needed[0].Resource}, needed[1:]
	}
	var tables []string
	for i := range in.TransactItems {
		tables = slices.AppendSeq(tables, maps.Values(in.TransactItems[i].tables()))
	}
	c.Also = append(c.Also, s.decryptPermissions(tables...)...)
	return resources, func() (any, error) {
		request, err := json.Marshal(in.TransactItems)
		if err != nil {
			return nil, err
		}
		hash := sha256.Sum256(request)
		s.mu.Lock()
		defer s.mu.Unlock()
		now := s.config.Clock.Now()
		if before, used := s.tokens[in.ClientRequestToken]; used && now.Before(before.until) {
			if !bytes.Equal(before.request[:], hash[:]) {
				return nil, wire.Sender(codeMismatch, "The request uses the same client token as a previous, but non-identical request.")
			}
			return struct{}{}, nil
		}
		writes, err := s.transaction(in.TransactItems)
		if err != nil {
			return nil, err
		}
		if err := commit(writes); err != nil {
			return nil, err
		}
		if in.ClientRequestToken != "" {
			s.tokens[in.ClientRequestToken] = token{hash, now.Add(tokenValid)}
		}
		return struct{}{}, nil
	}
}

// transaction checks the actions of a transaction. The caller holds the lock.
func (s *Service) transaction(items []transactWrite) ([]*write, error) {
	type target struct{ table, partition, sort string }
	seen := map[target]bool{}
	writes := make([]*write, 0, len(items))
	for i := range items {
		name, err := items[i].on()
		if err != nil {
			return nil, err
		}
		t, err := s.open(name)
		if err != nil {
			return nil, err
		}
		w, err := items[i].write(t)
		if err != nil {
			return nil, err
		}
		at := target{t.name, w.key.partition.Text, w.key.sort.Text}
		if seen[at] {
			return nil, validation("Transaction request cannot include multiple operations on one item")
		}
		seen[at] = true
		writes = append(writes, w)
	}
	return writes, nil
}

// commit carries out all writes, or none if one of them fails.
func commit(writes []*write) error {
	outcomes := make([]attribute.Item, len(writes))
	reasons := make([]reason, len(writes))
	size, failed := 0, false
	for i, w := range writes {
		old, changed, err := w.outcome()
		outcomes[i], reasons[i] = changed, reasonFor(err)
		failed = failed || err != nil
		size += max(old.Size(), changed.Size())
	}
	switch {
	case failed:
		return canceled(reasons)
	case size > maxTransactionSize:
		return validation("Collection size of the items in the transaction cannot exceed 4MB")
	}
	for i, w := range writes {
		w.table.put(w.key, outcomes[i])
	}
	return nil
}

// reason is why one action canceled a transaction. Source: TransactWriteItems, "Errors".
type reason struct {
	Code    string
	Message string `json:",omitempty"`
}

// reasonFor returns the reason for an outcome. In a transaction's writes, only conditions can fail.
func reasonFor(err error) reason {
	if err == nil {
		return reason{Code: "None"}
	}
	return reason{Code: "ConditionalCheckFailed", Message: conditionFailed}
}

func canceled(reasons []reason) error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = r.Code
	}
	return &detailedError{
		wire.Sender(codeCanceled, "Transaction cancelled, please refer cancellation reasons for specific reasons [%s]",
			strings.Join(codes, ", ")),
		map[string]any{"CancellationReasons": reasons},
	}
}
