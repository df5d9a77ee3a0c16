// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"cmp"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// keyPermissions says what a call takes on the KMS keys of SecureStrings: encrypting and decrypting is done in the caller's name. For
// the default key every identity of the account has it. Of a request that cannot be read it says nothing: carrying it out tells why.
// Source: Systems Manager User Guide, "Restricting decryption of SecureString parameter values"; KMS Developer Guide, "How AWS
// Systems Manager Parameter Store uses AWS KMS".
func (s *Service) keyPermissions(r *wire.Request, operation string) []wire.Permission {
	if operation == "PutParameter" {
		var in putInput
		if wire.DecodeJSON(r.Body, &in) != nil {
			return nil
		}
		action := "kms:Encrypt"
		if in.Tier == tierAdvanced {
			action = "kms:GenerateDataKey"
		}
		return s.onKey(nil, action, in.Name, in.KeyID)
	}
	var in struct {
		Name, Path                string
		Names                     []string
		WithDecryption, Recursive bool
		MaxResults                *int
		NextToken                 string
		ParameterFilters          []filter
	}
	if !strings.HasPrefix(operation, "GetParameter") || wire.DecodeJSON(r.Body, &in) != nil || !in.WithDecryption {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := append([]string{in.Name}, in.Names...)
	for _, name := range s.names() {
		if in.Path != "" && under(in.Path, name, in.Recursive) {
			names = append(names, name)
		}
	}
	var needed []wire.Permission
	for _, name := range names {
		if _, v, err := s.find(name); err == nil {
			needed = s.onKey(needed, "kms:Decrypt", name, v.keyID)
		}
	}
	return needed
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
