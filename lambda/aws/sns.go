// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

// Topics publishes to SNS topics. It is safe for concurrent use.
type Topics struct{ client *client }

// NewTopics makes a publisher with the region, the credentials, the endpoint and the HTTP client of config.
func NewTopics(config aws.Config) *Topics {
	return &Topics{newClient(config, service{id: "SNS", scope: "sns"})}
}

// TopicMessage is what the subscribers of a topic get. Subscribers of a protocol without a field get Default.
type TopicMessage struct {
	Subject string
	Default string
	Email   string
	SMS     string
}

// Publish sends a message to a topic, by its ARN. It tries once more if SNS fails, or does not answer in time for another try.
func (t *Topics) Publish(ctx context.Context, topic string, m TopicMessage) error {
	structure, err := json.Marshal(map[string]string{"default": m.Default, "email": m.Email, "sms": m.SMS})
	if err != nil {
		return err
	}
	// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
	body := url.Values{
		"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {topic}, "Subject": {m.Subject},
		"Message": {string(structure)}, "MessageStructure": {"json"},
	}.Encode()
	err = twice(ctx, func(ctx context.Context) error { return t.try(ctx, body) })
	if err != nil {
		return &smithy.OperationError{ServiceID: t.client.id, OperationName: "Publish", Err: fmt.Errorf("to %s: %w", topic, err)}
	}
	return nil
}

// try sends the request once. Source: AWS query protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
func (t *Topics) try(ctx context.Context, body string) error {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return t.client.post(ctx, "/", header, []byte(body), nil, queryRefusalOf)
}

// queryRefusalOf reads the error from an answer of the query protocol.
func queryRefusalOf(_ http.Header, body []byte) error {
	var e struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if err := xml.Unmarshal(body, &e); err != nil || e.Code == "" {
		return &smithy.DeserializationError{Err: errors.Join(err, errors.New("it is no error of the query protocol")), Snapshot: body}
	}
	return &smithy.GenericAPIError{Code: e.Code, Message: e.Message}
}
