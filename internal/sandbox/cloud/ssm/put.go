// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	tierStandard    = "Standard"
	tierAdvanced    = "Advanced"
	tierIntelligent = "Intelligent-Tiering"
	// The largest value of a parameter in bytes, by tier. AWS's messages say characters, its quotas KB; bytes are the
	// stricter of the two. Source: Systems Manager endpoints and quotas.
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
	DataType    string
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
			return nil, wire.Sender("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		case !exists && in.Type == "":
			return nil, validation("A parameter type is required when you create a parameter.")
		case !exists:
			p = &parameter{name: in.Name, tags: wire.Tags{}}
			p.tags.Put(in.Tags)
			s.parameters[in.Name] = p
		}
		v := version{number: 1, kind: in.Type, value: in.Value, tier: tier, dataType: "text", modified: s.now(), user: c.Caller.ARN}
		if exists {
			v.follow(p.latest())
		}
		if v.kind == typeSecureString { // a version without a key gets the default one, whatever the version before had
			v.keyID = cmp.Or(in.KeyID, defaultKey)
		}
		if in.Description != nil {
			v.description = *in.Description
		}
		p.versions = append(p.versions, v)
		if len(p.versions) > maxVersions {
			p.versions = p.versions[1:]
		}
		return putOutput{Tier: v.tier, Version: v.number}, nil
	}
}

// follow takes over from the version before what a new version does not say.
func (v *version) follow(last *version) {
	v.number = last.number + 1
	v.description = last.description
	if v.kind == "" {
		v.kind = last.kind
	}
	if last.tier == tierAdvanced {
		v.tier = tierAdvanced // a parameter does not go back to the standard tier
	}
}

func (in *putInput) validate() error {
	if err := checkName(in.Name); err != nil {
		return err
	}
	switch {
	case in.Value == "":
		return validation("1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case in.Type != "" && !slices.Contains([]string{"String", "StringList", typeSecureString}, in.Type):
		return wire.Validation("ValidationException", in.Type, "type", "Member must satisfy enum value set: [SecureString, StringList, String]")
	case in.Description != nil && len([]rune(*in.Description)) > 1024:
		return wire.Validation("ValidationException", *in.Description, "description", "Member must have length less than or equal to 1024")
	case in.KeyID != "" && in.Type != typeSecureString:
		return validation("KeyId is required for SecureString type parameter only.")
	case in.DataType != "" && in.DataType != "text":
		return validation("The sandbox does not support the data type %s.", in.DataType)
	case in.Overwrite && len(in.Tags) > 0:
		return validation("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. " +
			"To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case nested.MatchString(in.Value):
		return validation("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
	}
	if problem := wire.CheckTags(nil, in.Tags); problem != "" {
		return validation("%s", problem)
	}
	return nil
}

// nested is a reference to another parameter, which no value may have. Source: Systems Manager User Guide, "Creating
// Parameter Store parameters": "Parameters can't be referenced or nested in the values of other parameters. You can't
// include {{}} or {{ssm:parameter-name}} in a parameter value".
var nested = regexp.MustCompile(`(?s)\{\{.*\}\}`)

// tier returns the tier that the value goes into, or why it is too large for the tier asked for.
func (in *putInput) tier() (string, error) {
	size := len(in.Value)
	switch in.Tier {
	case "", tierStandard:
		if size > maxStandard {
			return "", validation("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, "+
				"upgrade the parameter to use the advanced-parameter tier. For more information, see "+
				"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxStandard)
		}
		return tierStandard, nil
	case tierAdvanced, tierIntelligent:
		if size > maxAdvanced {
			return "", validation("Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
		}
		if in.Tier == tierIntelligent && size <= maxStandard {
			return tierStandard, nil
		}
		return tierAdvanced, nil
	default:
		return "", wire.Validation("ValidationException", in.Tier, "tier", "Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]")
	}
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

// checkName applies the rules for a parameter's name. Source: PutParameter, "Name".
func checkName(name string) error {
	path := strings.TrimPrefix(name, "/")
	first := strings.ToLower(path)
	switch {
	case name == "":
		return wire.Validation("ValidationException", "", "name", "Member must have length greater than or equal to 1")
	case len(name) > 1011:
		return wire.Validation("ValidationException", name, "name", "Member must have length less than or equal to 1011")
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
