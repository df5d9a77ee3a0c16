// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestFunctionEndpoints compares with testdata/endpoints.json. It has what botocore 1.43.11, the base of AWS's command line, resolves for
// the regions of six partitions.
func TestFunctionEndpoints(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "endpoints.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 9*4 {
		t.Fatalf("there are %d cases", len(all))
	}
	for name, services := range all {
		want := map[string]string{}
		for service, url := range services {
			want["ENDPOINT_"+strings.ToUpper(service)] = url
		}
		fips, dualStack := aws.FIPSEndpointStateUnset, aws.DualStackEndpointStateDisabled
		if strings.Contains(name, " fips") {
			fips = aws.FIPSEndpointStateEnabled
		}
		if strings.Contains(name, " dualstack") {
			dualStack = aws.DualStackEndpointStateEnabled
		}
		region, _, _ := strings.Cut(name, " ")
		got, err := FunctionEndpoints(t.Context(), region, fips, dualStack)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
		}
	}
}
