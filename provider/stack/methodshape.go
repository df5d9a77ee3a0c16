// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// methodShape holds the compared settings of one method. It has the same form for a wanted and a found method.
type methodShape struct {
	AuthorizationType   string                `json:"authorization_type"`
	APIKeyRequired      bool                  `json:"api_key_required"`
	MethodParameters    []string              `json:"method_parameters"` // those that the method declares
	Responses           []string              `json:"responses"`         // the status codes of the method's responses
	Type                types.IntegrationType `json:"type"`
	URI                 string                `json:"uri"`
	IntegrationMethod   string                `json:"integration_method"`
	PassthroughBehavior string                `json:"passthrough_behavior"`
	TimeoutMillis       int32                 `json:"timeout_ms"` // until API Gateway gives up on the function
	RequestParameters   map[string]string     `json:"request_parameters"`
	RequestTemplates    map[string]string     `json:"request_templates"`
	ResponsePatterns    map[string]string     `json:"response_patterns"` // selection pattern by status code
	Extras              map[string]string     `json:"-"`                 // see methodExtras; a wanted method has none
}

// integrationTimeoutMillis is API Gateway's default. A longer timeout requires a raised quota.
const integrationTimeoutMillis = 29000

func shapeOf(method *types.Method) methodShape {
	shape := methodShape{
		AuthorizationType: aws.ToString(method.AuthorizationType), APIKeyRequired: aws.ToBool(method.ApiKeyRequired),
		MethodParameters: []string{}, Responses: []string{}, RequestParameters: map[string]string{}, RequestTemplates: map[string]string{},
		ResponsePatterns: map[string]string{},
	}
	shape.MethodParameters = append(shape.MethodParameters, slices.Sorted(maps.Keys(method.RequestParameters))...)
	shape.Responses = append(shape.Responses, slices.Sorted(maps.Keys(method.MethodResponses))...)
	shape.Extras = methodExtras(method)
	integration := method.MethodIntegration
	if integration == nil {
		return shape
	}
	shape.Type, shape.URI = integration.Type, aws.ToString(integration.Uri)
	shape.IntegrationMethod, shape.PassthroughBehavior = aws.ToString(integration.HttpMethod), aws.ToString(integration.PassthroughBehavior)
	shape.TimeoutMillis = integration.TimeoutInMillis
	maps.Copy(shape.RequestParameters, integration.RequestParameters)
	maps.Copy(shape.RequestTemplates, integration.RequestTemplates)
	for status, response := range integration.IntegrationResponses {
		shape.ResponsePatterns[status] = aws.ToString(response.SelectionPattern)
	}
	return shape
}

// differences returns how one method differs from the wanted one.
func (have methodShape) differences(r route, want methodShape) []Difference {
	var all []Difference
	for _, member := range append([]Difference{
		{"authorization_type", have.AuthorizationType, want.AuthorizationType},
		{"api_key_required", strconv.FormatBool(have.APIKeyRequired), strconv.FormatBool(want.APIKeyRequired)},
		{"parameters", strings.Join(have.MethodParameters, ", "), orNone(strings.Join(want.MethodParameters, ", "))},
		{"responses", strings.Join(have.Responses, ", "), orNone(strings.Join(want.Responses, ", "))},
		{"integration.type", string(have.Type), string(want.Type)},
		{"integration.uri", have.URI, want.URI},
		{"integration.method", have.IntegrationMethod, want.IntegrationMethod},
		{"integration.passthrough_behavior", have.PassthroughBehavior, want.PassthroughBehavior},
		{"integration.timeout_milliseconds", strconv.Itoa(int(have.TimeoutMillis)), strconv.Itoa(int(want.TimeoutMillis))},
		diffEntries("integration.request_parameters", have.RequestParameters, want.RequestParameters),
		diffEntries("integration.request_templates", have.RequestTemplates, want.RequestTemplates),
		diffEntries("integration.response_patterns", have.ResponsePatterns, want.ResponsePatterns),
	}, have.extraDifferences()...) {
		if orNone(member.Have) != member.Want {
			member.Setting = "rest_api.method." + r.String() + "." + member.Setting
			all = append(all, member)
		}
	}
	return all
}

// diffEntries returns the entries of a map that differ from the wanted ones.
func diffEntries(name string, have, want map[string]string) Difference {
	set, unset := changes(have, want)
	changed := append(keys(set), unset...)
	return Difference{name, only(have, changed), only(want, changed)}
}
