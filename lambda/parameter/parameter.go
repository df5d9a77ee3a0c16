// Package parameter reads SSM Parameter Store.
//
// It makes the one call that the function needs by hand, with the SDK's signer, credentials, retries and errors, but without the SDK's
// package for the service: that one sets up tables for all of SSM's operations before main begins, which took a third of a cold start and
// a quarter of the memory. As many lines for a call that writes something would not be worth that.
package parameter

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// MaxNames is how many parameters can be read at once.
const MaxNames = 10

const (
	operation = "GetParameters"
	maxAnswer = 1 << 20 // bytes: far above ten parameters of 8 KB
)

// Store is Parameter Store. It is safe for concurrent use.
type Store struct {
	config   aws.Config
	endpoint string
	signer   *v4.Signer
	retryer  aws.Retryer
}

// New makes a store of the region, the credentials, the endpoint if any, and the HTTP client of config.
func New(ctx context.Context, config aws.Config) (*Store, error) {
	endpoint := aws.ToString(config.BaseEndpoint)
	if endpoint == "" {
		var err error
		if endpoint, err = regional(ctx, config.Region); err != nil {
			return nil, err
		}
	}
	return &Store{config: config, endpoint: endpoint, signer: v4.NewSigner(), retryer: retry.NewStandard()}, nil
}

// regional is where SSM stands in a region. Scheduler's address there differs in the service's name alone, and its package knows the
// domain of each of AWS's partitions. Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html
func regional(ctx context.Context, region string) (string, error) {
	neighbour, err := scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, scheduler.EndpointParameters{Region: &region}.WithDefaults())
	if err != nil {
		return "", fmt.Errorf("finding SSM's address in %s: %w", region, err)
	}
	return neighbour.URI.Scheme + "://ssm." + strings.TrimPrefix(neighbour.URI.Host, "scheduler."), nil
}

// Get reads at most MaxNames parameters, decrypted. One that does not exist is missing from the result.
func (s *Store) Get(ctx context.Context, names []string) (map[string]string, error) {
	body, err := json.Marshal(map[string]any{"Names": names, "WithDecryption": true})
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		values, err := s.try(ctx, body)
		if err == nil {
			return values, nil
		}
		err = &smithy.OperationError{ServiceID: "SSM", OperationName: operation, Err: err}
		if attempt == s.retryer.MaxAttempts() || !s.retryer.IsErrorRetryable(err) {
			return nil, err
		}
		delay, delayErr := s.retryer.RetryDelay(attempt, err)
		if delayErr != nil || wait(ctx, delay) != nil {
			return nil, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try sends the request once. Source: AWS JSON 1.1 protocol, https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html, and
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
func (s *Store) try(ctx context.Context, body []byte) (map[string]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	credentials, err := s.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := s.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "ssm", s.config.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := s.config.HTTPClient.Do(request)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, failure(response, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, failure(response, refusal(answer))
	}
	var out struct {
		Parameters []struct{ Name, Value string }
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, failure(response, &smithy.DeserializationError{Err: err})
	}
	values := make(map[string]string, len(out.Parameters))
	for _, p := range out.Parameters {
		values[p.Name] = p.Value
	}
	return values, nil
}

// failure is an error with the response that it came with, as the SDK's are: its retryer goes by the status too.
func failure(response *http.Response, err error) error {
	return &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

// refusal is the error that a body tells of.
func refusal(body []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // some say Message, which encoding/json takes for the same
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: body}
	}
	return &smithy.GenericAPIError{Code: cmp.Or(e.Type[strings.LastIndex(e.Type, "#")+1:], "UnknownError"), Message: e.Message}
}
