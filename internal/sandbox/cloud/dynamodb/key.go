// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Limits of items, in bytes. Source: DynamoDB Developer Guide, "Constraints in Amazon DynamoDB".
const (
	maxItem         = 400 << 10
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// checkItem checks an item before it is stored.
func (t *table) checkItem(item attribute.Item) error {
	for _, name := range t.keyNames() {
		value, found := item[name]
		switch {
		case !found:
			return invalid("Missing the key %s in the item", name)
		case value.Type != t.keyTypes[name]:
			return invalid("Type mismatch for key %s expected: %s actual: %s", name, t.keyTypes[name], value.Type)
		}
		if err := t.checkKeyValue(name, value); err != nil {
			return err
		}
	}
	if _, nameless := item[""]; nameless {
		return invalid("An AttributeValue may not have an empty name")
	}
	if item.Size() > maxItem {
		return validation("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// checkKey checks the key of a requested item.
func (t *table) checkKey(key attribute.Item) error {
	names := t.keyNames()
	if len(key) != len(names) {
		return validation("The provided key element does not match the schema")
	}
	for _, name := range names {
		value, found := key[name]
		if !found || value.Type != t.keyTypes[name] {
			return validation("The provided key element does not match the schema")
		}
		if err := t.checkKeyValue(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) checkKeyValue(name string, value attribute.Value) error {
	size := value.Size()
	switch {
	case value.Type != attribute.Number && value.Text == "":
		kind := "string"
		if value.Type == attribute.Binary {
			kind = "binary"
		}
		return validation("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s "+
			"value. Key: %s", kind, name)
	case name == t.key.Partition && size > maxPartitionKey:
		return invalid("Size of hashkey has exceeded the maximum size limit of2048 bytes")
	case name == t.key.Sort && size > maxSortKey:
		return invalid("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

func (t *table) keyNames() []string {
	if t.key.Sort == "" {
		return []string{t.key.Partition}
	}
	return []string{t.key.Partition, t.key.Sort}
}
