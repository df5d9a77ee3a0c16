// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// admitted is what API Gateway answers here when it lets a request through: there is no function behind the method.
const admitted = `500 InternalServerErrorException {"message": "Internal server error"}`

// signedAPI is an API with POST /{proxy+} of the authorization type AWS_IAM, deployed, with a resource policy unless that is empty.
func signedAPI(t *testing.T, c *cloud.Cloud, policy string) (id, url string) {
	t.Helper()
	client, ctx := apigateway.NewFromConfig(cloudtest.UserConfig(c)), t.Context()
	api, err := client.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	if policy != "" {
		if _, err := client.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: api.Id,
			PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/policy"), Value: &policy}}}); err != nil {
			t.Fatal(err)
		}
	}
	proxy, err := client.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId,
		PathPart: aws.String("{proxy+}")})
	if err != nil {
		t.Fatal(err)
	}
	post := aws.String(http.MethodPost)
	if _, err := client.PutMethod(ctx, &apigateway.PutMethodInput{
		RestApiId: api.Id, ResourceId: proxy.Id, HttpMethod: post, AuthorizationType: aws.String("AWS_IAM"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: api.Id, ResourceId: proxy.Id, HttpMethod: post, Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: post,
		Uri: aws.String("arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/" +
			"arn:aws:lambda:eu-central-1:123456789012:function:none/invocations"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id,
		StageName: aws.String("live")}); err != nil {
		t.Fatal(err)
	}
	return *api.Id, c.URL() + "/restapis/" + *api.Id + "/live/_user_request_"
}

// caller signs requests with a configuration's credentials.
type caller struct {
	aws.Config
	service, region string
	at              time.Time
	source          string // the address that it comes from; empty for the real one
}

// post signs a request, changes it, and returns what comes back.
func (k caller) post(t *testing.T, url string, changes ...func(*http.Request)) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if k.Credentials != nil {
		keys, err := k.Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		const hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" // of {}
		if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hash, k.service, k.region, k.at); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range changes {
		change(r)
	}
	if k.source != "" {
		r.Header.Set(gateway.SourceHeader, k.source)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(response.Status[:3] + " " + response.Header.Get("X-Amzn-Errortype") + " " + string(body))
}

func quietGateway() cloud.Config {
	return cloud.Config{Lambda: function.Config{Logger: slog.New(slog.DiscardHandler)}}
}

// TestSignedInvocation calls a method of the authorization type AWS_IAM: with signatures that do not hold, and as roles that may call it
// and may not.
func TestSignedInvocation(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, quietGateway())
	api, url := signedAPI(t, c, "")
	route := "arn:aws:execute-api:eu-central-1:123456789012:" + api + "/live/POST/"
	createRole(t, c, "operator", `{"Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"`+route+`start/*"}}`)
	createRole(t, c, "visitor", `{"Statement":{"Effect":"Allow","Action":"apigateway:*","Resource":"*"}}`)
	as := func(config aws.Config) caller {
		return caller{Config: config, service: "execute-api", region: c.Region(), at: time.Now()}
	}
	operator, user := as(cloudtest.RoleConfig(t, c, "operator")), as(cloudtest.UserConfig(c))
	otherService, otherRegion, late := user, user, user
	otherService.service, otherRegion.region, late.at = "lambda", "eu-west-1", time.Now().Add(-time.Hour)
	wrongSecret := as(cloudtest.KeyConfig(c, c.AccessKey(), "wrong", ""))
	for name, test := range map[string]struct{ got, want string }{
		"the user":            {user.post(t, url+"/pause"), admitted},
		"a path with a slash": {user.post(t, url+"/start/a%2Fb%20c"), admitted},
		"an allowed route":    {operator.post(t, url+"/start/a"), admitted},
		"unsigned": {caller{}.post(t, url+"/pause"),
			`403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}`},
		"an API key": {caller{}.post(t, url+"/pause", func(r *http.Request) { r.Header.Set("X-Api-Key", "k") }),
			`403 MissingAuthenticationTokenException`},
		"another scheme": {caller{}.post(t, url+"/pause", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }),
			`403 IncompleteSignatureException`},
		"another service": {otherService.post(t, url+"/pause"),
			`403 InvalidSignatureException {"message":"Credential should be scoped to correct service: 'execute-api'. "}`},
		"another region": {otherRegion.post(t, url+"/pause"),
			`403 InvalidSignatureException {"message":"Credential should be scoped to a valid region`},
		"too late": {late.post(t, url+"/pause"), `403 InvalidSignatureException {"message":"Signature expired`},
		"a wrong secret": {wrongSecret.post(t, url+"/pause"),
			`403 InvalidSignatureException {"message":"The request signature we calculated does not match`},
		"an unknown key": {as(cloudtest.KeyConfig(c, "AKIAIOSFODNN7EXAMPLE", "x", "")).post(t, url+"/pause"),
			`403 UnrecognizedClientException`},
		"another path": {user.post(t, url+"/pause", func(r *http.Request) { r.URL.Path += "x" }), `403 InvalidSignatureException`},
		"another body": {user.post(t, url+"/pause", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("[]")) }),
			`403 InvalidSignatureException`},
		"a route not allowed": {operator.post(t, url+"/pause"),
			`403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/operator/test is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:` + api + `/live/POST/pause"}`},
		"without a permission": {as(cloudtest.RoleConfig(t, c, "visitor")).post(t, url+"/pause"), `403 AccessDeniedException`},
	} {
		if !strings.HasPrefix(test.got, test.want) {
			t.Errorf("%s: got %s, want %s", name, test.got, test.want)
		}
	}
	var allowed, denied int
	for _, call := range c.Calls() {
		if call.Service != gateway.SigningName || call.Role == "" {
			continue
		}
		if call.Permissions[0].Allowed {
			allowed++
		} else {
			denied++
		}
	}
	if allowed != 1 || denied != 2 {
		t.Errorf("the log has %d calls that were allowed and %d that were denied", allowed, denied)
	}
}

