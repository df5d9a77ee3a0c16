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

// methodExtras returns the settings of a method that no chain has and a user may have set, in words by name. Settings without a value are
// left out.
func methodExtras(method *types.Method) map[string]string {
	extras := map[string]string{
		"authorizer": aws.ToString(method.AuthorizerId), "authorization_scopes": strings.Join(method.AuthorizationScopes, ", "),
		"operation_name": aws.ToString(method.OperationName), "request_validator": aws.ToString(method.RequestValidatorId),
		"request_models": setEntries(method.RequestModels),
	}
	for _, status := range slices.Sorted(maps.Keys(method.MethodResponses)) {
		response := method.MethodResponses[status]
		addWords(extras, "response_models", status, setEntries(response.ResponseModels))
		addWords(extras, "response_parameters", status, strings.Join(slices.Sorted(maps.Keys(response.ResponseParameters)), ", "))
	}
	if method.MethodIntegration != nil {
		integrationExtras(extras, method.MethodIntegration)
	}
	maps.DeleteFunc(extras, func(_, value string) bool { return value == "" })
	return extras
}

// integrationExtras adds the extra settings of the method's integration. For example, conversion to binary would bypass the mapping
// template.
func integrationExtras(extras map[string]string, integration *types.Integration) {
	extras["integration.cache_key_parameters"] = strings.Join(integration.CacheKeyParameters, ", ")
	extras["integration.connection_id"] = aws.ToString(integration.ConnectionId)
	extras["integration.content_handling"] = string(integration.ContentHandling)
	extras["integration.credentials"] = aws.ToString(integration.Credentials)
	extras["integration.target"] = aws.ToString(integration.IntegrationTarget)
	if integration.ConnectionType != types.ConnectionTypeInternet {
		extras["integration.connection_type"] = string(integration.ConnectionType)
	}
	if integration.ResponseTransferMode != types.ResponseTransferModeBuffered {
		extras["integration.response_transfer_mode"] = string(integration.ResponseTransferMode)
	}
	if tls := integration.TlsConfig; tls != nil && tls.InsecureSkipVerification {
		extras["integration.insecure_skip_verification"] = strconv.FormatBool(true)
	}
	for _, status := range slices.Sorted(maps.Keys(integration.IntegrationResponses)) {
		response := integration.IntegrationResponses[status]
		addWords(extras, "integration.response_content_handling", status, string(response.ContentHandling))
		addWords(extras, "integration.response_parameters", status, setEntries(response.ResponseParameters))
		addWords(extras, "integration.response_templates", status, setEntries(response.ResponseTemplates))
	}
}

// setEntries returns the entries of a map that have a value, in words. It is empty when there are none.
func setEntries(entries map[string]string) string {
	entries = maps.Clone(entries)
	maps.DeleteFunc(entries, func(_, value string) bool { return value == "" })
	if len(entries) == 0 {
		return ""
	}
	return inWords(entries)
}

// addWords adds the settings of one status code.
func addWords(extras map[string]string, name, status, words string) {
	if words == "" {
		return
	}
	if extras[name] != "" {
		extras[name] += "; "
	}
	extras[name] += status + ": " + words
}

// extraDifferences returns the settings that a method has and should not have.
func (have methodShape) extraDifferences() []Difference {
	var all []Difference
	for _, name := range keys(have.Extras) {
		all = append(all, Difference{name, have.Extras[name], orNone("")})
	}
	return all
}
