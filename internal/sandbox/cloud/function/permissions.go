// SPDX-License-Identifier: MPL-2.0

package function

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

// passes adds the permissions that a caller needs to give a function a role, and to encrypt its environment with a key. The execution role
// needs no permission for the key: Lambda decrypts with a grant that it creates in the caller's name. Source: AWS Lambda developer guide,
// "Securing Lambda environment variables". CloudTrail shows the encryption context. For the creation of a grant it is not documented, so
// the sandbox has none.
func (s *Service) passes(c *wire.Call, in *settingsInput, function string) {
	if in.Role != nil && *in.Role != "" {
		c.PassRoles = []string{*in.Role}
	}
	if in.KMSKeyArn != nil && *in.KMSKeyArn != "" {
		c.Also = append(c.Also,
			wire.Permission{Action: "kms:CreateGrant", Resource: *in.KMSKeyArn, Known: s.config.Account.KeyUse("lambda", nil)},
			wire.Permission{Action: "kms:Encrypt", Resource: *in.KMSKeyArn, Known: s.keyUse(function)})
	}
}

func (s *Service) keyUse(function string) map[string]string {
	return s.config.Account.KeyUse("lambda", map[string]string{"aws:lambda:FunctionArn": function})
}

// shows adds the permissions that a caller needs to see a function's environment and, if requested, its tags. Without the permission, AWS
// returns an error in place of the environment or the tags; the sandbox refuses the call. Source: AWS Lambda developer guide, "Permissions
// required for working with tags".
func (s *Service) shows(c *wire.Call, in functionInput, tags bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(in)
	if err != nil {
		return
	}
	if key := f.settings.KeyARN; key != "" {
		c.Also = append(c.Also, wire.Permission{Action: "kms:Decrypt", Resource: key, Known: s.keyUse(f.arn)})
	}
	if tags && len(f.tags) > 0 {
		c.Also = append(c.Also, wire.Permission{Action: "lambda:ListTags", Resource: f.arn})
	}
}
