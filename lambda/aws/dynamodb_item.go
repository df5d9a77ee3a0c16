// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The attributes of an item. The provider makes the table with the first two as its key and the last one as its time to live.
const (
	attrPartition = "pk"
	attrSort      = "sk"
	attrVersion   = "version" // of the last write, from 1
	attrDocument  = "doc"     // JSON as text, which an operator can read in the console; compressed if it is long
	attrCount     = "count"
	attrExpires   = "expires" // Unix seconds
)

// attribute is a value as DynamoDB writes it, of one of the types that the table has. None of its values is empty. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
type attribute struct {
	S string `json:",omitempty"`
	N string `json:",omitempty"`
	B []byte `json:",omitempty"`
}

func text(s string) attribute { return attribute{S: s} }

func number(n int64) attribute { return attribute{N: strconv.FormatInt(n, 10)} }

func (a attribute) number() (int, error) { return strconv.Atoi(a.N) }

// item is an item's attributes by name.
type item map[string]attribute

func keyOf(k engine.Key) item { return item{attrPartition: text(k.PK), attrSort: text(k.SK)} }

// expression holds the names and values of an expression of DynamoDB.
type expression struct {
	Names  map[string]string `json:"ExpressionAttributeNames,omitempty"`
	Values item              `json:"ExpressionAttributeValues,omitempty"`
}

// decode reads an item.
func (i item) decode() (*engine.Item, error) {
	found := &engine.Item{Key: engine.Key{PK: i[attrPartition].S, SK: i[attrSort].S}}
	var err error
	if found.Version, err = i[attrVersion].number(); err != nil {
		return nil, fmt.Errorf("the version of the item %s %s: %w", found.PK, found.SK, err)
	}
	if found.Doc, err = i[attrDocument].document(); err != nil {
		return nil, fmt.Errorf("the document of the item %s %s: %w", found.PK, found.SK, err)
	}
	return found, nil
}

const (
	// maxReadable is the size in bytes past which a document is compressed. The document of a step that joins hundreds of upstreams repeats
	// itself, an item holds at most 400 KB, and each KB of a write costs.
	maxReadable = 16 << 10
	// maxDocument is the size in bytes of the largest document that is read: far above what compresses to an item.
	maxDocument = 64 << 20
)

// documentAttribute returns a document as an attribute.
func documentAttribute(doc []byte) (attribute, error) {
	if len(doc) <= maxReadable {
		return text(string(doc)), nil
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(doc); err != nil {
		return attribute{}, err
	}
	if err := z.Close(); err != nil {
		return attribute{}, err
	}
	return attribute{B: b.Bytes()}, nil
}

// document returns the document that an attribute holds.
func (a attribute) document() ([]byte, error) {
	if len(a.B) == 0 {
		return []byte(a.S), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(a.B))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxDocument))
}