// TestSignedInvocationAndPolicy: a resource policy and the caller's own are judged together, as table A of the developer guide says.
func TestSignedInvocationAndPolicy(t *testing.T) {
	t.Parallel()
	const (
		everyone  = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}`
		account   = `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"execute-api:Invoke","Resource":"execute-api:/*"}`
		reading   = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/live/GET/*"}`
		elsewhere = `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`
		allow     = `{"Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}`
		deny      = `{"Statement":{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}}`
	)
	for name, test := range map[string]struct {
		identity, resource, source string
		in                         bool
	}{
		"both allow":                              {allow, everyone, "", true},
		"the identity's alone":                    {allow, reading, "", true},
		"the API's alone, for everyone":           {"", everyone, "", true},
		"the API's alone, for the account":        {"", account, "", true},
		"neither":                                 {"", reading, "", false},
		"the identity's denies":                   {deny, everyone, "", false},
		"the API's denies":                        {allow, reading + "," + elsewhere, "198.51.100.7", false},
		"the API's does not deny from this range": {allow, reading + "," + elsewhere, "203.0.113.7", true},
		"nor does it allow from this range":       {"", reading + "," + elsewhere, "203.0.113.7", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, quietGateway())
			_, url := signedAPI(t, c, `{"Statement":[`+test.resource+`]}`)
			createRole(t, c, "operator", test.identity)
			got := caller{Config: cloudtest.RoleConfig(t, c, "operator"), service: "execute-api", region: c.Region(), at: time.Now(),
				source: test.source}.post(t, url+"/pause")
			if strings.HasPrefix(got, "500 ") != test.in || !test.in && !strings.HasPrefix(got, "403 AccessDeniedException") {
				t.Errorf("got %s, let through: %t wanted", got, test.in)
			}
		})
	}
}
