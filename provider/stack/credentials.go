package stack

import (
	"context"
	"encoding/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// credentials is the parameter with the function's credentials for Qlik Cloud. Its value is never read back: the function's
// environment says which version of it belongs to which fingerprint.
type credentials struct{ parameter }

func (c *credentials) diff(want *Spec) []Difference {
	all := c.diffTags(want)
	if c.seen == nil || c.s.function.seen == nil {
		return all // the missing function is a difference of its own
	}
	env := c.s.function.environment()
	if written := env[chain.EnvCredentialsRevision]; written != c.revision() {
		all = append(all, Difference{Setting: c.setting() + ".revision", Have: c.revision(), Want: written})
	}
	return all
}

// ensure writes the credentials unless the function's environment proves that these are written already.
func (c *credentials) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	env := c.s.function.environment()
	if c.seen != nil && env[chain.EnvCredentialsRevision] == c.revision() && env[chain.EnvCredentialsFingerprint] == want.CredentialsFingerprint {
		return nil
	}
	value, err := json.Marshal(want.Credentials) //nolint:gosec // for the encrypted parameter
	if err != nil {
		return err
	}
	return c.put(ctx, want, string(value))
}
