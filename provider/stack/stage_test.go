// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func TestInvokeURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		place    Place
		endpoint *string
		want     string
	}{
		"AWS": {Place{Region: "eu-central-1", DNSSuffix: "amazonaws.com"}, nil,
			"https://abc123.execute-api.eu-central-1.amazonaws.com/live"},
		"China": {Place{Region: "cn-north-1", DNSSuffix: "amazonaws.com.cn"}, nil,
			"https://abc123.execute-api.cn-north-1.amazonaws.com.cn/live"},
		"GovCloud": {Place{Region: "us-gov-west-1", DNSSuffix: "amazonaws.com"}, nil,
			"https://abc123.execute-api.us-gov-west-1.amazonaws.com/live"},
		"emulator": {Place{Region: "eu-central-1", DNSSuffix: "amazonaws.com"}, aws.String("http://localhost:4566/"),
			"http://localhost:4566/restapis/abc123/live/_user_request_"},
		"private endpoint": {Place{Region: "eu-central-1", DNSSuffix: "amazonaws.com"},
			aws.String("https://vpce-1.apigateway.eu-central-1.vpce.amazonaws.com"), "https://abc123.execute-api.eu-central-1.amazonaws.com/live"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(Clients{APIGateway: apigateway.New(apigateway.Options{BaseEndpoint: test.endpoint})}, test.place, "nightly", Known{})
			s.restAPI.seen = &types.RestApi{Id: aws.String("abc123")}
			if got := s.invokeURL(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestDefinitionHash fails when the text changes. A change makes every chain deploy its API again with the next version of the provider.
// Change it only together with the API.
func TestDefinitionHash(t *testing.T) {
	t.Parallel()
	s := New(Clients{}, Place{Partition: "aws", Region: "eu-central-1", Account: "123456789012"}, "nightly", Known{})
	const want = "sha256:8ea10e4159ada4021df29f420c8e0d9d32a4906956b44b0a21ae96550358841a"
	if got := s.methods.definitionHash(&Spec{}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
