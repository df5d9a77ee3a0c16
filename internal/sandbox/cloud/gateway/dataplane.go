// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxBody is the largest request body in bytes (API Gateway quotas).
const maxBody = 10 * 1024 * 1024

// userRequest is the part between the stage and the request's own path in a URL of the data plane:
// /restapis/{id}/{stage}/_user_request_/path. AWS has a host for each API instead; emulators use this form.
const userRequest = "/_user_request_"

const apisPath = "/restapis/"

// IsUserRequest reports whether a URL's path belongs to the data plane. Its requests need no signature.
func IsUserRequest(path string) bool {
	_, _, _, ok := cutUserRequest(path)
	return ok
}

func cutUserRequest(path string) (api, stage, rest string, ok bool) {
	head, rest, found := strings.Cut(path, userRequest)
	parts := strings.Split(strings.TrimPrefix(head, apisPath), "/")
	if !found || !strings.HasPrefix(head, apisPath) || len(parts) != 2 || rest != "" && rest[0] != '/' {
		return "", "", "", false
	}
	if rest == "" {
		rest = "/"
	}
	return parts[0], parts[1], rest, true
}

// execution is one request to a deployed API.
type execution struct {
	service *Service
	request *http.Request
	id      string
	source  string // the caller's address
	path    string // below the stage, escaped
	body    []byte
	at      time.Time

	api              *restAPI
	stage            stage
	deployment       *deployment
	resource         *resource
	method           *method
	key              apiKey         // the API key in the request, if any
	caller           *wire.Identity // the signer of the request, for a method with the authorization type AWS_IAM
	pathParams       map[string]string
	integrationError error // for the log: why the gateway answered with its own error
}

// refusal is an answer of API Gateway in place of the integration's. Source: "Gateway response types" in the developer guide.
type refusal struct {
	status int
	kind   string // x-amzn-ErrorType
	body   string
}

