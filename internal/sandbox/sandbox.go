// SPDX-License-Identifier: MPL-2.0

// Package sandbox is a loopback AWS and a loopback Qlik Cloud tenant, for the demo and the tests. A Lambda function that is deployed to it
// really runs. No request leaves the machine.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// Config configures the loopback AWS and the tenant.
type Config struct {
	Cloud  cloud.Config
	Tenant tenant.Config
	Apps   []tenant.App // that the tenant starts with
	// Clock is the time of scheduled events in both. If nil, it is a clock that follows the real time.
	Clock *clock.Clock
}

// Sandbox is a running loopback AWS and tenant. Call Close when done.
type Sandbox struct {
	Cloud  *cloud.Cloud
	Tenant *tenant.Tenant
	Clock  *clock.Clock

	watch    *watch
	provider *providerWatch
}

// Start starts both. It sets their Clock, Outside and UserFault.
func Start(ctx context.Context, config Config) (*Sandbox, error) {
	if config.Clock == nil {
		config.Clock = new(clock.Clock)
	}
	config.Cloud.Clock, config.Tenant.Clock = config.Clock, config.Clock
	w := new(watch)
	config.Cloud.Outside, config.Tenant.Outside = w.take, w.take
	p := new(providerWatch)
	config.Cloud.UserFault, config.Tenant.UserFault = p.cloudFault, p.tenantFault
	qlik, err := tenant.Start(ctx, config.Tenant)
	if err != nil {
		return nil, err
	}
	for _, app := range config.Apps {
		qlik.AddApp(app)
	}
	aws, err := cloud.Start(ctx, config.Cloud)
	if err != nil {
		qlik.Close()
		return nil, err
	}
	w.guard(aws.Lambda().Kill)
	return &Sandbox{Cloud: aws, Tenant: qlik, Clock: config.Clock, watch: w, provider: p}, nil
}

// Close stops both and waits for all their goroutines and processes.
func (s *Sandbox) Close() error {
	s.Tenant.Close()
	return s.Cloud.Close()
}

// Environment returns the environment variables that the provider and AWS's tools need, as NAME=value.
func (s *Sandbox) Environment() []string {
	return append(s.Cloud.Environment(),
		"QLIK_TENANT_URL="+s.Tenant.URL(), "QLIK_API_KEY="+s.Tenant.APIKey(), "QLIK_CLIENT_ID=", "QLIK_CLIENT_SECRET=")
}

// Objects lists what exists in AWS, by service, and the tenant's webhooks under "webhooks".
func (s *Sandbox) Objects() map[string][]string {
	objects := s.Cloud.Objects()
	for _, webhook := range s.Tenant.Webhooks() {
		objects["webhooks"] = append(objects["webhooks"], webhook.Name)
	}
	return objects
}

// AWS returns an AWS SDK configuration that reaches the sandbox.
func (s *Sandbox) AWS() aws.Config {
	return aws.Config{
		Region: s.Cloud.Region(), BaseEndpoint: aws.String(s.Cloud.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(s.Cloud.AccessKey(), s.Cloud.SecretKey(), ""),
	}
}

// ErrNoAPIKey means that API Gateway has no API key with the name.
var ErrNoAPIKey = errors.New("there is no API key")

// APIKey returns the value of the API Gateway API key with this name.
func (s *Sandbox) APIKey(ctx context.Context, name string) (string, error) {
	keys, err := apigateway.NewFromConfig(s.AWS()).GetApiKeys(ctx, &apigateway.GetApiKeysInput{
		NameQuery: aws.String(name), IncludeValues: aws.Bool(true),
	})
	if err != nil {
		return "", err
	}
	for _, key := range keys.Items {
		if aws.ToString(key.Name) == name {
			return aws.ToString(key.Value), nil
		}
	}
	return "", fmt.Errorf("%w %s", ErrNoAPIKey, name)
}

// LogLines returns the messages in a log group, oldest first.
func (s *Sandbox) LogLines(ctx context.Context, group string) ([]string, error) {
	var lines []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(s.AWS()), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(group),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, event := range page.Events {
			lines = append(lines, aws.ToString(event.Message))
		}
	}
	return lines, nil
}

// Call makes a request to a URL and returns the status and the body. A header with an empty value is not sent.
func Call(ctx context.Context, method, url string, headers map[string]string, body io.Reader) (status int, content []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, nil, err
	}
	for name, value := range headers {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	content, err = io.ReadAll(response.Body)
	return response.StatusCode, content, errors.Join(err, response.Body.Close())
}
