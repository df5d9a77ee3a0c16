// SPDX-License-Identifier: MPL-2.0

package function

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Scope is Lambda's name in a credential scope.
func (s *Service) Scope() string { return "lambda" }

const (
	functionsPath = "/2015-03-31/functions"
	functionPath  = functionsPath + "/{FunctionName}"
	tagsPath      = "/2017-03-31/tags/{Resource}"

	eventInvokePath    = "/2019-09-25/functions/{FunctionName}/event-invoke-config"
	putConcurrencyPath = "/2017-10-31/functions/{FunctionName}/concurrency" // and for deleting
	getConcurrencyPath = "/2019-09-30/functions/{FunctionName}/concurrency"

	urlPath            = "/2021-10-31/functions/{FunctionName}/url"
	recursionPath      = "/2024-08-31/functions/{FunctionName}/recursion-config"
	eventSourcesPath   = "/2015-03-31/event-source-mappings"
	oneEventSourcePath = eventSourcesPath + "/{UUID}"
)

func (s *Service) operations() wire.RESTRoutes {
	return wire.RESTRoutes{
		{Name: "CreateFunction", Method: http.MethodPost, Path: functionsPath, Run: s.createFunction},
		{Name: "ListFunctions", Method: http.MethodGet, Path: functionsPath, Run: s.listFunctions},
		{Name: "GetFunction", Method: http.MethodGet, Path: functionPath, Run: s.getFunction},
		{Name: "DeleteFunction", Method: http.MethodDelete, Path: functionPath, Run: s.deleteFunction},
		{Name: "GetFunctionConfiguration", Method: http.MethodGet, Path: functionPath + "/configuration", Run: s.getFunctionConfiguration},
		{Name: "UpdateFunctionConfiguration", Method: http.MethodPut, Path: functionPath + "/configuration", Run: s.updateFunctionConfiguration},
		{Name: "UpdateFunctionCode", Method: http.MethodPut, Path: functionPath + "/code", Run: s.updateFunctionCode},
		{Name: "Invoke", Method: http.MethodPost, Path: functionPath + "/invocations", Run: s.invokeFunction},
		{Name: "AddPermission", Method: http.MethodPost, Path: functionPath + "/policy", Run: s.addPermission},
		{Name: "GetPolicy", Method: http.MethodGet, Path: functionPath + "/policy", Run: s.getPolicy},
		{Name: "RemovePermission", Method: http.MethodDelete, Path: functionPath + "/policy/{StatementId}", Run: s.removePermission},
		{Name: "PutFunctionEventInvokeConfig", Method: http.MethodPut, Path: eventInvokePath, Run: s.putEventInvokeConfig},
		{Name: "UpdateFunctionEventInvokeConfig", Method: http.MethodPost, Path: eventInvokePath, Run: s.updateEventInvokeConfig},
		{Name: "GetFunctionEventInvokeConfig", Method: http.MethodGet, Path: eventInvokePath, Run: s.getEventInvokeConfig},
		{Name: "DeleteFunctionEventInvokeConfig", Method: http.MethodDelete, Path: eventInvokePath, Run: s.deleteEventInvokeConfig},
		{Name: "ListFunctionEventInvokeConfigs", Method: http.MethodGet, Path: eventInvokePath + "/list", Run: s.listEventInvokeConfigs},
		{Name: "PutFunctionConcurrency", Method: http.MethodPut, Path: putConcurrencyPath, Run: s.putConcurrency},
		{Name: "DeleteFunctionConcurrency", Method: http.MethodDelete, Path: putConcurrencyPath, Run: s.deleteConcurrency},
		{Name: "GetFunctionConcurrency", Method: http.MethodGet, Path: getConcurrencyPath, Run: s.getConcurrency},
		{Name: "CreateFunctionUrlConfig", Method: http.MethodPost, Path: urlPath, Run: s.createURL},
		{Name: "GetFunctionUrlConfig", Method: http.MethodGet, Path: urlPath, Run: s.getURL},
		{Name: "DeleteFunctionUrlConfig", Method: http.MethodDelete, Path: urlPath, Run: s.deleteURL},
		{Name: "GetFunctionRecursionConfig", Method: http.MethodGet, Path: recursionPath, Run: s.getRecursion},
		{Name: "PutFunctionRecursionConfig", Method: http.MethodPut, Path: recursionPath, Run: s.putRecursion},
		{Name: "CreateEventSourceMapping", Method: http.MethodPost, Path: eventSourcesPath, Run: s.createEventSource},
		{Name: "ListEventSourceMappings", Method: http.MethodGet, Path: eventSourcesPath, Run: s.listEventSources},
		{Name: "DeleteEventSourceMapping", Method: http.MethodDelete, Path: oneEventSourcePath, Run: s.deleteEventSource},
		{Name: "ListTags", Method: http.MethodGet, Path: tagsPath, Run: s.listTags},
		{Name: "TagResource", Method: http.MethodPost, Path: tagsPath, Run: s.tagResource},
		{Name: "UntagResource", Method: http.MethodDelete, Path: tagsPath, Run: s.untagResource},
	}
}

// asked is what a request's body says that permissions hang on.
type asked struct {
	FunctionName, Role, KMSKeyArn string
	Tags                          map[string]string
}

