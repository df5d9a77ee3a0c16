// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"cmp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// decryptPermissions returns the permissions on the customer managed keys that a caller needs to use tables' items. DynamoDB decrypts a
// table's key on behalf of the caller. Source: DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes".
func (s *Service) decryptPermissions(tables ...string) []wire.Permission {
	s.mu.Lock()
	defer s.mu.Unlock()
	var needed []wire.Permission
	for _, arn := range s.arns(tables...) {
		name := s.nameOf(arn)
		if t := s.tables[name]; t != nil && t.keyARN != "" {
			needed = append(needed, wire.Permission{Action: "kms:Decrypt", Resource: t.keyARN, Known: s.keyUse(name)})
		}
	}
	return needed
}

// keyUse returns the condition context of KMS when DynamoDB uses a table's key. Source: DynamoDB Developer Guide, "DynamoDB encryption
// context".
func (s *Service) keyUse(table string) map[string]string {
	account := s.config.Account
	return account.KeyUse("dynamodb", map[string]string{"aws:dynamodb:tableName": table, "aws:dynamodb:subscriberId": account.ID})
}

// keyActions are the permissions on a customer managed key that a caller needs to set it for a table. Source: DynamoDB Developer Guide,
// "DynamoDB encryption at rest: How it works", on authorizing the use of a customer managed key.
var keyActions = []string{
	"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
}

func (s *Service) keyPermissions(table string, in *sseSpecification) []wire.Permission {
	if in == nil || in.KMSMasterKeyID == "" {
		return nil
	}
	key, known := s.config.Account.KeyARN(in.KMSMasterKeyID)
	if !known {
		return nil
	}
	var needed []wire.Permission
	for _, action := range keyActions {
		known := s.keyUse(s.nameOf(table))
		if action == "CreateGrant" || action == "DescribeKey" { // these actions have no encryption context
			known = s.config.Account.KeyUse("dynamodb", nil)
		}
		needed = append(needed, wire.Permission{Action: "kms:" + action, Resource: key, Known: known})
	}
	return needed
}

// writePermissions returns the permissions for the single writes of a transaction, without duplicates. Source: DynamoDB Developer Guide,
// "Using IAM with DynamoDB transactions".
func (s *Service) writePermissions(items []transactWrite) []wire.Permission {
	var needed []wire.Permission
	for i := range items {
		for action, on := range items[i].tables() {
			p := wire.Permission{Action: "dynamodb:" + action, Resource: s.arn(s.nameOf(on))}
			if !slices.ContainsFunc(needed, func(have wire.Permission) bool { return have.Action == p.Action && have.Resource == p.Resource }) {
				needed = append(needed, p)
			}
		}
	}
	slices.SortFunc(needed, func(a, b wire.Permission) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return needed
}
