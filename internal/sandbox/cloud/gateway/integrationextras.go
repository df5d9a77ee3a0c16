// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"errors"
	"maps"
	"slices"
)

// integrationExtras are settings of an integration that the sandbox stores and returns. An integration with any of them does not work here.
// The sandbox has no VPC links and no roles for API Gateway. A text that is converted to binary is not JSON for the template.
type integrationExtras struct {
	ConnectionType  string     `json:"connectionType,omitempty"`
	ConnectionID    string     `json:"connectionId,omitempty"`
	ContentHandling string     `json:"contentHandling,omitempty"`
	Credentials     string     `json:"credentials,omitempty"`
	TLSConfig       *tlsConfig `json:"tlsConfig,omitempty"`
}

type tlsConfig struct {
	InsecureSkipVerification bool `json:"insecureSkipVerification"`
}

func (x *integrationExtras) validate() error {
	switch {
	case !slices.Contains([]string{"", "INTERNET", "VPC_LINK"}, x.ConnectionType):
		return badRequest("Enumeration value for ConnectionType must be one of INTERNET, VPC_LINK")
	case (x.ConnectionType == "VPC_LINK") != (x.ConnectionID != ""):
		return badRequest("A connectionId is required with, and only with, the connection type VPC_LINK")
	}
	return checkContentHandling(x.ContentHandling)
}

func checkContentHandling(handling string) error {
	if !slices.Contains([]string{"", "CONVERT_TO_TEXT", "CONVERT_TO_BINARY"}, handling) {
		return badRequest("Enumeration value for ContentHandling must be one of CONVERT_TO_TEXT, CONVERT_TO_BINARY")
	}
	return nil
}

// extraPatches adds the fields of the extras that an update can change.
func (x *integrationExtras) extraPatches(to patches) patches {
	maps.Copy(to, patches{
		"connectionType": replaceString(&x.ConnectionType), "connectionId": replaceString(&x.ConnectionID),
		"contentHandling": replaceString(&x.ContentHandling), "credentials": replaceString(&x.Credentials),
		"tlsConfig": func(op patchOperation, rest []string) error {
			return patchPart(&x.TLSConfig, op, rest, func(changed *tlsConfig) map[string]patch {
				return map[string]patch{"insecureSkipVerification": replaceBool(&changed.InsecureSkipVerification)}
			})
		},
	})
	return to
}

// unusable returns why the integration does not work here.
func (x *integrationExtras) unusable() error {
	switch {
	case x.ConnectionType == "VPC_LINK":
		return errors.New("the sandbox has no VPC link " + x.ConnectionID)
	case x.Credentials != "":
		return errors.New("the sandbox has no role that API Gateway may assume: " + x.Credentials)
	case x.ContentHandling == "CONVERT_TO_BINARY":
		return errors.New("the request's body was text, and CONVERT_TO_BINARY wants base64")
	}
	return nil
}
