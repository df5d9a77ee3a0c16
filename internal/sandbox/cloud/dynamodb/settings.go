package dynamodb

import (
	"strings"

	"github.com/google/uuid"
)

type sseSpecification struct {
	Enabled        *bool
	SSEType        string
	KMSMasterKeyID string `json:"KMSMasterKeyId"`
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
