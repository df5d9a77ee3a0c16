// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// wantEndpoint returns how callers reach the API: in its region, over IPv4. No block in source_ip_ranges could contain an IPv6 caller.
func wantEndpoint() *types.EndpointConfiguration {
	return &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}, IpAddressType: types.IpAddressTypeIpv4}
}

// endpointChanges returns the changes of the endpoint's type. Their order is right whether API Gateway validates each patch or all of them
// together. Only a private API has VPC endpoints, and it is never IPv4 only. API Gateway can change every type into REGIONAL. A change
// takes effect with the next deployment (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-api-migration.html). If
// the other type was never deployed, the chain's own deployment is still right. If it was, the stage serves another deployment, which the
// stage reports.
func (c *restAPI) endpointChanges() []settingChange {
	have, want := c.seen.EndpointConfiguration, wantEndpoint()
	if have == nil {
		return nil // an emulator's API
	}
	var all []settingChange
	if len(have.VpcEndpointIds) > 0 {
		change := settingChange{Difference: Difference{"rest_api.vpc_endpoints", strings.Join(have.VpcEndpointIds, ", "), orNone("")}}
		for _, id := range have.VpcEndpointIds {
			change.patches = append(change.patches, types.PatchOperation{
				Op: types.OpRemove, Path: aws.String("/endpointConfiguration/vpcEndpointIds"), Value: aws.String(id),
			})
		}
		all = append(all, change)
	}
	if kind := joinTypes(have.Types); kind != joinTypes(want.Types) {
		all = append(all, settingChange{Difference{"rest_api.endpoint_type", kind, joinTypes(want.Types)}, []types.PatchOperation{
			replace("/endpointConfiguration/types/"+kind, joinTypes(want.Types)),
		}})
	}
	// API Gateway shows no address type for an API from the time before there were two.
	if have.IpAddressType != want.IpAddressType && have.IpAddressType != "" {
		difference := Difference{"rest_api.ip_address_type", string(have.IpAddressType), string(want.IpAddressType)}
		all = append(all, settingChange{difference, []types.PatchOperation{replace("/endpointConfiguration/ipAddressType", difference.Want)}})
	}
	return all
}

func joinTypes(endpointTypes []types.EndpointType) string {
	var words []string
	for _, endpointType := range endpointTypes {
		words = append(words, string(endpointType))
	}
	return strings.Join(words, ", ")
}
