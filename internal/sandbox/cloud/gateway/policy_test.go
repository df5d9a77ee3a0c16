// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// office is a policy that lets one range of addresses call the API.
const office = `{
	"Version": "2012-10-17",
	"Statement": [
		{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
		{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*/POST/*",
			"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
	]
}`

// TestPolicyOfAnAPI sets a policy, deploys it, and removes it.
func TestPolicyOfAnAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, _ := s.deliveries(t, false)
	set := func(text string) *apigateway.UpdateRestApiOutput {
		t.Helper()
		return must[*apigateway.UpdateRestApiOutput](t)(s.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{
			RestApiId: &api, PatchOperations: []types.PatchOperation{op(types.OpReplace, "/policy", text)},
		}))
	}
	post := func(headers ...string) response { return s.call(t, api, "POST", "/", "{}", headers...) }

	if got, want := aws.ToString(set(office).Policy),
		`{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"`; !strings.HasPrefix(got, want) {
		t.Errorf("answered as %s, want %s…", got, want)
	}
	var text string
	got := must[*apigateway.GetRestApiOutput](t)(s.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &api}))
	if err := json.Unmarshal([]byte(`"`+aws.ToString(got.Policy)+`"`), &text); err != nil {
		t.Fatal(err)
	}
	if want := `"Resource":"arn:aws:execute-api:eu-central-1:123456789012:` + api + `/*/POST/*"`; !strings.Contains(text, want) ||
		!json.Valid([]byte(text)) {
		t.Errorf("the policy %s has no %s", text, want)
	}
	post().want(t, 202, "") // it is not deployed
	s.deploy(t, api)
	refusal := fmt.Sprintf(`{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: `+
		`arn:aws:execute-api:eu-central-1:********9012:%s/v1/POST/ with an explicit deny"}`, api)
	post().want(t, 403, refusal)
	if kind := post().header.Get("X-Amzn-Errortype"); kind != "AccessDeniedException" {
		t.Errorf("the refusal is a %s", kind)
	}
	post(gateway.SourceHeader, "203.0.113.7").want(t, 202, "")
	post(gateway.SourceHeader, "198.51.100.7").want(t, 403, refusal)

	set(strings.Replace(office, `"Effect": "Allow"`, `"Effect": "Deny"`, 1))
	post(gateway.SourceHeader, "203.0.113.7").want(t, 202, "")
	if got := set(""); got.Policy != nil {
		t.Errorf("the policy %s is left", *got.Policy)
	}
	post().want(t, 403, refusal)
	s.deploy(t, api)
	post().want(t, 202, "")
	s.idle(t)

	_, err := s.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: &api,
		PatchOperations: []types.PatchOperation{op(types.OpReplace, "/policy", `{"Statement":[]}`)}})
	wantError[*types.BadRequestException](t, err, "Invalid policy document.")
}

// TestSettingsOfAnAPI patches the settings of an API.
func TestSettingsOfAnAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	made := must[*apigateway.CreateRestApiOutput](t)(s.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("a")}))
	patch := func(ops ...types.PatchOperation) (*apigateway.UpdateRestApiOutput, error) {
		return s.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: made.Id, PatchOperations: ops})
	}
	got := must[*apigateway.UpdateRestApiOutput](t)(patch(op(types.OpReplace, "/minimumCompressionSize", "1024"),
		op(types.OpAdd, "/binaryMediaTypes/image~1png", ""), op(types.OpAdd, "/binaryMediaTypes/image~1gif", ""),
		op(types.OpRemove, "/binaryMediaTypes/image~1png", ""), op(types.OpReplace, "/policy", office)))
	if aws.ToInt32(got.MinimumCompressionSize) != 1024 || !slices.Equal(got.BinaryMediaTypes, []string{"image/gif"}) || got.Policy == nil {
		t.Errorf("patched to %+v", got)
	}
	_, err := patch(op(types.OpReplace, "/minimumCompressionSize", "-1"))
	wantError[*types.BadRequestException](t, err, "Invalid minimum compression size")
	if got := must[*apigateway.UpdateRestApiOutput](t)(patch(op(types.OpReplace, "/minimumCompressionSize",
		""))); got.MinimumCompressionSize != nil {
		t.Errorf("it compresses from %d bytes on", *got.MinimumCompressionSize)
	}
}
