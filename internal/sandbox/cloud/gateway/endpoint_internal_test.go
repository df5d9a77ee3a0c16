// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"reflect"
	"testing"
)

func TestEndpointPatches(t *testing.T) {
	t.Parallel()
	regional := endpointConfiguration{Types: []string{"REGIONAL"}, IPAddressType: "ipv4"}
	edge := endpointConfiguration{Types: []string{"EDGE"}, IPAddressType: "ipv4"}
	private := endpointConfiguration{Types: []string{"PRIVATE"}, IPAddressType: "dualstack", VPCEndpointIDs: []string{"vpce-1"}}
	kind := func(from, to string) patchOperation {
		return patchOperation{Op: "replace", Path: "/endpointConfiguration/types/" + from, Value: to}
	}
	address := func(to string) patchOperation {
		return patchOperation{Op: "replace", Path: "/endpointConfiguration/ipAddressType", Value: to}
	}
	remove := patchOperation{Op: "remove", Path: "/endpointConfiguration/vpcEndpointIds", Value: "vpce-1"}
	for name, test := range map[string]struct {
		from endpointConfiguration
		ops  []patchOperation
		want *endpointConfiguration // nil: refused
	}{
		"into an edge-optimized one":           {regional, []patchOperation{kind("REGIONAL", "EDGE")}, &edge},
		"with another type than it has":        {regional, []patchOperation{kind("EDGE", "REGIONAL")}, nil},
		"into a private one of IPv4":           {regional, []patchOperation{kind("REGIONAL", "PRIVATE")}, nil},
		"a private one into an edge one":       {private, []patchOperation{kind("PRIVATE", "EDGE")}, nil},
		"a private one's addresses":            {private, []patchOperation{address("ipv4")}, nil},
		"a VPC endpoint that it has not":       {regional, []patchOperation{remove}, nil},
		"a private one into a regional":        {private, []patchOperation{remove, kind("PRIVATE", "REGIONAL"), address("ipv4")}, &regional},
		"a private one, its addresses first":   {private, []patchOperation{remove, address("ipv4"), kind("PRIVATE", "REGIONAL")}, nil},
		"a private one, its VPC endpoint last": {private, []patchOperation{kind("PRIVATE", "REGIONAL"), remove}, nil},
	} {
		have, err := test.from, error(nil)
		for _, op := range test.ops {
			if err == nil {
				err = have.patch(op, splitPath(op.Path)[1:])
			}
		}
		if test.want == nil {
			if err == nil {
				t.Errorf("%s is not refused: %+v", name, have)
			}
			continue
		}
		if have.VPCEndpointIDs = nil; err != nil || !reflect.DeepEqual(have, *test.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, have, err, *test.want)
		}
	}
}
