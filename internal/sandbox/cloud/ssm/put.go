// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	tierStandard    = "Standard"
	tierAdvanced    = "Advanced"
	tierIntelligent = "Intelligent-Tiering"
	// The largest value of a parameter in bytes, by tier. AWS's messages count characters, its quotas KB; bytes are the stricter
	// interpretation. Source: Systems Manager endpoints and quotas.
	maxStandard = 4096
	maxAdvanced = 8192
	maxLevels   = 15
)

type putInput struct {
	Name        string
	Description *string
	Value       string
	Type        string
	KeyID       string `json:"KeyId"`
	Overwrite   bool
	Tags        []wire.Tag
	Tier        string
}

type putOutput struct {
	Tier    string
	Version int
}

func (s *Service) putParameter(c *wire.Call, in *putInput) ([]string, func() (any, error)) {
	c.Also = s.encryption(in)
	if len(in.Tags) > 0 { // https://github.com/pepperize/cdk-ssm-parameters-cross-region/issues/442
		c.Also = append(c.Also, wire.Each("ssm:AddTagsToResource", s.arns(in.Name)...)...)
	}
	return s.arns(in.Name), func() (any, error) {
		if err := in.validate(); err != nil {
			return nil, err
		}
		if _, known := s.account.KeyARN(cmp.Or(in.KeyID, defaultKey)); !known {
			return nil, wire.Sender("InvalidKeyId", "Invalid keyId %s. It has to be the id, the alias or the ARN of a key in this region.", in.KeyID)
		}
		tier, err := in.tier()
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		p, exists := s.parameters[in.Name]
		switch {
		case exists && !in.Overwrite:
			return nil, wire.Sender("ParameterAlreadyExists",
				"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		case !exists && in.Type == "":
			return nil, validation("A parameter type is required when you create a parameter.")
		case !exists:
			p = &parameter{name: in.Name, tags: wire.Tags{}, tier: tier, kind: in.Type}
			p.tags.Put(in.Tags)
			s.parameters[in.Name] = p
		}
		// A new version inherits missing settings from the previous one. Its tier does not return to the standard tier.
		if tier == tierAdvanced {
			p.tier = tier
		}
		p.kind = cmp.Or(in.Type, p.kind)
		p.keyID = ""
		if p.kind == typeSecureString { // a version without a key gets the default key, even if the previous version had another one
			p.keyID = cmp.Or(in.KeyID, defaultKey)
		}
		if in.Description != nil {
			p.description = *in.Description
		}
		p.version++
		p.value, p.modified, p.user = in.Value, s.now(), c.Caller.ARN
		return putOutput{Tier: p.tier, Version: p.version}, nil
	}
}

func (in *putInput) validate() error {
	if err := checkName(in.Name); err != nil {
		return err
	}
	switch {
	case in.Value == "":
		return validation("The value of a parameter must have at least one character.")
	case in.KeyID != "" && in.Type != typeSecureString:
		return validation("KeyId is required for SecureString type parameter only.")
	case in.Overwrite && len(in.Tags) > 0:
		return validation("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
			"overwrite flag. " +
			"To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case nested.MatchString(in.Value):
		return validation("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
	}
	if problem := wire.CheckTags(nil, in.Tags); problem != "" {
		return validation("%s", problem)
	}
	return nil
}

// nested matches a reference to another parameter, which is not allowed in a value. Source: Systems Manager User Guide, "Creating Parameter
// Store parameters": "Parameters can't be referenced or nested in the values of other parameters. You can't include {{}} or
// {{ssm:parameter-name}} in a parameter value".
var nested = regexp.MustCompile(`(?s)\{\{.*\}\}`)

// tier returns the tier for the value, or an error if it is too large for the requested tier.
func (in *putInput) tier() (string, error) {
	size := len(in.Value)
	switch in.Tier {
	case "", tierStandard:
		if size > maxStandard {
			return "", validation("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter "+
				"value, "+
				"upgrade the parameter to use the advanced-parameter tier. For more information, see "+
				"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxStandard)
		}
		return tierStandard, nil
	default:
		if size > maxAdvanced {
			return "", validation("Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
		}
		if in.Tier == tierIntelligent && size <= maxStandard {
			return tierStandard, nil
		}
		return tierAdvanced, nil
	}
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

// checkName checks the rules for a parameter's name. Source: PutParameter, "Name".
func checkName(name string) error {
	path := strings.TrimPrefix(name, "/")
	first := strings.ToLower(path)
	switch {
	case name == "" || len(name) > 1011:
		return validation("A parameter name must have from 1 to 1011 characters.")
	case strings.HasPrefix(first, "aws"):
		return wire.Sender("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case strings.HasPrefix(first, "ssm") || !namePattern.MatchString(path):
		return validation(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ` +
			`divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	case strings.Contains(path, "/") && path == name:
		return validation("Parameter name must be a fully qualified name.")
	case strings.Count(path, "/")+1 > maxLevels:
		return wire.Sender("HierarchyLevelLimitExceededException", "A parameter name can have at most %d levels.", maxLevels)
	}
	return nil
}
