// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"cmp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// decryption is what a call needs on the KMS keys of the parameters that it reads: decrypting is done in the caller's name. For the default
// key every identity of the account has that permission. The caller must not hold the lock.
// Source: Systems Manager User Guide, "Restricting decryption of SecureString parameter values"; KMS Developer Guide, "How AWS
// Systems Manager Parameter Store uses AWS KMS".
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

// encryption is what PutParameter needs on a parameter's key.
func (s *Service) encryption(in *putInput) []wire.Permission {
	action := "kms:Encrypt"
	if in.Tier == tierAdvanced {
		action = "kms:GenerateDataKey"
	}
	return s.onKey(nil, action, in.Name, in.KeyID)
}

// onKey adds an action on a parameter's key to what is needed, unless that is the default key. The encryption context names the parameter.
func (s *Service) onKey(needed []wire.Permission, action, name, keyID string) []wire.Permission {
	key, known := s.account.KeyARN(cmp.Or(keyID, defaultKey))
	if standard, _ := s.account.KeyARN(defaultKey); !known || key == standard {
		return needed
	}
	use := s.account.KeyUse("ssm", map[string]string{"PARAMETER_ARN": s.arns(name)[0]})
	return append(needed, wire.Permission{Action: action, Resource: key, Known: use})
}