// Call finds out what the request asks for.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	operation, call, found := s.routes.Find(r)
	if !found {
		return nil, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"The sandbox does not offer Lambda's %s %s.", r.HTTP.Method, r.HTTP.URL.Path)
	}
	var in asked
	switch operation.Name {
	case "CreateFunction", "UpdateFunctionConfiguration", "CreateEventSourceMapping":
		// Read once: a function's code is in it, too. A body that cannot be read is refused by the operation itself.
		_ = json.Unmarshal(call.Body, &in)
	}
	return &wire.Call{
		Operation: operation.Name,
		Action:    "lambda:" + actionOf(operation.Name),
		Resources: s.resourcesOf(call, in),
		Also:      append(s.keyPermissions(operation.Name, call, in), s.tagPermissions(operation.Name, call, in)...),
		PassRoles: passedRoles(in),
		Run:       func() (*wire.Response, error) { return operation.Run(call) },
	}, nil
}

// actionOf is an operation's name in IAM policies: its own, with one exception.
func actionOf(operation string) string {
	if operation == "Invoke" {
		return "InvokeFunction"
	}
	return operation
}

// passedRoles returns the execution role that a call gives to a function.
func passedRoles(in asked) []string {
	if in.Role == "" {
		return nil
	}
	return []string{in.Role}
}

// keyPermissions is what a caller needs on the KMS key of a function's environment: to set it, or to see the environment. The execution
// role needs nothing: Lambda decrypts with a grant that it makes in the caller's name. Without the right to decrypt AWS itself answers
// GetFunction with an error instead of the environment, which the sandbox does not. Source: AWS Lambda developer guide, "Securing Lambda
// environment variables". CloudTrail shows the encryption context; that of a grant's creation is not documented, so the sandbox tells none.
func (s *Service) keyPermissions(operation string, call *wire.RESTCall, in asked) []wire.Permission {
	account := s.config.Account
	of := func(function string) map[string]string {
		return account.KeyUse("lambda", map[string]string{"aws:lambda:FunctionArn": function})
	}
	if in.KMSKeyArn != "" {
		return []wire.Permission{
			{Action: "kms:CreateGrant", Resource: in.KMSKeyArn, Known: account.KeyUse("lambda", nil)},
			{Action: "kms:Encrypt", Resource: in.KMSKeyArn, Known: of(s.resourcesOf(call, in)[0])},
		}
	}
	if operation != "GetFunction" && operation != "GetFunctionConfiguration" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil || f.settings.KeyARN == "" {
		return nil
	}
	return []wire.Permission{{Action: "kms:Decrypt", Resource: f.settings.KeyARN, Known: of(f.arn)}}
}

// tagPermissions is what a caller needs to see the tags of a function, or to give it some as it makes it. Without the former AWS itself
// answers GetFunction with a TagsError instead of the tags, which the sandbox does not.
// Source: AWS Lambda developer guide, "Permissions required for working with tags".
func (s *Service) tagPermissions(operation string, call *wire.RESTCall, in asked) []wire.Permission {
	switch operation {
	case "CreateFunction":
		if len(in.Tags) > 0 {
			return wire.Each("lambda:TagResource", s.resourcesOf(call, in)...)
		}
	case "GetFunction":
		s.mu.Lock()
		defer s.mu.Unlock()
		if f, err := s.called(call); err == nil && len(f.tags) > 0 {
			return []wire.Permission{{Action: "lambda:ListTags", Resource: f.arn}}
		}
	}
	return nil
}

// resourcesOf returns the ARN of the function, or of the event source mapping, that a call is about; none for one that lists them.
func (s *Service) resourcesOf(call *wire.RESTCall, in asked) []string {
	if resource := call.Params["Resource"]; resource != "" {
		return []string{resource}
	}
	if id := call.Params["UUID"]; id != "" {
		return []string{s.config.Account.ARN("lambda", "event-source-mapping:"+id)}
	}
	reference := cmp.Or(call.Params["FunctionName"], in.FunctionName)
	if reference == "" {
		return nil
	}
	name, _ := splitReference(reference)
	return []string{s.arn(name)}
}

func (s *Service) arn(name string) string { return s.config.Account.ARN("lambda", "function:"+name) }

// splitReference takes apart what the API accepts for a function: its name, its ARN, or the end of the ARN from the account
// on, each with a qualifier or without.
func splitReference(reference string) (name, qualifier string) {
	if i := strings.LastIndex(reference, "function:"); i >= 0 {
		reference = reference[i+len("function:"):]
	}
	name, qualifier, _ = strings.Cut(reference, ":")
	return name, qualifier
}

// lookup returns the function that a reference means. The service's mutex must be held.
func (s *Service) lookup(reference, qualifier string) (*function, error) {
	name, own := splitReference(reference)
	if own != "" {
		qualifier = own
	}
	f := s.functions[name]
	switch {
	case qualifier != "" && qualifier != "$LATEST":
		return nil, notFound("Function not found: %s:%s", s.arn(name), qualifier)
	case f == nil || strings.HasPrefix(reference, "arn:") && !strings.HasPrefix(reference, f.arn):
		return nil, notFound("Function not found: %s", s.arn(name))
	}
	return f, nil
}

// called is lookup for the function in the call's path.
func (s *Service) called(call *wire.RESTCall) (*function, error) {
	return s.lookup(call.Params["FunctionName"], call.Query.Get("Qualifier"))
}
