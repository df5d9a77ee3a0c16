// SPDX-License-Identifier: MPL-2.0

// Package cloudtest has the helpers that tests of the loopback AWS share.
package cloudtest

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// Start runs a sandbox until the test ends.
func Start(t *testing.T, config cloud.Config) *cloud.Cloud {
	t.Helper()
	c, err := cloud.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

// UserConfig returns the SDK's configuration for the sandbox's user.
func UserConfig(c *cloud.Cloud) aws.Config { return KeyConfig(c, c.AccessKey(), c.SecretKey(), "") }

// KeyConfig returns the SDK's configuration for the given credentials. The SDK does not retry, so that a test sees each answer.
func KeyConfig(c *cloud.Cloud, id, secret, token string) aws.Config {
	return aws.Config{
		Region:       c.Region(),
		BaseEndpoint: aws.String(c.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(id, secret, token),
		HTTPClient:   &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// RoleConfig returns the SDK's configuration for an existing role.
func RoleConfig(t *testing.T, c *cloud.Cloud, role string) aws.Config {
	t.Helper()
	id, secret, token, err := c.STS().Issue(role, "test")
	if err != nil {
		t.Fatal(err)
	}
	return KeyConfig(c, id, secret, token)
}

// WantError checks a service's error: its status, its code, a part of its message, and that it has a request id.
func WantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error %v, want %s from the service", err, code)
	}
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		t.Fatalf("error %v carries no response", err)
	}
	if api.ErrorCode() != code || response.HTTPStatusCode() != status || !strings.Contains(api.ErrorMessage(), message) {
		t.Errorf("got %d %s: %s\nwant %d %s: …%s…", response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), status, code, message)
	}
	var with interface{ ServiceRequestID() string }
	if !errors.As(err, &with) || with.ServiceRequestID() == "" {
		t.Error("the error carries no request id")
	}
}
