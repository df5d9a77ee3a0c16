// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// makeCalls writes the parameter /first, reloads an app, and writes the parameter /second, as the function of the chain nightly. It retries
// no call. It does not use the SDK's client for Systems Manager, which would double the size of the zip that every test uploads.
func makeCalls(ctx context.Context, e event) (any, error) {
	if err := putParameter(ctx, "/first"); err != nil {
		return nil, err
	}
	if err := startReload(ctx, e); err != nil {
		return nil, err
	}
	return "made the calls", putParameter(ctx, "/second")
}

func putParameter(ctx context.Context, name string) error {
	body := fmt.Sprintf(`{"Name":%q,"Value":"done","Type":"String","Overwrite":true}`, name)
	//nolint:gosec // the sandbox's address
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("AWS_ENDPOINT_URL")+"/", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "AmazonSSM.PutParameter")
	credentials := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "ssm", os.Getenv("AWS_REGION"),
		time.Now()); err != nil {
		return err
	}
	return send(request, http.StatusOK)
}

func startReload(ctx context.Context, e event) error {
	body, err := json.Marshal(map[string]string{"appId": e.App})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/api/v1/reloads", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+e.Key)
	request.Header.Set("User-Agent", "qlik-task-chain/nightly")
	return send(request, http.StatusCreated)
}

// send sends a request, and fails unless the answer has the wanted status.
func send(request *http.Request, want int) error {
	response, err := http.DefaultClient.Do(request) //nolint:gosec // the test's event says where to
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != want {
		return fmt.Errorf("%s %s was answered with %s", request.Method, request.URL.Path, response.Status)
	}
	return nil
}
