// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// protocol is one request in one protocol, and the protocol's error codes.
type protocol struct {
	service, path, contentType, target, body   string
	status                                     int
	unsigned, incomplete, unknownKey, mismatch string
}

var protocols = map[string]protocol{
	"query": {
		service: "sts", path: "/", contentType: "application/x-www-form-urlencoded; charset=utf-8",
		body: "Action=GetCallerIdentity&Version=2011-06-15", status: http.StatusForbidden,
		unsigned: "MissingAuthenticationToken", incomplete: "IncompleteSignature", unknownKey: "InvalidClientTokenId",
		mismatch: "SignatureDoesNotMatch",
	},
	"json": {
		service: "ssm", path: "/", contentType: "application/x-amz-json-1.1", target: "AmazonSSM.DescribeParameters",
		body: "{}", status: http.StatusBadRequest,
		unsigned: "MissingAuthenticationTokenException", incomplete: "IncompleteSignatureException", unknownKey: "UnrecognizedClientException",
		mismatch: "InvalidSignatureException",
	},
	"rest-json": {
		service: "lambda", path: "/2015-03-31/event-source-mappings/?FunctionName=a&Unused=a%20b", status: http.StatusForbidden,
		unsigned: "MissingAuthenticationTokenException", incomplete: "IncompleteSignatureException", unknownKey: "UnrecognizedClientException",
		mismatch: "InvalidSignatureException",
	},
}

func (p protocol) request(t *testing.T, c *cloud.Cloud) *http.Request {
	t.Helper()
	method := http.MethodPost
	if p.body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), method, c.URL()+p.path, strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	if p.contentType != "" {
		r.Header.Set("Content-Type", p.contentType)
	}
	if p.target != "" {
		r.Header.Set("X-Amz-Target", p.target)
	}
	return r
}

func TestSignature(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	const expired, early = -16 * time.Minute, 16 * time.Minute
	for name, p := range protocols {
		sign := func(at time.Duration, region string) func(*testing.T, *http.Request) {
			return func(t *testing.T, r *http.Request) { signRequest(t, c, r, p.service, region, time.Now().Add(at)) }
		}
		good := sign(0, c.Region())
		tests := map[string]struct {
			sign   func(*testing.T, *http.Request)
			change func(*http.Request) // after signing
			status int
			code   string
		}{
			"good":        {sign: good, status: http.StatusOK},
			"in the past": {sign: sign(-14*time.Minute, c.Region()), status: http.StatusOK},
			"unsigned":    {sign: func(*testing.T, *http.Request) {}, status: p.status, code: p.unsigned},
			"expired":     {sign: sign(expired, c.Region()), status: p.status, code: p.mismatch},
			"early":       {sign: sign(early, c.Region()), status: p.status, code: p.mismatch},
			"region":      {sign: sign(0, "ap-south-1"), status: p.status, code: p.mismatch},
			"body": {sign: good, status: p.status, code: p.mismatch, change: func(r *http.Request) {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1
			}},
			"query string": {sign: good, status: p.status, code: p.mismatch, change: func(r *http.Request) { r.URL.RawQuery += "&a=b" }},
			"path":         {sign: good, status: p.status, code: p.mismatch, change: func(r *http.Request) { r.URL.Path += "x" }},
			"signed header": {sign: good, status: p.status, code: p.mismatch,
				change: func(r *http.Request) { r.Header.Set("X-Amz-Meta-Test", "2") }},
			"unsigned header": {sign: good, status: http.StatusOK, change: func(r *http.Request) { r.Header.Set("X-Later", "1") }},
			"date": {sign: good, status: p.status, code: p.mismatch, change: func(r *http.Request) {
				r.Header.Set("X-Amz-Date", time.Now().Add(time.Second).UTC().Format("20060102T150405Z"))
			}},
			"no date":      {sign: good, status: p.status, code: p.incomplete, change: func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
			"no signature": {sign: good, status: p.status, code: p.incomplete, change: cutAuthorization(", Signature=")},
			"no headers":   {sign: good, status: p.status, code: p.incomplete, change: cutAuthorization(", SignedHeaders=")},
			"another scheme": {sign: good, status: p.status, code: p.incomplete,
				change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }},
			"token of nowhere": {sign: good, status: p.status, code: p.unknownKey,
				change: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }},
		}
		for reason, tt := range tests {
			t.Run(name+"/"+reason, func(t *testing.T) {
				t.Parallel()
				r := p.request(t, c)
				r.Header.Set("X-Amz-Meta-Test", "1")
				tt.sign(t, r)
				if tt.change != nil {
					tt.change(r)
				}
				if status, code := send(t, r); status != tt.status || code != tt.code {
					t.Errorf("got %d %q, want %d %q", status, code, tt.status, tt.code)
				}
			})
		}
	}
}

func cutAuthorization(from string) func(*http.Request) {
	return func(r *http.Request) {
		kept, _, _ := strings.Cut(r.Header.Get("Authorization"), from)
		r.Header.Set("Authorization", kept)
	}
}

