// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"cmp"
	"regexp"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	BillingMode               string
	ProvisionedThroughput     *throughput
	SSESpecification          *sseSpecification
	DeletionProtectionEnabled bool
	TableClass                string
	StreamSpecification       *streamSpecification
	Tags                      []wire.Tag
}

type tableDescriptionOutput struct{ TableDescription tableDescription }

func (s *Service) createTable(c *wire.Call, in *createTableInput) ([]string, func() (any, error)) {
	c.Also = s.keyPermissions(in.TableName, in.SSESpecification)
	if len(in.Tags) > 0 { // CreateTable, "Tags"
		c.Also = append(c.Also, wire.Each("dynamodb:TagResource", s.arns(in.TableName)...)...)
	}
	return s.arns(in.TableName), func() (any, error) {
		t, err := s.newTable(in)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settle()
		if s.tables[t.name] != nil {
			return nil, wire.Sender(codeInUse, "Table already exists: %s", t.name)
		}
		s.change(t, statusCreating)
		t.backupsAt = t.settledAt.Add(s.config.TransitionTime)
		s.tables[t.name] = t
		return tableDescriptionOutput{s.description(t)}, nil
	}
}

// tableName matches valid names of tables. Source: "Supported data types and naming rules in Amazon DynamoDB".
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (s *Service) newTable(in *createTableInput) (*table, error) {
	t := &table{
		name: s.nameOf(in.TableName), id: uuid.NewString(), created: s.config.Now(),
		protected: in.DeletionProtectionEnabled, tags: wire.Tags{}, partitions: map[string]*partition{},
		recovery: pointInTimeRecovery{days: maxRecoveryDays},
	}
	if !tableName.MatchString(t.name) {
		return nil, constraint(in.TableName, "tableName",
			"Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, with a length from 3 to 255")
	}
	if err := t.setBilling(cmp.Or(in.BillingMode, provisioned), in.ProvisionedThroughput); err != nil {
		return nil, err
	}
	if err := t.setKey(in.KeySchema, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	if err := s.setEncryption(t, in.SSESpecification); err != nil {
		return nil, err
	}
	if err := t.setClass(in.TableClass); err != nil {
		return nil, err
	}
	if in.StreamSpecification != nil && in.StreamSpecification.StreamEnabled {
		if err := s.setStream(t, in.StreamSpecification); err != nil {
			return nil, err
		}
	}
	return t, t.tags.Change(in.Tags, nil, invalid)
}

func (t *table) setKey(schema []keySchemaElement, definitions []attributeDefinition) error {
	t.keyTypes = map[string]attribute.Type{}
	for _, d := range definitions {
		t.keyTypes[d.AttributeName] = attribute.Type(d.AttributeType)
	}
	for i, element := range schema {
		switch {
		case i == 0 && element.KeyType == "HASH":
			t.key.Partition = element.AttributeName
		case i == 1 && element.KeyType == "RANGE" && element.AttributeName != t.key.Partition:
			t.key.Sort = element.AttributeName
		default:
			return validation("Invalid KeySchema: the first element has to be the HASH key, a second one the RANGE key of another attribute.")
		}
		if t.keyTypes[element.AttributeName] == "" {
			return invalid("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", element.AttributeName)
		}
	}
	if len(schema) == 0 {
		return validation("No Hash Key specified in schema. All Dynamo DB tables must have exactly one hash key")
	}
	if len(definitions) != len(schema) {
		return invalid("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return nil
}
