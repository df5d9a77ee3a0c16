// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// Caller is what a client needs to call a chain's API.
type Caller struct {
	URL          string // of the stage
	Key          string // to send in APIKeyHeader
	OperatorAuth string // chain.OperatorAuthKey or chain.OperatorAuthIAM
}

// Caller finds the API of the stack's chain, and how its operators authenticate. It reads the API key that they send.
func (s *Stack) Caller(ctx context.Context) (Caller, error) {
	var key string
	readKey := func(ctx context.Context) (err error) {
		key, err = s.CallersKey(ctx)
		return err
	}
	if err := inParallel(ctx, readKey, s.restAPI.find, s.function.get); err != nil {
		return Caller{}, err
	}
	if !s.restAPI.exists() {
		return Caller{}, fmt.Errorf("the task chain %s no longer has an API. Apply its configuration, which creates it again", s.chain)
	}
	return Caller{URL: s.invokeURL(), Key: key, OperatorAuth: s.function.operatorAuth()}, nil
}
