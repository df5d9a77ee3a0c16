package dynamodb

import (
	"cmp"
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
		var in createTableInput
		if wire.DecodeJSON(r.Body, &in) == nil && len(in.Tags) > 0 {
			call.Also = []wire.Permission{{Action: "dynamodb:TagResource", Resource: call.Resources[0]}}
		}
	}
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
