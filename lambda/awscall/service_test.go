// SPDX-License-Identifier: MPL-2.0

package awscall_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
)

// The domains of AWS's partitions.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1":    "https://ssm.eu-central-1.amazonaws.com",
		"us-gov-west-1":   "https://ssm.us-gov-west-1.amazonaws.com",
		"cn-north-1":      "https://ssm.cn-north-1.amazonaws.com.cn",
		"eusc-de-east-1":  "https://ssm.eusc-de-east-1.amazonaws.eu",
		"us-iso-east-1":   "https://ssm.us-iso-east-1.c2s.ic.gov",
		"xx-someday-new1": "https://ssm.xx-someday-new1.amazonaws.com",
	} {
		got, err := awscall.NewEndpoint(t.Context(), aws.Config{Region: region}, awscall.Service{ID: "SSM", Scope: "ssm"})
		if err != nil || got.URL != want {
			t.Errorf("in %s SSM is at %v, %v; want %s", region, got, err, want)
		}
	}
}
