// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// checkKey refuses anything but the ARN of a key in this region, for example ids and aliases. Source: AssociateKmsKey.
func (s *Service) checkKey(id string) error {
	if arn, known := s.account.KeyARN(id); !known || !strings.HasPrefix(id, "arn:") || arn != id {
		return invalid("The specified KMS Key Id could not be found or is invalid: %s", id)
	}
	return nil
}

type keyInput struct {
	groupInput
	KeyID string `json:"kmsKeyId"`
}

func (s *Service) associateKMSKey(_ *wire.Call, in *keyInput) ([]string, func() (any, error)) {
	return s.on(in.Name, ""), s.withGroup(in.Name, func(g *group) (any, error) {
		if err := s.checkKey(in.KeyID); err != nil {
			return nil, err
		}
		g.keyID = in.KeyID
		return nil, nil
	})
}

func (s *Service) disassociateKMSKey(_ *wire.Call, in *groupInput) ([]string, func() (any, error)) {
	return s.on(in.Name, ""), s.withGroup(in.Name, func(g *group) (any, error) {
		g.keyID = ""
		return nil, nil
	})
}

type protectionInput struct {
	Identifier string `json:"logGroupIdentifier"` // name or ARN
	Enabled    bool   `json:"deletionProtectionEnabled"`
}

func (s *Service) putDeletionProtection(_ *wire.Call, in *protectionInput) ([]string, func() (any, error)) {
	name := groupName(in.Identifier)
	return s.on(name, ""), s.withGroup(name, func(g *group) (any, error) {
		g.protected = in.Enabled
		return nil, nil
	})
}
