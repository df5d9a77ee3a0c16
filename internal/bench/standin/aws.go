// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/ssm"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Where the services stand, and who calls them. Nobody checks the key.
const (
	region    = "eu-central-1"
	account   = "123456789012"
	accessKey = "AKIABENCH00000000000"
	secretKey = "bench"
)

// AWS is the sandbox's Parameter Store and DynamoDB without what the sandbox puts before them: a signature and permissions that are
// checked would take longer than what is measured.
type AWS struct {
	*server
	certificate *Certificate
	services    map[string]wire.Service // by the first part of X-Amz-Target

	mu    sync.Mutex
	calls map[string]int // by operation
}

// StartAWS starts the services.
func StartAWS(ctx context.Context, c *Certificate) (*AWS, error) {
	owner := wire.Account{ID: account, Region: region}
	a := &AWS{certificate: c, calls: map[string]int{}, services: map[string]wire.Service{
		"AmazonSSM":         ssm.New(ssm.Config{Account: owner, Now: time.Now}),
		"DynamoDB_20120810": dynamodb.New(dynamodb.Config{Account: owner, TransitionTime: -1}),
	}}
	var err error
	a.server, err = serve(ctx, c, a)
	return a, err
}

// ServeHTTP answers one call.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service, found := a.services[target]
	if !found {
		http.Error(w, "there is no such service here", http.StatusNotFound)
		return
	}
	a.mu.Lock()
	a.calls[operation]++
	a.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	request := &wire.Request{HTTP: r, Body: body, ID: uuid.NewString(), Region: region, Caller: wire.Identity{Account: account}}
	call, err := service.Call(request)
	var response *wire.Response
	if err == nil {
		response, err = call.Run()
	}
	if err != nil {
		service.WriteError(w, request, err)
		return
	}
	maps.Copy(w.Header(), response.Header)
	_, _ = w.Write(response.Body) // the caller has gone: nobody is left to tell
}

// Look returns how often each operation was called since it was called last.
func (a *AWS) Look() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls := a.calls
	a.calls = map[string]int{}
	return calls
}

// Config is a configuration for the AWS SDK that reaches the services.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(a.URL), Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
		HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: a.certificate.trusting()}},
	}
}

// Environment is what Lambda gives a function to reach them: NAME=value.
func (a *AWS) Environment() []string {
	return []string{
		"AWS_REGION=" + region, "AWS_ENDPOINT_URL=" + a.URL, "AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secretKey,
		"SSL_CERT_FILE=" + a.certificate.WithSystem,
	}
}
