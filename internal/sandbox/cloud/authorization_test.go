// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"slices"
	"testing"
)

func FuzzParseAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIA/20260102/eu-central-1/ssm/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc")
	f.Add("AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=")
	f.Add("Bearer x")
	f.Fuzz(func(t *testing.T, header string) {
		a, ok := parseAuthorization(header)
		if ok && (a.signature == "" || len(a.signedHeaders) == 0) {
			t.Errorf("%q was taken: %+v", header, a)
		}
	})
}

// TestParseAuthorization reads the example of the IAM User Guide, as SDKs write it and without spaces.
func TestParseAuthorization(t *testing.T) {
	t.Parallel()
	for _, separator := range []string{", ", ","} {
		a, ok := parseAuthorization("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20220830/us-east-1/ec2/aws4_request" + separator +
			"SignedHeaders=host;x-amz-date" + separator + "Signature=0123abcd")
		if !ok || a.accessKey != "AKIAIOSFODNN7EXAMPLE" || a.date != "20220830" || a.region != "us-east-1" || a.service != "ec2" ||
			a.signature != "0123abcd" || !slices.Equal(a.signedHeaders, []string{"host", "x-amz-date"}) {
			t.Errorf("separated by %q: %+v, %v", separator, a, ok)
		}
	}
}