var (
	missingToken = &refusal{http.StatusForbidden, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`}
	forbidden    = &refusal{http.StatusForbidden, "ForbiddenException", `{"message":"Forbidden"}`}
	throttled    = &refusal{http.StatusTooManyRequests, "TooManyRequestsException", `{"message":"Too Many Requests"}`}
	tooLarge     = &refusal{http.StatusRequestEntityTooLarge, "RequestTooLargeException",
		`{"message":"HTTP content length exceeded 10485760 bytes."}`}
	badBody          = &refusal{http.StatusBadRequest, "BadRequestException", `{"message": "Could not read the request body"}`}
	unsupportedMedia = &refusal{http.StatusUnsupportedMediaType, "BadRequestException", `{"message": "Unsupported Media Type"}`}
	internalError    = &refusal{http.StatusInternalServerError, "InternalServerErrorException", `{"message": "Internal server error"}`}
	badGateway       = &refusal{http.StatusBadGateway, "InternalServerErrorException", `{"message": "Internal server error"}`}
	timedOut         = &refusal{http.StatusGatewayTimeout, "InternalServerErrorException", `{"message": "Endpoint request timed out"}`}
)

// DataPlane serves the deployed APIs at /restapis/{id}/{stage}/_user_request_.
//
// API Gateway finds headers by their spelling in the request. net/http keeps only the canonical spelling, so the sandbox assumes it for
// HTTP/1.1 (X-Api-Key, Qlik-Signature). For HTTP/2 it assumes lower case, which that protocol requires.
func (s *Service) DataPlane() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &execution{service: s, request: r, id: uuid.NewString(), source: sourceOf(r), at: s.config.Now()}
		w.Header().Set("X-Amzn-Requestid", e.id)
		w.Header().Set("X-Amz-Apigw-Id", newID(16))
		refused := e.serve(w) //nolint:contextcheck // the request carries it
		if refused == nil {
			return
		}
		if e.integrationError != nil {
			s.config.Logger.Warn("API Gateway could not use the integration", "path", r.URL.Path, "request", e.id, "error", e.integrationError)
		}
		w.Header().Set("X-Amzn-Errortype", refused.kind)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(refused.status)
		_, _ = io.WriteString(w, refused.body) // the status is out: the rest is up to the client's connection
	})
}

// serve answers a request, or returns API Gateway's refusal. If the request must be signed, its body is read first, because the signature
// covers it.
func (e *execution) serve(w http.ResponseWriter) *refusal {
	if refused := e.route(); refused != nil {
		return refused
	}
	read := func() *refusal { return e.read(w) }
	before := []func() *refusal{e.enter, read}
	if e.method.AuthorizationType == authorizationIAM {
		before = []func() *refusal{read, e.authenticate, e.enter}
	}
	for _, step := range before {
		if refused := step(); refused != nil {
			return refused
		}
	}
	return e.integrate(w)
}

// route finds the deployed method.
func (e *execution) route() *refusal {
	s := e.service
	s.mu.Lock()
	defer s.mu.Unlock()
	apiID, stageName, path, ok := cutUserRequest(e.request.URL.EscapedPath())
	if !ok {
		return missingToken
	}
	e.path = path
	api := s.apis[apiID]
	if api == nil || api.stages[stageName] == nil || api.DisableExecuteAPIEndpoint {
		return forbidden
	}
	e.api, e.stage = api, *api.stages[stageName]
	e.deployment = api.deployments[e.stage.DeploymentID]
	if e.deployment.private {
		return forbidden
	}
	e.resource, e.pathParams = e.deployment.match(path)
	if e.resource == nil {
		return missingToken
	}
	if e.method = e.resource.methods[e.request.Method]; e.method == nil {
		e.method = e.resource.methods[anyMethod]
	}
	if e.method == nil {
		return missingToken
	}
	return nil
}

// enter checks the policies, the API key and the throttles.
func (e *execution) enter() *refusal {
	s := e.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused := e.admit(); refused != nil {
		return refused
	}
	if e.method.APIKeyRequired {
		if refused := s.authorize(e); refused != nil {
			return refused
		}
	}
	setting := e.stage.methodSetting(e.resource.Path, e.method.HTTPMethod)
	member := e.method.HTTPMethod + " " + e.resource.Path
	bucket := bucketKey{e.api.ID + "/" + e.stage.StageName, member}
	if setting.limits() && !s.allow(bucket, setting.ThrottlingRateLimit, setting.ThrottlingBurstLimit) {
		return throttled
	}
	return nil
}

// authorize checks the request's API key. It must be enabled and in a usage plan with the stage. KeyDelay must have passed since the key
// was created and added.
func (s *Service) authorize(e *execution) *refusal {
	value, now := e.request.Header.Get("X-Api-Key"), s.config.Clock.Now()
	for _, k := range s.keys {
		if k.Value != value || !k.Enabled || now.Before(k.servedAt) {
			continue
		}
		for _, p := range s.plans {
			i := slices.IndexFunc(p.APIStages, isStage(e.api.ID, e.stage.StageName))
			if now.Before(p.servedAt[k.ID]) || !slices.Contains(p.keys, k.ID) || i < 0 {
				continue
			}
			e.key = *k
			t, limited := p.APIStages[i].Throttle[e.resource.Path+"/"+e.method.HTTPMethod]
			if limited && !s.allow(bucketKey{p.ID + e.resource.Path, k.ID}, t.RateLimit, t.BurstLimit) {
				return throttled
			}
			if t := p.Throttle; t != nil && t.RateLimit > 0 && t.BurstLimit > 0 && !s.allow(bucketKey{p.ID, k.ID}, t.RateLimit, t.BurstLimit) {
				return throttled
			}
			return nil
		}
	}
	return forbidden
}

func (e *execution) read(w http.ResponseWriter) *refusal {
	body, err := io.ReadAll(http.MaxBytesReader(w, e.request.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge
	case err != nil:
		e.integrationError = err
		return badBody
	}
	e.body = body
	return nil
}

func (e *execution) integrate(w http.ResponseWriter) *refusal {
	i := e.method.MethodIntegration
	if i.HTTPMethod != http.MethodPost {
		e.integrationError = errors.New("a Lambda integration needs the integration HTTP method POST, not " + i.HTTPMethod)
		return internalError
	}
	if e.integrationError = i.unusable(); e.integrationError != nil {
		return internalError
	}
	if i.Type == typeAWSProxy {
		return e.proxy(w)
	}
	return e.custom(w)
}

// invoke calls the integration's function as API Gateway, with the integration's timeout.
func (e *execution) invoke(invocationType string, payload []byte) (*function.Outcome, error) {
	i := e.method.MethodIntegration
	ctx, cancel := context.WithTimeout(e.request.Context(), time.Duration(i.TimeoutInMillis)*time.Millisecond)
	defer cancel()
	return e.service.config.Functions.Invoke(ctx, function.Invocation{
		Function: i.functionARN(), Type: invocationType, Payload: payload,
		Source: &function.Source{
			Service: "apigateway.amazonaws.com",
			ARN:     e.service.config.Account.ARN("execute-api", e.api.ID+"/"+e.stage.StageName+"/"+e.method.HTTPMethod+e.resource.Path),
		},
	})
}

// invokeFailed returns the answer if Lambda did not accept the call.
func (e *execution) invokeFailed(err error) *refusal {
	e.integrationError = err
	if errors.Is(err, context.DeadlineExceeded) {
		return timedOut
	}
	return internalError
}

// isBinary reports whether a content type is one of the API's binary media types.
func (e *execution) isBinary(contentType string) bool {
	return slices.ContainsFunc(e.deployment.binaryMediaTypes, func(binary string) bool {
		return binary == "*/*" || strings.EqualFold(binary, mediaType(contentType))
	})
}

// mediaType returns a content type without its parameters.
func mediaType(contentType string) string {
	if media, _, err := mime.ParseMediaType(contentType); err == nil {
		return media
	}
	return contentType
}
