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

// methodExtras are the settings that no method of a chain has and a person may give it, in words by name. Those that are not set are left
// out.
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

// integrationExtras adds those of the method's integration. Conversion to binary, for example, takes the template away from every delivery.
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

// setEntries are the entries of a map that have a value, in words; empty when there is none.
func setEntries(entries map[string]string) string {
	entries = maps.Clone(entries)
	maps.DeleteFunc(entries, func(_, value string) bool { return value == "" })
	if len(entries) == 0 {
		return ""
	}
	return inWords(entries)
}

// addWords adds what is set for one status.
func addWords(extras map[string]string, name, status, words string) {
	if words == "" {
		return
	}
	if extras[name] != "" {
		extras[name] += "; "
	}
	extras[name] += status + ": " + words
}

// extraDifferences are the extras that a method has, and should not.
func (have methodShape) extraDifferences() []Difference {
	var all []Difference
	for _, name := range keys(have.Extras) {
		all = append(all, Difference{name, have.Extras[name], orNone("")})
	}
	return all
}
