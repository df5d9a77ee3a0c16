// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// credentials is the parameter with the function's credentials for Qlik Cloud. Its value is never read back. The function's environment
// records which version of it belongs to which fingerprint.
type credentials struct{ parameter }

func newCredentials(s *Stack) *credentials {
	return &credentials{parameter{s: s, suffix: "credentials", title: "credentials", secret: true,
		revisionVariable: chain.EnvCredentialsRevision}}
}

func (c *credentials) diff(want *Spec) []Difference { return c.diffSecret(want) }

// WritesCredentials reports whether Apply has to write the credentials. It does unless the function's environment proves that they are
// already written.
func (s *Stack) WritesCredentials(want *Spec) bool {
	deployed := s.function.environment()
	return !s.credentials.given() || !s.credentials.underKey(want) ||
		deployed[chain.EnvCredentialsFingerprint] != want.CredentialsFingerprint ||
		deployed[chain.EnvCredentialsVersion] != want.CredentialsVersion
}

// ensure writes the credentials if necessary.
func (c *credentials) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	if !c.s.WritesCredentials(want) {
		return nil
	}
	value, err := json.Marshal(want.Credentials) //nolint:gosec // for the encrypted parameter
	if err != nil {
		return err
	}
	return c.put(ctx, want, string(value))
}
