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
		call.Action = ""
		s.transactionPermissions(r, call)
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
	needed := map[wire.Permission]bool{}
	for _, item := range in.TransactItems {
		for write, on := range item {
			if action := writePermissions[write]; action != "" {
				needed[wire.Permission{Action: action, Resource: s.arn(s.nameOf(on.TableName))}] = true
			}
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
