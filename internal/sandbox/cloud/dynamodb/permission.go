// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// permissions says what a call takes where that is not the operation's own action alone. Of a request that cannot be read it
// says nothing: carrying it out tells why.
// Source: DynamoDB Developer Guide, "Using IAM with DynamoDB transactions"; TagResource for tags in CreateTable.
func (s *Service) permissions(r *wire.Request, call *wire.Call) {
	switch call.Operation {
	case "TransactGetItems":
		call.Action = "dynamodb:GetItem"
	case "TransactWriteItems":
		call.Action = ""
		s.transactionPermissions(r, call)
	case "CreateTable":
		call.Also = append(s.keyPermissions(r), wire.TagPermission(r.Body, "dynamodb:TagResource", call.Resources...)...)
	case "UpdateTable":
		call.Also = s.keyPermissions(r)
	}
	if itemOperation.MatchString(call.Operation) {
		call.Also = append(call.Also, s.decryptPermissions(call)...)
	}
}

// itemOperation is an operation on the items of tables.
var itemOperation = regexp.MustCompile(`Item|^Query$|^Scan$`)

// decryptPermissions are what a caller needs on the customer managed keys of the tables whose items it uses: DynamoDB decrypts a table's
// key on behalf of who accesses the table. Source: DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes".
func (s *Service) decryptPermissions(call *wire.Call) []wire.Permission {
	s.mu.Lock()
	defer s.mu.Unlock()
	var needed []wire.Permission
	for _, arn := range call.Resources {
		name := strings.TrimPrefix(arn, s.arn(""))
		if t := s.tables[name]; t != nil && t.keyARN != "" {
			needed = append(needed, wire.Permission{Action: "kms:Decrypt", Resource: t.keyARN, Known: s.keyUse(name)})
		}
	}
	return needed
}

// keyUse is what KMS knows when DynamoDB uses a table's key. Source: DynamoDB Developer Guide, "DynamoDB encryption context".
func (s *Service) keyUse(table string) map[string]string {
	account := s.config.Account
	return account.KeyUse("dynamodb", map[string]string{"aws:dynamodb:tableName": table, "aws:dynamodb:subscriberId": account.ID})
}

// keyActions are what a caller needs on the customer managed key that it gives a table, by way of DynamoDB.
// Source: DynamoDB Developer Guide, "DynamoDB encryption at rest: How it works", on authorizing the use of a customer managed key.
var keyActions = []string{"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"}

func (s *Service) keyPermissions(r *wire.Request) []wire.Permission {
	var in struct {
		TableName        string
		SSESpecification sseSpecification
	}
	if json.Unmarshal(r.Body, &in) != nil || in.SSESpecification.KMSMasterKeyID == "" {
		return nil
	}
	key, known := s.config.Account.KeyARN(in.SSESpecification.KMSMasterKeyID)
	if !known {
		return nil
	}
	var needed []wire.Permission
	for _, action := range keyActions {
		known := s.keyUse(s.nameOf(in.TableName))
		if action == "CreateGrant" || action == "DescribeKey" { // they have no encryption context of their own
			known = s.config.Account.KeyUse("dynamodb", nil)
		}
		needed = append(needed, wire.Permission{Action: "kms:" + action, Resource: key, Known: known})
	}
	return needed
}

// writePermissions are what the writes of a transaction need.
var writePermissions = map[string]string{
	"ConditionCheck": "dynamodb:ConditionCheckItem", "Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem",
}

// transactionPermissions are those of the single writes. Of these no more is read than the tables' names, since the operation reads the rest, and
// says what is wrong with it.
func (s *Service) transactionPermissions(r *wire.Request, call *wire.Call) {
	var in struct {
		TransactItems []map[string]struct{ TableName string }
	}
	if json.Unmarshal(r.Body, &in) != nil {
		return
	}
	type write struct{ action, resource string }
	needed := map[write]bool{}
	for _, item := range in.TransactItems {
		for kind, on := range item {
			if action := writePermissions[kind]; action != "" {
				needed[write{action, s.arn(s.nameOf(on.TableName))}] = true
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(needed), func(a, b write) int {
		return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.resource, b.resource))
	})
	for _, w := range sorted {
		if call.Action == "" {
			call.Action, call.Resources = w.action, []string{w.resource}
			continue
		}
		call.Also = append(call.Also, wire.Permission{Action: w.action, Resource: w.resource})
	}
}
