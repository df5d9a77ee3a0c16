// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// MissingKeyError reports that the chain has no such key. Its text is for Terraform's users.
type MissingKeyError struct {
	Setting string // the attribute that makes the key; empty for the operators' key, which each chain has
	text    string
}

// Error says what to do in Terraform.
func (e *MissingKeyError) Error() string { return e.text }

// ViewersKey reads the value of the API key for viewers, who may look at the stack's chain and change nothing.
func (s *Stack) ViewersKey(ctx context.Context) (string, error) {
	return s.optionalKey(ctx, s.viewerKey, "viewers")
}

// SignalKey reads the value of the API key for senders of signals, which does nothing else.
func (s *Stack) SignalKey(ctx context.Context) (string, error) {
	return s.optionalKey(ctx, s.signalKey, "signals")
}

// optionalKey reads the value of a key that a chain may have.
func (s *Stack) optionalKey(ctx context.Context, key *apiKey, of string) (string, error) {
	id, err := s.findKey(ctx, key)
	if err != nil {
		return "", err
	}
	if id == "" {
		return "", &MissingKeyError{key.setting, fmt.Sprintf("there is no key for %s of a task chain %s in %s of the account %s for the "+
			"tenant %s. Correct the name, or set %s = true on the chain first; with its %s_id as api_key_id instead of the name, "+
			"Terraform waits until it is there",
			of, s.chain, s.Region, s.Account, s.TenantID, key.setting, key.setting)}
	}
	return s.keyValue(ctx, id)
}

// CallersKey reads the value of an API key. It is the key that is in the state, which has to be a chain's, or else the operators' key of
// the stack's chain.
func (s *Stack) CallersKey(ctx context.Context) (string, error) {
	if id := s.known.APIKeyID; id != "" {
		key, err := s.getKey(ctx, id)
		if err != nil {
			return "", err
		}
		if key == nil || key.Tags[TagManagedBy] != managedBy {
			return "", fmt.Errorf("there is no API key %s of a task chain in %s of the account %s. Use the api_key_id of a chain there", id,
				s.Region, s.Account)
		}
		return s.keyValue(ctx, id)
	}
	key, err := s.findKey(ctx, s.apiKey)
	if err != nil {
		return "", err
	}
	if key == "" {
		return "", &MissingKeyError{text: fmt.Sprintf("there is no task chain %s in %s of the account %s for the tenant %s. "+
			"Correct the name, or create the chain first; with its api_key_id instead of the name, Terraform waits until it is there",
			s.chain, s.Region, s.Account, s.TenantID)}
	}
	return s.keyValue(ctx, key)
}

// findKey returns the id of a key of the chain. It is empty when the key is missing.
func (s *Stack) findKey(ctx context.Context, key *apiKey) (string, error) {
	listed, err := s.listKeys(ctx)
	if err != nil {
		return "", err
	}
	err = key.pick(ctx, listed)
	return key.id(), err
}