// TestCredentials checks the errors that SDKs get for invalid keys.
func TestCredentials(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	c := cloudtest.Start(t, cloud.Config{Now: func() time.Time { return clock }})
	createRole(t, c, "reader", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	id, secret, token, err := c.STS().Issue("reader", "test")
	if err != nil {
		t.Fatal(err)
	}
	call := map[string]func(aws.Config) error{
		"sts": func(config aws.Config) error {
			_, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
			return err
		},
		"ssm": func(config aws.Config) error {
			_, err := ssm.NewFromConfig(config).DescribeParameters(t.Context(), nil)
			return err
		},
	}
	role := cloudtest.KeyConfig(c, id, secret, token)
	for name, call := range call {
		if err := call(role); err != nil {
			t.Errorf("%s with a role's credentials: %v", name, err)
		}
	}
	wrongSecret := cloudtest.KeyConfig(c, c.AccessKey(), "wrong", "")
	cloudtest.WantError(t, call["sts"](wrongSecret), 403, "SignatureDoesNotMatch", "Check your AWS Secret Access Key")
	cloudtest.WantError(t, call["ssm"](wrongSecret), 400, "InvalidSignatureException", "Check your AWS Secret Access Key")
	unknown := cloudtest.KeyConfig(c, "AKIAIOSFODNN7EXAMPLE", c.SecretKey(), "")
	cloudtest.WantError(t, call["sts"](unknown), 403, "InvalidClientTokenId", "security token")
	cloudtest.WantError(t, call["ssm"](unknown), 400, "UnrecognizedClientException", "security token")
	for _, badToken := range []string{"", token + "x"} {
		bad := cloudtest.KeyConfig(c, id, secret, badToken)
		cloudtest.WantError(t, call["sts"](bad), 403, "InvalidClientTokenId", "security token")
	}

	clock = clock.Add(13 * time.Hour)
	late := func(config aws.Config) aws.Config {
		config.HTTPClient = lateClient{c: c, id: id, secret: secret, token: token, at: clock}
		return config
	}
	cloudtest.WantError(t, call["sts"](late(role)), 403, "ExpiredToken", "expired")
	cloudtest.WantError(t, call["ssm"](late(role)), 400, "ExpiredTokenException", "expired")
}

// TestRoleMadeAgain checks that credentials are valid only for the role for which they were issued, not for a new role with the same name.
func TestRoleMadeAgain(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "reader", "")
	caller := sts.NewFromConfig(cloudtest.RoleConfig(t, c, "reader"))
	if _, err := caller.GetCallerIdentity(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).DeleteRole(t.Context(),
		&iam.DeleteRoleInput{RoleName: aws.String("reader")}); err != nil {
		t.Fatal(err)
	}
	_, err := caller.GetCallerIdentity(t.Context(), nil)
	cloudtest.WantError(t, err, 403, "InvalidClientTokenId", "")
	createRole(t, c, "reader", "")
	_, err = caller.GetCallerIdentity(t.Context(), nil)
	cloudtest.WantError(t, err, 403, "InvalidClientTokenId", "")
}

// lateClient signs requests again with a different time.
type lateClient struct {
	c                 *cloud.Cloud
	id, secret, token string
	at                time.Time
}

func (l lateClient) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	service := "sts"
	if r.Header.Get("X-Amz-Target") != "" {
		service = "ssm"
	}
	hash := sha256.Sum256(body)
	keys := aws.Credentials{AccessKeyID: l.id, SecretAccessKey: l.secret, SessionToken: l.token}
	if err := v4.NewSigner().SignHTTP(r.Context(), keys, r, hex.EncodeToString(hash[:]), service, l.c.Region(), l.at); err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(r)
}

// signRequest signs a request as the user.
func signRequest(t *testing.T, c *cloud.Cloud, r *http.Request, service, region string, at time.Time) {
	t.Helper()
	body := []byte{}
	if r.GetBody != nil {
		reader, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
	hash := sha256.Sum256(body)
	keys := aws.Credentials{AccessKeyID: c.AccessKey(), SecretAccessKey: c.SecretKey()}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(hash[:]), service, region, at); err != nil {
		t.Fatal(err)
	}
}

// send sends a request and returns the status and the error's code, which is in a different place for each protocol.
func send(t *testing.T, r *http.Request) (status int, code string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Amzn-Requestid") == "" {
		t.Error("the answer carries no request id")
	}
	if code := response.Header.Get("X-Amzn-Errortype"); code != "" {
		return response.StatusCode, code
	}
	var query struct {
		Code      string `xml:"Error>Code"`
		RequestID string `xml:"RequestId"`
	}
	if xml.Unmarshal(body, &query) == nil && query.Code != "" {
		if query.RequestID == "" {
			t.Error("the error carries no request id")
		}
		return response.StatusCode, query.Code
	}
	var typed struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(body, &typed) // a successful answer has no code
	return response.StatusCode, typed.Type
}
