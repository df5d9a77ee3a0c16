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
func (s *Stack) Caller(ctx context.Context) (Caller, error) { return s.callerWith(ctx, s.CallersKey) }

// Reader does the same as Caller for requests that only read. It reads the viewers' key if the chain has one, else the operators' key.
func (s *Stack) Reader(ctx context.Context) (Caller, error) {
	return s.callerWith(ctx, func(ctx context.Context) (string, error) {
		key, err := s.findKey(ctx, s.viewerKey)
		if err != nil || key == "" {
			return s.CallersKey(ctx)
		}
		return s.keyValue(ctx, key)
	})
}

// callerWith finds what Caller returns, with the key that readKey reads.
func (s *Stack) callerWith(ctx context.Context, readKey func(context.Context) (string, error)) (Caller, error) {
	var key string
	read := func(ctx context.Context) (err error) {
		key, err = readKey(ctx)
		return err
	}
	if err := inParallel(ctx, read, s.restAPI.find, s.function.get); err != nil {
		return Caller{}, err
	}
	if !s.restAPI.exists() {
		return Caller{}, fmt.Errorf("the task chain %s no longer has an API. Apply its configuration, which creates it again", s.chain)
	}
	return Caller{URL: s.invokeURL(), Key: key, OperatorAuth: s.function.operatorAuth()}, nil
}

// PageURL returns the address of the chain's live page. It is empty while the chain has no API.
func (s *Stack) PageURL(ctx context.Context) (string, error) {
	if err := s.restAPI.find(ctx); err != nil || !s.restAPI.exists() {
		return "", err
	}
	return PageURL(s.invokeURL()), nil
}

// PageURL returns the address of the live page of the chain with this invoke URL.
func PageURL(invokeURL string) string { return invokeURL + pagePath }
