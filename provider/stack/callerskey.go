// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
)

// ViewersKey reads the value of the API key for those who may look at the chain with the stack's name and change nothing.
func (s *Stack) ViewersKey(ctx context.Context) (string, error) {
	if _, err := s.apiKey.list(ctx); err != nil {
		return "", err
	}
	if s.viewerKey.pick(); s.viewerKey.seen == nil {
		return "", fmt.Errorf("there is no key for viewers of a task chain %s in %s of the account %s for the tenant %s. Correct the name, or set viewer_key = true on the chain "+
			"first; with its viewer_key_id as api_key_id instead of the name, Terraform waits until it is there", s.chain, s.Region, s.Account, s.TenantID)
	}
	return s.apiKey.valueOf(ctx, s.viewerKey.id())
}

// CallersKey reads the value of the API key that callers of the chain's API show: the key that the state knows, which has to be a
// chain's, or that of the chain with the stack's name.
func (s *Stack) CallersKey(ctx context.Context) (string, error) {
	if id := s.known.APIKeyID; id != "" {
		key, err := s.apiKey.get(ctx, id)
		if err != nil {
			return "", err
		}
		if key == nil || key.Tags[TagManagedBy] != managedBy {
			return "", fmt.Errorf("there is no API key %s of a task chain in %s of the account %s. Use the api_key_id of a chain there", id, s.Region, s.Account)
		}
		s.apiKey.seen = key
		return s.apiKey.value(ctx)
	}
	if err := s.apiKey.find(ctx); err != nil {
		return "", err
	}
	if s.apiKey.seen == nil {
		return "", fmt.Errorf("there is no task chain %s in %s of the account %s for the tenant %s. Correct the name, or create the chain first; "+
			"with its api_key_id instead of the name, Terraform waits until it is there", s.chain, s.Region, s.Account, s.TenantID)
	}
	return s.apiKey.value(ctx)
}
