// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"strconv"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// list is how the API writes lists.
type list[T any] struct {
	Position string `json:"position,omitempty"`
	Item     []T    `json:"item"`
}

// page cuts the page out of items that the call asks for: 25 of them unless limit says otherwise, at most 500.
func page[T any](call *wire.RESTCall, items []T) (list[T], error) {
	size := 25
	if limit := call.Query.Get("limit"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 {
			return list[T]{}, badRequest("Invalid limit: %s", limit)
		}
		size = min(n, 500)
	}
	items, next, ok := wire.Page(items, call.Query.Get("position"), size)
	if !ok {
		return list[T]{}, badRequest("Invalid position parameter.")
	}
	return list[T]{Position: next, Item: append([]T{}, items...)}, nil
}
