package dynamodb

import (
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const payPerRequest = "PAY_PER_REQUEST"

type sseSpecification struct {
	Enabled        *bool
	SSEType        string
	KMSMasterKeyID string `json:"KMSMasterKeyId"`
}

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	BillingMode               string
	SSESpecification          *sseSpecification
	DeletionProtectionEnabled bool
	TableClass                string
	Tags                      []wire.Tag
}

type tableDescriptionOutput struct{ TableDescription tableDescription }

func (s *Service) createTable(_ *wire.Request, in *createTableInput) ([]string, func() (any, error)) {
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

// tableName is the rule for names of tables. Source: "Supported data types and naming rules in Amazon DynamoDB".
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (s *Service) newTable(in *createTableInput) (*table, error) {
	t := &table{
		name: s.nameOf(in.TableName), id: uuid.NewString(), created: s.config.Now(),
		protected: in.DeletionProtectionEnabled, tags: wire.Tags{}, partitions: map[string]*partition{},
		recovery: pointInTimeRecovery{days: maxRecoveryDays},
	}
	if !tableName.MatchString(t.name) {
		return nil, constraint(in.TableName, "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, with a length from 3 to 255")
	}
	if in.BillingMode != payPerRequest {
		return nil, validation("The sandbox supports the billing mode %s only, not %q.", payPerRequest, in.BillingMode)
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
	if problem := wire.CheckTags(nil, in.Tags); problem != "" {
		return nil, invalid("%s", problem)
	}
	t.tags.Put(in.Tags)
	return t, nil
}

func (t *table) setKey(schema []keySchemaElement, definitions []attributeDefinition) error {
	t.keyTypes = map[string]attribute.Type{}
	for _, d := range definitions {
		if !attribute.Type(d.AttributeType).Ordered() {
			return constraint(d.AttributeType, "attributeDefinitions.member.attributeType", "Member must satisfy enum value set: [B, N, S]")
		}
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

// setEncryption sets the key under which the table is encrypted.
func (s *Service) setEncryption(t *table, in *sseSpecification) error {
	if in == nil {
		return nil
	}
	enabled := in.Enabled != nil && *in.Enabled
	switch {
	case in.SSEType != "" && in.SSEType != "KMS":
		return invalid("SSEType %s is not supported", in.SSEType)
	case !enabled && in.KMSMasterKeyID != "":
		return invalid("KMSMasterKeyId cannot be specified when SSE is not enabled")
	case !enabled:
		t.keyARN = ""
		return nil
	}
	var err error
	t.keyARN, err = s.keyARN(in.KMSMasterKeyID)
	return err
}

// keyARN finds a KMS key by its ARN, id or alias. The sandbox has no KMS: it takes any key for one that exists.
func (s *Service) keyARN(id string) (string, error) {
	if id == "" {
		id = "alias/aws/dynamodb"
	}
	prefix := s.config.Account.ARN("kms", "")
	name := strings.TrimPrefix(id, prefix)
	if strings.HasPrefix(name, "alias/") {
		return prefix + "key/" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(prefix+name)).String(), nil
	}
	name = strings.TrimPrefix(name, "key/")
	if _, err := uuid.Parse(strings.TrimPrefix(name, "mrk-")); err != nil {
		return "", invalid("KMS key %s: Invalid keyId. It has to be the id, the alias or the ARN of a key in this region.", id)
	}
	return prefix + "key/" + name, nil
}

func (t *table) setClass(class string) error {
	switch class {
	case "", "STANDARD", "STANDARD_INFREQUENT_ACCESS":
		if class != "" {
			t.class = class
		}
		return nil
	default:
		return constraint(class, "tableClass", "Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]")
	}
}

type updateTableInput struct {
	TableName                 string
	BillingMode               string
	SSESpecification          *sseSpecification
	DeletionProtectionEnabled *bool
	TableClass                string
}

func (s *Service) updateTable(_ *wire.Request, in *updateTableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findActive, func(t *table) (any, error) {
		changed := *t
		switch {
		case in.BillingMode == "" && in.SSESpecification == nil && in.DeletionProtectionEnabled == nil && in.TableClass == "":
			return nil, validation("At least one of BillingMode, SSESpecification, DeletionProtectionEnabled or TableClass is required")
		case in.BillingMode != "" && in.BillingMode != payPerRequest:
			return nil, validation("The sandbox supports the billing mode %s only, not %q.", payPerRequest, in.BillingMode)
		}
		if in.SSESpecification != nil {
			if err := s.setEncryption(&changed, in.SSESpecification); err != nil {
				return nil, err
			}
			if changed.keyARN == t.keyARN {
				return nil, invalid("Table is already encrypted by given KMSMasterKeyId")
			}
		}
		if in.DeletionProtectionEnabled != nil {
			changed.protected = *in.DeletionProtectionEnabled
		}
		if err := changed.setClass(in.TableClass); err != nil {
			return nil, err
		}
		*t = changed
		s.change(t, statusUpdating)
		return tableDescriptionOutput{s.description(t)}, nil
	})
}

func (s *Service) deleteTable(_ *wire.Request, in *tableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findActive, func(t *table) (any, error) {
		if t.protected {
			return nil, validation("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		s.change(t, statusDeleting)
		return tableDescriptionOutput{s.description(t)}, nil
	})
}

// passed tells whether a moment of the real time has come.
func passed(at time.Time) bool { return !time.Now().Before(at) }
