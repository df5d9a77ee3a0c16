// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
)

// The integration types that the sandbox emulates.
const (
	typeAWS      = "AWS"
	typeAWSProxy = "AWS_PROXY"
)

// The ways to handle a body with a content type that has no request template.
const (
	passthroughNoMatch     = "WHEN_NO_MATCH"
	passthroughNoTemplates = "WHEN_NO_TEMPLATES"
	passthroughNever       = "NEVER"
)

// integration is the backend of a method: a Lambda function.
type integration struct {
	Type                 string                         `json:"type"`
	HTTPMethod           string                         `json:"httpMethod,omitempty"`
	URI                  string                         `json:"uri,omitempty"`
	RequestParameters    map[string]string              `json:"requestParameters,omitempty"`
	RequestTemplates     map[string]string              `json:"requestTemplates,omitempty"`
	PassthroughBehavior  string                         `json:"passthroughBehavior,omitempty"`
	TimeoutInMillis      int                            `json:"timeoutInMillis,omitempty"`
	CacheNamespace       string                         `json:"cacheNamespace,omitempty"`
	CacheKeyParameters   []string                       `json:"cacheKeyParameters"`
	IntegrationResponses map[string]integrationResponse `json:"integrationResponses,omitempty"`

	integrationExtras
}

func (i *integration) clone() *integration {
	copied := *i
	copied.IntegrationResponses = maps.Clone(i.IntegrationResponses)
	return &copied
}

// lambdaURI matches the URI of a Lambda function's Invoke.
var lambdaURI = regexp.MustCompile(`^arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/` +
	`(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[^/]+)/invocations$`)

// functionARN returns the function that the integration calls.
func (i *integration) functionARN() string {
	match := lambdaURI.FindStringSubmatch(i.URI)
	if match == nil {
		return ""
	}
	return match[1]
}

// invocationTypeParameter is the only request parameter that the sandbox emulates: a header for Lambda's Invoke.
const invocationTypeParameter = "integration.request.header.X-Amz-Invocation-Type"

func (i *integration) validate() error {
	switch {
	case i.Type != typeAWS && i.Type != typeAWSProxy:
		return badRequest("The sandbox emulates integrations of the types AWS and AWS_PROXY with Lambda, not %q.", i.Type)
	case i.functionARN() == "":
		return badRequest("Invalid ARN specified in the request: the sandbox emulates integrations with Lambda functions, "+
			"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations, not %q", i.URI)
	case i.HTTPMethod == "":
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	case !slices.Contains([]string{passthroughNoMatch, passthroughNoTemplates, passthroughNever}, i.PassthroughBehavior):
		return badRequest("Invalid passthrough behavior specified: %s", i.PassthroughBehavior)
	case i.TimeoutInMillis < 50 || i.TimeoutInMillis > 29000:
		return badRequest("Timeout should be between 50 ms and 29000 ms")
	}
	if err := i.integrationExtras.validate(); err != nil {
		return err
	}
	for contentType, text := range i.RequestTemplates {
		if _, err := template.Parse(text); err != nil {
			return badRequest("Invalid mapping template for %s: %v", contentType, err)
		}
	}
	for name, value := range i.RequestParameters {
		if i.Type == typeAWSProxy || !strings.EqualFold(name, invocationTypeParameter) {
			return badRequest("The sandbox emulates the request parameter %s of AWS integrations alone, not %s.", invocationTypeParameter, name)
		}
		if _, static := staticValue(value); !static {
			return badRequest("The sandbox emulates request parameters with constant values, 'in single quotes', not %s.", value)
		}
	}
	return nil
}

// staticValue returns the value of a mapping expression that is a constant in single quotes.
func staticValue(expression string) (string, bool) {
	if len(expression) < 2 || expression[0] != '\'' || expression[len(expression)-1] != '\'' {
		return "", false
	}
	return expression[1 : len(expression)-1], true
}

type putIntegrationInput struct {
	ref
	Type, IntegrationHTTPMethod, URI, PassthroughBehavior string
	CacheKeyParameters                                    []string
	RequestParameters, RequestTemplates                   map[string]string
	TimeoutInMillis                                       int
	integrationExtras
}

func (s *Service) putIntegration(in *putIntegrationInput) (any, error) {
	r, m, err := s.method(&in.ref)
	if err != nil {
		return nil, err
	}
	i := &integration{
		Type: in.Type, HTTPMethod: in.IntegrationHTTPMethod, URI: in.URI, RequestParameters: in.RequestParameters,
		RequestTemplates:    in.RequestTemplates,
		PassthroughBehavior: cmp.Or(in.PassthroughBehavior, passthroughNoMatch), TimeoutInMillis: cmp.Or(in.TimeoutInMillis, 29000),
		CacheNamespace: r.ID, CacheKeyParameters: append([]string{}, in.CacheKeyParameters...), integrationExtras: in.integrationExtras,
	}
	if err := i.validate(); err != nil {
		return nil, err
	}
	m.MethodIntegration = i
	return i, nil
}

// integration returns the method and the integration that a request names.
func (s *Service) integration(in *ref) (*method, *integration, error) {
	_, m, err := s.method(in)
	if err != nil {
		return nil, nil, err
	}
	if m.MethodIntegration == nil {
		return nil, nil, notFound("Invalid Integration identifier specified")
	}
	return m, m.MethodIntegration, nil
}

func (s *Service) getIntegration(in *ref) (any, error) {
	_, i, err := s.integration(in)
	return i, err
}

func (s *Service) updateIntegration(in *updateInput) (any, error) {
	_, i, err := s.integration(&in.ref)
	return i, change(i, err, in, func(changed *integration) patches {
		return changed.extraPatches(patches{
			"httpMethod": replaceString(&changed.HTTPMethod), "uri": replaceString(&changed.URI),
			"cacheKeyParameters": elements(&changed.CacheKeyParameters),
			"requestParameters":  stringEntries(&changed.RequestParameters), "requestTemplates": stringEntries(&changed.RequestTemplates),
			"passthroughBehavior": replaceString(&changed.PassthroughBehavior), "timeoutInMillis": replaceInt(&changed.TimeoutInMillis),
		})
	}, (*integration).validate)
}
