// Package topic publishes to SNS topics.
//
// It makes the one call by hand, with the SDK's signer and errors, for the reason for which package parameter does: the SDK's package for the
// service would make each cold start slower, for a call that hardly any execution makes.
package topic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const maxAnswer = 1 << 20 // bytes: far above what SNS answers

// Publisher publishes to topics. It is safe for concurrent use.
type Publisher struct {
	config   aws.Config
	endpoint string
	signer   *v4.Signer
}

// New makes a publisher of the region, the credentials, the endpoint if any, and the HTTP client of config.
func New(ctx context.Context, config aws.Config) (*Publisher, error) {
	endpoint, err := Address(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Publisher{config: config, endpoint: endpoint, signer: v4.NewSigner()}, nil
}

// Address is where SNS is called: at config's endpoint, or in its region. Scheduler's address there differs in the service's name alone, and
// its package knows the domain of each of AWS's partitions. Source: https://docs.aws.amazon.com/general/latest/gr/sns.html
func Address(ctx context.Context, config aws.Config) (string, error) {
	if config.BaseEndpoint != nil {
		return *config.BaseEndpoint, nil
	}
	neighbour, err := scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, scheduler.EndpointParameters{Region: &config.Region}.WithDefaults())
	if err != nil {
		return "", fmt.Errorf("finding SNS's address in %s: %w", config.Region, err)
	}
	return neighbour.URI.Scheme + "://sns." + strings.TrimPrefix(neighbour.URI.Host, "scheduler."), nil
}

// Message is what the subscribers of a topic get: those of a protocol that is not named, Default.
type Message struct {
	Subject string
	Default string
	Email   string
	SMS     string
}

// Publish sends a message to a topic, by its ARN. It is tried once more when SNS fails or does not answer in time for that.
func (p *Publisher) Publish(ctx context.Context, topic string, m Message) error {
	structure, err := json.Marshal(map[string]string{"default": m.Default, "email": m.Email, "sms": m.SMS})
	if err != nil {
		return err
	}
	// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
	body := url.Values{
		"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {topic}, "Subject": {m.Subject}, "Message": {string(structure)}, "MessageStructure": {"json"},
	}.Encode()
	err = p.try(ctx, body)
	var refusal *smithyhttp.ResponseError
	if err != nil && ctx.Err() == nil && (!errors.As(err, &refusal) || refusal.HTTPStatusCode() >= http.StatusInternalServerError) {
		err = p.try(ctx, body)
	}
	if err != nil {
		return &smithy.OperationError{ServiceID: "SNS", OperationName: "Publish", Err: fmt.Errorf("to %s: %w", topic, err)}
	}
	return nil
}

// try sends the request once. Source: AWS query protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
func (p *Publisher) try(ctx context.Context, body string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials, err := p.config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(body))
	if err := p.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "sns", p.config.Region, time.Now()); err != nil {
		return err
	}
	response, err := p.config.HTTPClient.Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && response.StatusCode == http.StatusOK {
		return nil
	}
	if err == nil {
		err = refusal(answer)
	}
	return &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

// refusal is the error that a body tells of.
func refusal(body []byte) error {
	var e struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if err := xml.Unmarshal(body, &e); err != nil || e.Code == "" {
		return &smithy.DeserializationError{Err: errors.Join(err, errors.New("it is no error of the query protocol")), Snapshot: body}
	}
	return &smithy.GenericAPIError{Code: e.Code, Message: e.Message}
}
