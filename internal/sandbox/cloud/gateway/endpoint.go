// SPDX-License-Identifier: MPL-2.0

package gateway

import "slices"

// endpointConfiguration defines how callers reach an API. No caller can reach a private API here: the sandbox has no VPCs.
type endpointConfiguration struct {
	Types          []string `json:"types"`
	IPAddressType  string   `json:"ipAddressType,omitempty"`
	VPCEndpointIDs []string `json:"vpcEndpointIds,omitempty"`
}

func (e *endpointConfiguration) private() bool { return slices.Contains(e.Types, "PRIVATE") }

// validate checks the rules of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html.
func (e *endpointConfiguration) validate() error {
	switch {
	case len(e.Types) != 1 || !slices.Contains([]string{"REGIONAL", "EDGE", "PRIVATE"}, e.Types[0]):
		return badRequest("Invalid endpoint type: an API has one of REGIONAL, EDGE and PRIVATE")
	case e.IPAddressType != "ipv4" && e.IPAddressType != "dualstack":
		return badRequest("Invalid IP address type '%s'. Valid values: ipv4, dualstack", e.IPAddressType)
	case e.private() && e.IPAddressType != "dualstack":
		return badRequest("A private API has the IP address type dualstack alone")
	case !e.private() && len(e.VPCEndpointIDs) > 0:
		return badRequest("VPC endpoints can be associated with private APIs alone")
	}
	return nil
}

// patch changes the type, the IP address type or the VPC endpoints. It checks the rules after each operation. AWS does not document when
// the rules apply; this is the strictest interpretation. Allowed changes of the type:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-api-migration.html.
func (e *endpointConfiguration) patch(op patchOperation, rest []string) error {
	changed := *e
	switch {
	case op.Op == "replace" && len(rest) == 2 && rest[0] == "types" && slices.Contains([]string{e.Types[0], "0"}, rest[1]):
		if e.private() && op.Value == "EDGE" {
			return badRequest("A private API cannot be changed into an edge-optimized one")
		}
		changed.Types = []string{op.Value}
		if op.Value != "PRIVATE" {
			changed.VPCEndpointIDs = nil // they are removed with the type
		}
	case op.Op == "replace" && len(rest) == 1 && rest[0] == "ipAddressType":
		changed.IPAddressType = op.Value
	case len(rest) == 1 && rest[0] == "vpcEndpointIds":
		if op.Op == "remove" && !slices.Contains(e.VPCEndpointIDs, op.Value) {
			return notFound("Invalid VPC endpoint identifier specified: %s", op.Value)
		}
		others := slices.DeleteFunc(slices.Clone(e.VPCEndpointIDs), func(id string) bool { return id == op.Value })
		switch op.Op {
		case "add":
			others = append(others, op.Value)
		case "remove":
		default:
			return op.invalid()
		}
		changed.VPCEndpointIDs = others
	default:
		return op.invalid()
	}
	if err := changed.validate(); err != nil {
		return err
	}
	*e = changed
	return nil
}
