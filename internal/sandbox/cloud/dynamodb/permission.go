// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

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
		var in transactWriteInput
		call.Action = ""
		if wire.DecodeJSON(r.Body, &in) == nil {
			s.transactionPermissions(in.TransactItems, call)
		}
	case "CreateTable":
		call.Also = append(s.keyPermissions(r), wire.TagPermission(r.Body, "dynamodb:TagResource", call.Resources...)...)
	case "UpdateTable":
		call.Also = s.keyPermissions(r)
	}
}

// keyActions are what a caller needs on the customer managed key that it gives a table, by way of DynamoDB.
// Source: DynamoDB Developer Guide, "DynamoDB encryption at rest: How it works", on authorizing the use of a customer managed key.
var keyActions = []string{"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"}

func (s *Service) keyPermissions(r *wire.Request) []wire.Permission {
	var in struct{ SSESpecification sseSpecification }
	if json.Unmarshal(r.Body, &in) != nil || in.SSESpecification.KMSMasterKeyID == "" {
		return nil
	}
	key, known := s.config.Account.KeyARN(in.SSESpecification.KMSMasterKeyID)
	if !known {
		return nil
	}
	var needed []wire.Permission
	for _, action := range keyActions {
		needed = append(needed, wire.Permission{Action: "kms:" + action, Resource: key, Via: s.config.Account.Via("dynamodb")})
	}
	return needed
}

// transactionPermissions are those of the single writes.
func (s *Service) transactionPermissions(items []transactWrite, call *wire.Call) {
	needed := map[wire.Permission]bool{}
	for i := range items {
		if action, table, err := items[i].action(); err == nil {
			needed[wire.Permission{Action: action, Resource: s.arn(s.nameOf(table))}] = true
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(needed), comparePermissions) {
		if call.Action == "" {
			call.Action, call.Resources = p.Action, []string{p.Resource}
			continue
		}
		call.Also = append(call.Also, p)
	}
}

func comparePermissions(a, b wire.Permission) int {
	return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
}
