// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// TestAccImportBeside checks that an import takes the objects of the instance that owns the chain. It leaves those of another instance of
// the same name, from a create that lost its claim and was then killed.
func TestAccImportBeside(t *testing.T) {
	t.Parallel()
	h, one, two := newHarness(t, nil), newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
	one.configure(h.chain(shortChain))
	two.configure(h.chain(shortChain))
	if err := one.apply(); err != nil {
		t.Fatal(err)
	}
	gateway := apigateway.NewFromConfig(h.AWS())
	tags := map[string]string{
		"qlik-task-chain": "nightly", "managed-by": "terraform-provider-qlik", "qlik-tenant": h.Tenant.ID(), "qlik-instance": "0123456789abcdef",
	}
	for range 5 { // API Gateway lists them in no order
		if _, err := gateway.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String(objectName), Tags: tags}); err != nil {
			t.Fatal(err)
		}
		if _, err := gateway.CreateApiKey(t.Context(), &apigateway.CreateApiKeyInput{Name: aws.String(objectName), Enabled: true,
			Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(two.must("import", "-no-color", "-input=false", chainAddress, "nightly"), two.expectNoChange()); err != nil {
		t.Error(err)
	}
}
