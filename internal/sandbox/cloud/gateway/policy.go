// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// resourcePolicy defines who may call an API. The zero value is no policy: every caller may.
type resourcePolicy struct {
	text     string // compact JSON
	document *policy.Document
}

// maxPolicy is the maximum size of a resource policy in bytes (API Gateway quotas).
const maxPolicy = 8192

// setPolicy sets an API's policy, or removes it if the text is empty. A resource that begins with execute-api:/ means the API itself: API
// Gateway replaces it with the full ARN. Source: developer guide, "API Gateway resource policy examples".
func (s *Service) setPolicy(a *restAPI, text string) error {
	if text == "" {
		a.Policy = resourcePolicy{}
		return nil
	}
	var compact bytes.Buffer
	if len(text) > maxPolicy || json.Compact(&compact, []byte(text)) != nil {
		return badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	own := strings.ReplaceAll(compact.String(), `"execute-api:/`, `"`+s.config.Account.ARN("execute-api", a.ID+"/"))
	document, err := policy.ParseResource(own)
	if err != nil {
		return badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid. (%v)", err)
	}
	a.Policy = resourcePolicy{own, document}
	return nil
}

// MarshalJSON writes the policy as API Gateway does: a string with quotes and slashes that are escaped once more than JSON requires. The
// AWS provider for Terraform undoes it in flattenAPIPolicy, internal/service/apigateway/rest_api.go.
func (p resourcePolicy) MarshalJSON() ([]byte, error) {
	return json.Marshal(strings.NewReplacer(`\`, `\\`, `"`, `\"`, `/`, `\/`).Replace(p.text))
}

// policyAction is the additional permission that a caller needs to set a policy. Source: developer guide, "Create and attach an API Gateway
// resource policy to an API".
const policyAction = "apigateway:UpdateRestApiPolicy"

// SourceHeader is the header with which a test sets the source address of a request to the data plane. It is not passed on.
const SourceHeader = "X-Sandbox-Source-Ip"

// sourceOf returns the source address of a request.
func sourceOf(r *http.Request) string {
	if claimed := r.Header.Get(SourceHeader); claimed != "" {
		r.Header.Del(SourceHeader)
		return claimed
	}
	if address, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return address
	}
	return r.RemoteAddr
}

// admit applies the deployed policy, and the caller's own policies if the caller is known.
func (e *execution) admit() *refusal {
	document := e.deployment.policy.document
	account := e.service.config.Account
	resource := account.ARN("execute-api", e.api.ID+"/"+e.stage.StageName+"/"+e.request.Method+unescape(e.path))
	known := policy.Context{"aws:sourceip": e.source}
	user, effect := "anonymous", policy.Allow
	switch {
	case e.caller != nil:
		user, effect = e.caller.ARN, e.decide(document, resource, known)
	case document != nil:
		effect = document.DecideAnonymous(invoke, resource, known)
	}
	if effect == policy.Allow {
		return nil
	}
	masked := strings.Replace(resource, ":"+account.ID+":", ":********"+account.ID[len(account.ID)-4:]+":", 1)
	message := "User: " + user + " is not authorized to perform: " + invoke + " on resource: " + masked
	if effect == policy.ExplicitDeny {
		message += " with an explicit deny"
	}
	body, err := json.Marshal(map[string]string{"Message": message})
	if err != nil {
		e.integrationError = err
		return internalError
	}
	return &refusal{http.StatusForbidden, "AccessDeniedException", string(body)}
}
