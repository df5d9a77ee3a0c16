// SPDX-License-Identifier: MPL-2.0

package chainapi

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// InvokeAction is the permission to call a method of an API with IAM authorization
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html).
const InvokeAction = "execute-api:Invoke"

// Signature adds AWS's Signature Version 4 to a request. If it has a body, contentHash is its hash. nil adds nothing.
type Signature func(*http.Request) error

func (s Signature) add(request *http.Request) error {
	if s == nil || request.Method == http.MethodGet {
		return nil
	}
	return s(request)
}

// contentHash is the header with the SHA-256 hash of a request's body.
const contentHash = "X-Amz-Content-Sha256"

func hashOfBody(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Sign returns a signature with AWS credentials.
func Sign(provider aws.CredentialsProvider, region string) Signature {
	signer := v4.NewSigner()
	return func(request *http.Request) error {
		credentials, err := provider.Retrieve(request.Context())
		if err != nil {
			return fmt.Errorf("reading the AWS credentials to sign the request with: %w", err)
		}
		hash := cmp.Or(request.Header.Get(contentHash), hashOfBody(nil))
		return signer.SignHTTP(request.Context(), credentials, request, hash, "execute-api", region, time.Now())
	}
}
