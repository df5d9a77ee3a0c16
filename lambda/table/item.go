// SPDX-License-Identifier: MPL-2.0

package table

import (
	"fmt"
	"strconv"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The attributes of an item. The provider makes the table with the first two as its key and the last one as its time to live.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	version      = "version" // of the last write, from 1
	document     = "doc"     // JSON as text, which people can read in the console; compressed past readable
	count        = "count"
	expires      = "expires" // Unix seconds
)

// attribute is a value as DynamoDB writes it, of one of the types that the table has. None of its values is empty. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
type attribute struct {
	S string `json:",omitempty"`
	N string `json:",omitempty"`
	B []byte `json:",omitempty"`
}

type item map[string]attribute

// expression is what stands for the names and values in an expression of DynamoDB's.
type expression struct {
	Names  map[string]string `json:"ExpressionAttributeNames,omitempty"`
	Values item              `json:"ExpressionAttributeValues,omitempty"`
}

func keyOf(k engine.Key) item { return item{partitionKey: text(k.PK), sortKey: text(k.SK)} }

func text(s string) attribute { return attribute{S: s} }

func number(n int64) attribute { return attribute{N: strconv.FormatInt(n, 10)} }

func numberOf(a attribute) (int, error) { return strconv.Atoi(a.N) }

func read(attributes item) (*engine.Item, error) {
	found := &engine.Item{Key: engine.Key{PK: attributes[partitionKey].S, SK: attributes[sortKey].S}}
	var err error
	if found.Version, err = numberOf(attributes[version]); err != nil {
		return nil, fmt.Errorf("the version of the item %s %s: %w", found.PK, found.SK, err)
	}
	if found.Doc, err = documentOf(attributes[document]); err != nil {
		return nil, fmt.Errorf("the document of the item %s %s: %w", found.PK, found.SK, err)
	}
	return found, nil
}
