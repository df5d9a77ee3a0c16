// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	smithytime "github.com/aws/smithy-go/time"
	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// maxBody is the size limit of a request in bytes: Lambda accepts zips of 50 MB, and base64 makes them a third larger.
const maxBody = 80 << 20

// errCut means that the connection is cut without an answer.
var errCut = errors.New("connection cut")

// front receives every request, determines the caller and the service, and lets the service answer.
type front struct {
	account   wire.Account
	verifier  *verifier
	services  map[string]wire.Service
	roles     decider
	dataPlane http.Handler // of API Gateway; its requests carry no signature
	code      http.Handler // of Lambda: the functions' zips, at addresses that cannot be guessed
	faults    *Faults
	calls     *callLog
	outside   outside.Hook // nil for none
	userFault func(outside.Call) *Fault
	meter     *meter // nil when there are no quotas

	constraints *constraints
}

// decider decides whether a role's policies allow an action.
type decider interface {
	DecideIn(role, action, resource string, context policy.Context) policy.Effect
}

// ServeHTTP answers one request.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if gateway.IsUserRequest(r.URL.EscapedPath()) {
		f.dataPlane.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, function.CodePath) {
		f.code.ServeHTTP(w, r)
		return
	}
	request := &wire.Request{HTTP: r, ID: uuid.NewString(), Region: f.account.Region}
	w.Header().Set("X-Amzn-Requestid", request.ID)
	var err error
	if request.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		wire.WriteError(w, request,
			wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "reading the request: %v", err))
		return
	}
	service, err := f.authenticate(request) //nolint:contextcheck // the request carries it
	if err != nil {
		if service == nil {
			wire.WriteError(w, request, err)
			return
		}
		service.WriteError(w, request, err)
		return
	}
	response, err := f.call(service, request) //nolint:contextcheck // the request carries it
	switch {
	case errors.Is(err, errCut):
		cut(w)
	case err != nil:
		service.WriteError(w, request, err)
	default:
		writeResponse(w, response)
	}
}

// authenticate determines the service, from the scope of the signature, and the signer of a request. With an error it also returns the
// service, if known, so that the service can write the error.
func (f *front) authenticate(request *wire.Request) (wire.Service, error) {
	r := request.HTTP
	a, err := authorizationOf(r, refusal(wire.ProtocolOf(r)))
	if err != nil {
		return nil, err
	}
	service, found := f.services[a.service]
	if !found {
		return nil, wire.Errorf(http.StatusNotFound, "UnknownService", "The sandbox does not offer the service %q.", a.service)
	}
	caller, err := f.verifier.verify(r.Context(), r, request.Body, a)
	if err != nil {
		return service, err
	}
	request.Caller = caller
	return service, nil
}

// call carries a request out and records it. A function's call goes through the hook.
func (f *front) call(service wire.Service, request *wire.Request) (response *wire.Response, err error) {
	record := Call{Service: service.Scope(), Role: request.Caller.Role, UserAgent: request.HTTP.UserAgent(), Began: time.Now()}
	defer func() {
		record.Ended = time.Now()
		var e *wire.Error
		switch {
		case errors.As(err, &e):
			record.Error = e.Code
		case err != nil:
			record.Error = err.Error()
		}
		f.calls.add(record)
	}()
	call, err := service.Call(request)
	if err != nil {
		return nil, err
	}
	record.Operation = call.Operation
	f.constraints.count(&record, call.Refusal)
	fault := f.fault(record.Service, request, call)
	do := func() { response, err = f.carryOut(request, call, fault, &record) }
	if f.outside == nil || record.Role == "" {
		do()
	} else if !f.outside(outsideCall(record.Service, request, call), do) {
		return nil, errCut
	}
	return response, err
}

// fault returns the fault for a call, or nil. UserFault takes precedence over the Faults.
func (f *front) fault(scope string, request *wire.Request, call *wire.Call) *Fault {
	if f.userFault != nil && request.Caller.Role == "" {
		if fault := f.userFault(outsideCall(scope, request, call)); fault != nil {
			return fault
		}
	}
	if fault, faulty := f.faults.next(scope, call.Operation); faulty {
		return &fault
	}
	return nil
}

