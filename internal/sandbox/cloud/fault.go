// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"net/http"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// FaultKind is the kind of a fault.
type FaultKind int

// The kinds of faults. All except FaultDelay and FaultCutAfter prevent the call.
const (
	FaultThrottle     FaultKind = iota // the service's own throttling error
	FaultServer                        // the service's own 5xx error
	FaultAccessDenied                  // the caller may not do this
	FaultDelay                         // the call is carried out after Fault.Delay
	FaultCutBefore                     // the connection ends before the service has done anything
	FaultCutAfter                      // the call is carried out, and the connection ends before the answer
	FaultHang                          // the call is not carried out, and there is no answer until the caller gives up
	FaultRefuse                        // the service answers with Fault.Refusal
)

// Fault selects calls that fail, and how they fail.
type Fault struct {
	Service   string // scope of the service: ssm. Empty: any
	Operation string // PutParameter. Empty: any
	Skip      int    // how many matching calls succeed first
	Times     int    // how many calls fail after that; 0 means all
	Kind      FaultKind
	Delay     time.Duration // of FaultDelay
	Refusal   *wire.Error   // of FaultRefuse
}

// Faults holds the sandbox's faults. It is safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	Fault
	seen int
}

// Add adds a fault. If several match a call, only the one added first applies and counts the call.
func (f *Faults) Add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &rule{Fault: fault})
}

// Clear removes all faults.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// next returns the fault for a call, if any.
func (f *Faults) next(service, operation string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.Service != "" && r.Service != service || r.Operation != "" && r.Operation != operation {
			continue
		}
		if r.Times > 0 && r.seen >= r.Skip+r.Times {
			continue
		}
		r.seen++
		return r.Fault, r.seen > r.Skip
	}
	return Fault{}, false
}

// throttling returns the error that a service answers with under load. Source: the API references' lists of errors.
func throttling(scope string) *wire.Error {
	switch scope {
	case "iam", "sts", "monitoring", "sns":
		return wire.Sender("Throttling", "Rate exceeded")
	case "lambda":
		return wire.Errorf(http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded")
	case "apigateway":
		return wire.Errorf(http.StatusTooManyRequests, "TooManyRequestsException", "Too Many Requests")
	case "dynamodb":
		return wire.Sender("ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded.")
	case "scheduler":
		return wire.Errorf(http.StatusTooManyRequests, "ThrottlingException", "Rate exceeded")
	case "sqs":
		return wire.Errorf(http.StatusForbidden, "RequestThrottled", "Rate exceeded")
	default:
		return wire.Sender("ThrottlingException", "Rate exceeded")
	}
}

// failing returns the error that a service answers with when it fails. Source: as above.
func failing(scope string) *wire.Error {
	switch scope {
	case "iam":
		return wire.Errorf(http.StatusInternalServerError, "ServiceFailure", "The request processing has failed because of an unknown error.")
	case "monitoring":
		return wire.Errorf(http.StatusInternalServerError, "InternalServiceFault",
			"Request processing has failed due to some unknown error, exception, or failure.")
	case "sts", "sns":
		return wire.Errorf(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error.")
	case "logs", "apigateway":
		return wire.Errorf(http.StatusServiceUnavailable, "ServiceUnavailableException", "The service cannot complete the request.")
	case "lambda":
		return wire.Errorf(http.StatusInternalServerError, "ServiceException", "An error occurred and the request cannot be processed.")
	case "events":
		return wire.Errorf(http.StatusInternalServerError, "InternalException", "This exception occurs due to unexpected causes.")
	case "scheduler":
		return wire.Errorf(http.StatusInternalServerError, "InternalServerException",
			"Unexpected error encountered while processing the request.")
	case "sqs":
		return wire.Errorf(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error.")
	default:
		return wire.Errorf(http.StatusInternalServerError, "InternalServerError", "An error occurred on the server side.")
	}
}
