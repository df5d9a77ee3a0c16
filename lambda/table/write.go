// SPDX-License-Identifier: MPL-2.0

package table

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// maxConflicts is how often a write is tried again that met another one.
const maxConflicts = 20

// Write implements engine.Store.
func (t *Table) Write(ctx context.Context, writes ...engine.Write) error {
	all := make([]operation, len(writes))
	for i, w := range writes {
		var err error
		if all[i], err = t.operation(w); err != nil {
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
		if err := engine.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// operation is one write in DynamoDB's words; exactly one of its fields is set.
type operation struct {
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

func (t *Table) operation(w engine.Write) (operation, error) {
	key := keyOf(w.Key)
	if w.Delete {
		return operation{Delete: &del{TableName: t.name, Key: key}}, nil
	}
	doc, err := json.Marshal(w.Doc)
	if err != nil {
		return operation{}, err
	}
	p := &put{TableName: t.name, Item: key}
	if p.Item[document], err = written(doc); err != nil {
		return operation{}, err
	}
	p.Item[version] = number(int64(w.Version) + 1)
	if !w.Expires.IsZero() {
		p.Item[expires] = number(w.Expires.Unix())
	}
	switch {
	case w.Always:
	case w.Version == 0:
		p.ConditionExpression, p.Names = "attribute_not_exists(#pk)", map[string]string{"#pk": partitionKey}
	default:
		p.ConditionExpression = "#version = :version"
		p.expression = expression{Names: map[string]string{"#version": version}, Values: item{":version": number(int64(w.Version))}}
	}
	return operation{Put: p}, nil
}

// send carries all out or none. Sources: API_PutItem.html, API_DeleteItem.html and API_TransactWriteItems.html of
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
func (t *Table) send(ctx context.Context, all []operation) error {
	switch {
	case len(all) > 1:
		return t.client.Call(ctx, "TransactWriteItems", struct {
			TransactItems      []operation
			ClientRequestToken string // by which DynamoDB knows a transaction again whose answer was lost
		}{all, rand.Text()}, nil)
	case all[0].Put != nil:
		return t.client.Call(ctx, "PutItem", all[0].Put, nil)
	default:
		return t.client.Call(ctx, "DeleteItem", all[0].Delete, nil)
	}
}

// reasons are why a write was refused: of a transaction the codes for its items, else what the exception says. A transaction that met another one, or
// had no capacity for one of its items, is not repeated by the SDK's retryer.
func reasons(err error) map[string]bool {
	var refusal *awscall.Refusal
	if !errors.As(err, &refusal) {
		return nil
	}
	switch refusal.Code {
	case "ConditionalCheckFailedException":
		return map[string]bool{"ConditionalCheckFailed": true}
	case "TransactionConflictException":
		return map[string]bool{"TransactionConflict": true}
	case "TransactionCanceledException":
	default:
		return nil
	}
	var answer struct{ CancellationReasons []struct{ Code string } }
	if json.Unmarshal(refusal.Body, &answer) != nil {
		return nil // then it is an error like any other
	}
	why := map[string]bool{}
	for _, reason := range answer.CancellationReasons {
		why[reason.Code] = true
	}
	return why
}
