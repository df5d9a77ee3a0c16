// SPDX-License-Identifier: MPL-2.0

package dynamodb

import "cmp"

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
	key, known := s.config.Account.KeyARN(cmp.Or(in.KMSMasterKeyID, "alias/aws/dynamodb"))
	if !known {
		return invalid("KMS key %s: Invalid keyId. It has to be the id, the alias or the ARN of a key in this region.", in.KMSMasterKeyID)
	}
	t.keyARN = key
	return nil
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