// carryOut lets the service carry the call out, unless a fault, a quota or a missing permission prevents it.
func (f *front) carryOut(request *wire.Request, call *wire.Call, fault *Fault, record *Call) (*wire.Response, error) {
	scope := record.Service
	if fault != nil {
		if err := f.before(request, call, scope, fault); err != nil {
			return nil, err
		}
	}
	if !f.meter.allow(scope, call.Operation) {
		return nil, throttling(scope)
	}
	if err := f.authorize(request, call, record); err != nil {
		return nil, err
	}
	response, err := call.Run()
	if fault != nil && fault.Kind == FaultCutAfter {
		return nil, errCut
	}
	return response, err
}

// before applies the part of a fault that comes before the service gets the call.
func (f *front) before(request *wire.Request, call *wire.Call, scope string, fault *Fault) error {
	switch fault.Kind {
	case FaultThrottle:
		return throttling(scope)
	case FaultServer:
		return failing(scope)
	case FaultAccessDenied:
		return denied(request, call.Action, firstResource(call), policy.ExplicitDeny)
	case FaultRefuse:
		return fault.Refusal
	case FaultDelay:
		return wait(request.HTTP.Context(), fault.Delay)
	case FaultCutBefore:
		return errCut
	case FaultHang:
		<-request.HTTP.Context().Done()
		return errCut
	case FaultCutAfter:
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	if err := smithytime.SleepWithContext(ctx, d); err != nil {
		return fmt.Errorf("%w: %w", errCut, err)
	}
	return nil
}

// authorize checks the caller's permissions and adds the needed ones to the record. The user may do everything, a role what its policies
// allow.
func (f *front) authorize(request *wire.Request, call *wire.Call, record *Call) error {
	if request.Caller.Role == "" || call.Action == "" {
		return nil
	}
	for _, needed := range permissions(record.Service, call) {
		effect := f.roles.DecideIn(request.Caller.Role, needed.Action, needed.Resource, needed.Context)
		needed.Allowed = effect == policy.Allow
		record.Permissions = append(record.Permissions, needed)
		if !needed.Allowed {
			return denied(request, needed.Action, needed.Resource, effect)
		}
	}
	return nil
}

// permissions returns all permissions that a caller needs for a call.
func permissions(scope string, call *wire.Call) []Permission {
	var all []Permission
	for _, resource := range call.Resources {
		all = append(all, Permission{Action: call.Action, Resource: resource})
	}
	if len(all) == 0 {
		all = []Permission{{Action: call.Action, Resource: "*"}}
	}
	for _, also := range call.Also {
		all = append(all, Permission{Action: also.Action, Resource: also.Resource, Context: also.Known})
	}
	for _, role := range call.PassRoles {
		// The services that accept roles here have principals with the same names as their scopes.
		all = append(all, Permission{Action: iam.PassRole, Resource: role,
			Context: policy.Context{"iam:passedtoservice": scope + ".amazonaws.com"}})
	}
	return all
}

func firstResource(call *wire.Call) string {
	if len(call.Resources) == 0 {
		return "*"
	}
	return call.Resources[0]
}

// denied returns the error for a call that is not allowed. Source: IAM User Guide, "Troubleshoot access denied error messages".
func denied(request *wire.Request, action, resource string, effect policy.Effect) *wire.Error {
	reason := fmt.Sprintf("because no identity-based policy allows the %s action", action)
	if effect == policy.ExplicitDeny {
		reason = "with an explicit deny in an identity-based policy"
	}
	return refusal(wire.ProtocolOf(request.HTTP))(accessDenied,
		fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", request.Caller.ARN, action, resource, reason))
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the server's own way to end a connection; HTTP/2 cannot be taken over
	}
	_ = connection.Close() // it ends either way
}

func writeResponse(w http.ResponseWriter, response *wire.Response) {
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	status := response.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_, _ = w.Write(response.Body) // the client may have disconnected
}
