// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// authorizationIAM is the authorization type of a method that requires a signature with AWS credentials.
const authorizationIAM = "AWS_IAM"

// invoke is the permission that a caller of an API needs.
const invoke = SigningName + ":Invoke"

// SigningName is the service in the scope of a signature for the data plane.
const SigningName = "execute-api"

// Callers authenticates the callers of the data plane.
type Callers interface {
	// Authenticate returns the signer of a request for execute-api. An invalid signature is a *wire.Error.
	Authenticate(r *http.Request, body []byte) (wire.Identity, error)
	// Decide evaluates the caller's own policies for an action.
	Decide(caller wire.Identity, action, resource string, known policy.Context) policy.Effect
	// Called records a call: the needed permission, and whether the caller had it.
	Called(r *http.Request, caller wire.Identity, needed wire.Permission, effect policy.Effect)
}

// authenticate determines the signer of the request. Source: developer guide, "Control access to a REST API with IAM permissions"; the
// answers are from "Gateway response types", the codes from "Common Errors".
func (e *execution) authenticate() *refusal {
	caller, err := e.service.config.Callers.Authenticate(e.request, e.body)
	var refused *wire.Error
	switch {
	case errors.As(err, &refused):
		body, err := json.Marshal(map[string]string{"message": refused.Message})
		if err != nil {
			e.integrationError = err
			return internalError
		}
		return &refusal{refused.Status, refused.Code, string(body)}
	case err != nil:
		e.integrationError = err
		return internalError
	}
	e.caller = &caller
	return nil
}

// decide authorizes a caller that signed. One policy that allows is enough for a caller in the API's account, as all callers here are. A
// policy that denies takes precedence. Source: developer guide, "How API Gateway resource policies affect authorization workflow", table A.
func (e *execution) decide(document *policy.Document, resource string, known policy.Context) policy.Effect {
	callers := e.service.config.Callers
	effect := callers.Decide(*e.caller, invoke, resource, known)
	if document != nil && effect != policy.ExplicitDeny {
		if attached := document.DecideFor(e.caller.ARN, e.caller.Account, invoke, resource, known); attached != policy.ImplicitDeny {
			effect = attached
		}
	}
	callers.Called(e.request, *e.caller, wire.Permission{Action: invoke, Resource: resource, Known: known}, effect)
	return effect
}
