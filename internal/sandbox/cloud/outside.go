// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// outsideCall describes a call that a role or the user signed. Lambda gives the session of a function's credentials the function's name.
func outsideCall(scope string, request *wire.Request, call *wire.Call) outside.Call {
	described := outside.Call{Service: scope, Operation: call.Operation}
	if request.Caller.Role == "" {
		return described
	}
	described.Function = path.Base(request.Caller.ARN)
	switch {
	case scope == "dynamodb":
		described.Resource = itemNames(request.Body)
	case scope == "scheduler" && strings.HasPrefix(request.HTTP.URL.Path, "/schedules/"):
		described.Resource = path.Base(request.HTTP.URL.Path)
	case scope == "events":
		described.Resource = detailTypes(request.Body)
	}
	return described
}

// detailTypes names the events that a PutEvents call sends.
func detailTypes(body []byte) string {
	var in struct {
		Entries []struct{ DetailType string }
	}
	if json.Unmarshal(body, &in) != nil {
		return "" // the service refuses it
	}
	var types []string
	for _, entry := range in.Entries {
		types = append(types, entry.DetailType)
	}
	return strings.Join(types, " ")
}

// item is an item of a table, or a key, used only for its name.
type item map[string]any

// name returns the item's sort key, or its partition key if it has no sort key with the usual name.
func (i item) name() string {
	for _, attribute := range []string{"sk", "pk"} {
		if value, ok := i[attribute].(map[string]any); ok {
			if text, ok := value["S"].(string); ok {
				return text
			}
		}
	}
	return ""
}

// itemNames names the items that a DynamoDB call writes, or the one that it reads.
func itemNames(body []byte) string {
	type target struct{ Key, Item item }
	var in struct {
		target
		TransactItems []map[string]target
	}
	if json.Unmarshal(body, &in) != nil {
		return "" // the service refuses it
	}
	targets := []target{in.target}
	for _, operation := range in.TransactItems {
		for _, t := range operation {
			targets = append(targets, t)
		}
	}
	var names []string
	for _, t := range targets {
		for _, name := range []string{t.Key.name(), t.Item.name()} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, " ")
}
