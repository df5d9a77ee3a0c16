// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// maxConflicts is the number of attempts of a write that meets other writes.
const maxConflicts = 20

// Write implements engine.Store.
func (t *Table) Write(ctx context.Context, writes ...engine.Write) error {
	all := make([]transactItem, len(writes))
	for i, w := range writes {
		var err error
		if all[i], err = t.transactItem(w); err != nil {
			return fmt.Errorf("writing the document of %s %s: %w", w.PK, w.SK, err)
		}
	}
	for attempt := 1; ; attempt++ {
		err := t.send(ctx, all)
		why := reasons(err)
		switch {
		case err == nil:
			return nil
		case why["ConditionalCheckFailed"]:
			return fmt.Errorf("%w: %w", engine.ErrConflict, err)
		case attempt == maxConflicts || !why["TransactionConflict"] && !why["ThrottlingError"] && !why["ProvisionedThroughputExceeded"]:
			return err
		}
		if err := engine.Backoff(ctx, attempt); err != nil {
			return err
		}
	}
}

// transactItem is one write in DynamoDB's words; exactly one of its fields is set.
type transactItem struct {
	Put    *put `json:",omitempty"`
	Delete *del `json:",omitempty"`
}

type put struct {
	TableName           string
	Item                item
	ConditionExpression string `json:",omitempty"`
	expression
}

type del struct {
	TableName string
	Key       item
}

func (t *Table) transactItem(w engine.Write) (transactItem, error) {
	key := keyOf(w.Key)
	if w.Delete {
		return transactItem{Delete: &del{TableName: t.name, Key: key}}, nil
	}
	doc, err := json.Marshal(w.Doc)
	if err != nil {
		return transactItem{}, err
	}
	p := &put{TableName: t.name, Item: key}
	if p.Item[attrDocument], err = documentAttribute(doc); err != nil {
		return transactItem{}, err
	}
	p.Item[attrVersion] = number(int64(w.Version) + 1)
	if !w.Expires.IsZero() {
		p.Item[attrExpires] = number(w.Expires.Unix())
	}
	switch {
	case w.Always:
	case w.Version == 0:
		p.ConditionExpression, p.Names = "attribute_not_exists(#pk)", map[string]string{"#pk": attrPartition}
	default:
		p.ConditionExpression = "#version = :version"
		p.expression = expression{Names: map[string]string{"#version": attrVersion}, Values: item{":version": number(int64(w.Version))}}
	}
	return transactItem{Put: p}, nil
}

// send carries out all writes or none. Sources: API_PutItem.html, API_DeleteItem.html and API_TransactWriteItems.html of
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
func (t *Table) send(ctx context.Context, all []transactItem) error {
	switch {
	case len(all) > 1:
		return t.client.call(ctx, "TransactWriteItems", struct {
			TransactItems      []transactItem
			ClientRequestToken string // by which DynamoDB recognizes a transaction that it has carried out
		}{all, rand.Text()}, nil)
	case all[0].Put != nil:
		return t.client.call(ctx, "PutItem", all[0].Put, nil)
	default:
		return t.client.call(ctx, "DeleteItem", all[0].Delete, nil)
	}
}

// reasons returns why DynamoDB refused a write: the codes for a transaction's items, or else what the exception says. The SDK's retryer
// does not repeat a transaction that met another one, or that had no capacity for one of its items.
func reasons(err error) map[string]bool {
	var refused *refusal
	if !errors.As(err, &refused) {
		return nil
	}
	switch refused.Code {
	case "ConditionalCheckFailedException":
		return map[string]bool{"ConditionalCheckFailed": true}
	case "TransactionConflictException":
		return map[string]bool{"TransactionConflict": true}
	case "TransactionCanceledException":
	default:
		return nil
	}
	var answer struct{ CancellationReasons []struct{ Code string } }
	if json.Unmarshal(refused.body, &answer) != nil {
		return nil // then it is an error like any other
	}
	why := map[string]bool{}
	for _, reason := range answer.CancellationReasons {
		why[reason.Code] = true
	}
	return why
}
