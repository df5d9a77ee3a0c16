// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"net/http"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// gatewayCallers authenticates the callers of API Gateway's data plane.
type gatewayCallers struct {
	verifier *verifier
	roles    decider
	calls    *callLog
}

// Authenticate returns the signer of a request for execute-api.
func (c gatewayCallers) Authenticate(r *http.Request, body []byte) (wire.Identity, error) {
	refuse := refusal(wire.ProtocolRESTJSON)
	a, err := authorizationOf(r, refuse)
	if err != nil {
		return wire.Identity{}, err
	}
	if a.service != gateway.SigningName {
		return wire.Identity{}, refuse(badSignature, "Credential should be scoped to correct service: '"+gateway.SigningName+"'. ")
	}
	return c.verifier.verify(r.Context(), r, body, a)
}

// Decide evaluates a caller's own policies for an action. The user may do everything.
func (c gatewayCallers) Decide(caller wire.Identity, action, resource string, known policy.Context) policy.Effect {
	if caller.Role == "" {
		return policy.Allow
	}
	return c.roles.DecideIn(caller.Role, action, resource, known)
}

// Called records a call.
func (c gatewayCallers) Called(r *http.Request, caller wire.Identity, needed wire.Permission, effect policy.Effect) {
	now := time.Now()
	call := Call{
		Service: gateway.SigningName, Operation: "Invoke", Role: caller.Role, UserAgent: r.UserAgent(), Began: now, Ended: now,
	}
	if caller.Role != "" {
		call.Permissions = []Permission{{Action: needed.Action, Resource: needed.Resource, Context: needed.Known,
			Allowed: effect == policy.Allow}}
	}
	if effect != policy.Allow {
		call.Error = refusals[accessDenied].json
	}
	c.calls.add(call)
}
