// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"cmp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// decryption returns the permissions on KMS keys that a call needs to read parameters: they are decrypted in the caller's name. Every
// identity of the account has the permission for the default key. The caller must not hold the lock. Source: Systems Manager User Guide,
// "Restricting decryption of SecureString parameter values"; KMS Developer Guide, "How AWS Systems Manager Parameter Store uses AWS KMS".
func (s *Service) decryption(decrypt bool, names ...string) []wire.Permission {
	if !decrypt {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var needed []wire.Permission
	for _, name := range names {
		if p, err := s.find(name); err == nil {
			needed = s.onKey(needed, "kms:Decrypt", name, p.keyID)
		}
	}
	return needed
}

// encryption returns the permissions on a parameter's key that PutParameter needs.
func (s *Service) encryption(in *putInput) []wire.Permission {
	action := "kms:Encrypt"
	if in.Tier == tierAdvanced {
		action = "kms:GenerateDataKey"
	}
	return s.onKey(nil, action, in.Name, in.KeyID)
}

// onKey adds an action on a parameter's key to the needed permissions, unless it is the default key. The encryption context names the
// parameter.
func (s *Service) onKey(needed []wire.Permission, action, name, keyID string) []wire.Permission {
	key, known := s.account.KeyARN(cmp.Or(keyID, defaultKey))
	if standard, _ := s.account.KeyARN(defaultKey); !known || key == standard {
		return needed
	}
	use := s.account.KeyUse("ssm", map[string]string{"PARAMETER_ARN": s.arns(name)[0]})
	return append(needed, wire.Permission{Action: action, Resource: key, Known: use})
}
