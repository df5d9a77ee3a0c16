// SPDX-License-Identifier: MPL-2.0

// Package topic publishes to SNS topics.
package topic

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
)

// Publisher publishes to topics. It is safe for concurrent use.
type Publisher struct{ endpoint *awscall.Endpoint }

// New makes a publisher of the region, the credentials, the endpoint and the HTTP client of config.
func New(config aws.Config) *Publisher {
	return &Publisher{awscall.NewEndpoint(config, awscall.Service{ID: "SNS", Scope: "sns"})}
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
	err = p.tryFirst(ctx, body)
	var refusal *smithyhttp.ResponseError
	if err != nil && ctx.Err() == nil && (!errors.As(err, &refusal) || refusal.HTTPStatusCode() >= http.StatusInternalServerError) {
		err = p.try(ctx, body)
	}
	if err != nil {
		return &smithy.OperationError{ServiceID: "SNS", OperationName: "Publish", Err: fmt.Errorf("to %s: %w", topic, err)}
	}
	return nil
}

// tryFirst sends the request once, and leaves half of the time for another try: the connection may have died without a word.
func (p *Publisher) tryFirst(ctx context.Context, body string) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return p.try(ctx, body)
}

// try sends the request once. Source: AWS query protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
func (p *Publisher) try(ctx context.Context, body string) error {
	return p.endpoint.Post(ctx, "/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(body), nil, refused)
}

// refused is the error that a body tells of.
func refused(_ http.Header, body []byte) error {
	var e struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if err := xml.Unmarshal(body, &e); err != nil || e.Code == "" {
		return &smithy.DeserializationError{Err: errors.Join(err, errors.New("it is no error of the query protocol")), Snapshot: body}
	}
	return &smithy.GenericAPIError{Code: e.Code, Message: e.Message}
}
