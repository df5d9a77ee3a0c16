// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net/http"
	"slices"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// ProviderCalls names the calls to AWS and Qlik Cloud since the last ResetProviderCalls that functions did not make, in order of arrival:
// "apigateway CreateRestApi", "qlik POST /api/v1/webhooks". Each retry by an SDK counts as a call.
func (s *Sandbox) ProviderCalls() []string {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	return slices.Clone(s.provider.calls)
}

// ResetProviderCalls restarts the count and drops all faults.
func (s *Sandbox) ResetProviderCalls() {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	s.provider.calls, s.provider.faults = nil, nil
}

// FailProviderCall makes the call with this number fail. Counting starts at 1 after ResetProviderCalls and covers AWS and Qlik Cloud. A
// lasting fault also affects every later call of the same name until Disarm, as a missing permission does. Any other fault happens once. If
// two faults are for the same call, the earlier one applies.
func (s *Sandbox) FailProviderCall(call int, kind cloud.FaultKind, lasting bool) *ProviderFault {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	f := &ProviderFault{watch: s.provider, call: call, kind: kind, lasting: lasting}
	s.provider.faults = append(s.provider.faults, f)
	return f
}

// ProviderFault is a fault in one of the provider's calls.
type ProviderFault struct {
	watch   *providerWatch
	call    int
	kind    cloud.FaultKind
	lasting bool

	name     string // of the call; watch's mu guards what follows
	times    int
	disarmed bool
	then     func() // nil for nothing
}

// Then runs do when the call arrives, before the call is carried out. For example, do kills the caller.
func (f *ProviderFault) Then(do func()) {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	f.then = do
}

// Point names the call that the fault has affected and reports how often. The name is empty if the call never came.
func (f *ProviderFault) Point() (name string, times int) {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	return f.name, f.times
}

// Disarm ends the fault for later calls. A call that hangs continues to hang.
func (f *ProviderFault) Disarm() {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	f.disarmed = true
}

// meets reports whether the fault applies to the call with this number and name. The caller holds the watch's mu.
func (f *ProviderFault) meets(number int, name string) bool {
	return !f.disarmed && (f.call == number || f.lasting && f.name == name)
}

// providerWatch sees all calls that functions do not make, and makes them fail.
type providerWatch struct {
	mu     sync.Mutex
	calls  []string
	faults []*ProviderFault
}

// note counts a call and returns its fault, if any. It returns after the fault's Then function has run.
func (w *providerWatch) note(call outside.Call) (kind cloud.FaultKind, faulty bool) {
	kind, faulty, then := w.count(call)
	if then != nil {
		then()
	}
	return kind, faulty
}

func (w *providerWatch) count(call outside.Call) (kind cloud.FaultKind, faulty bool, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := call.String()
	w.calls = append(w.calls, name)
	for _, f := range w.faults {
		if f.meets(len(w.calls), name) {
			f.name = name
			f.times++
			return f.kind, true, f.then
		}
	}
	return 0, false, nil
}

// cloudFault implements cloud.Config.UserFault.
func (w *providerWatch) cloudFault(call outside.Call) *cloud.Fault {
	if kind, faulty := w.note(call); faulty {
		return &cloud.Fault{Kind: kind}
	}
	return nil
}

// tenantFault implements tenant.Config.UserFault.
func (w *providerWatch) tenantFault(call outside.Call) *tenant.Fault {
	kind, faulty := w.note(call)
	if !faulty {
		return nil
	}
	switch kind {
	case cloud.FaultThrottle:
		return &tenant.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1}
	case cloud.FaultServer:
		return &tenant.Fault{Status: http.StatusServiceUnavailable}
	case cloud.FaultAccessDenied:
		return &tenant.Fault{Status: http.StatusForbidden}
	case cloud.FaultHang:
		return &tenant.Fault{Hang: true}
	case cloud.FaultCutBefore:
		return &tenant.Fault{Drop: true}
	case cloud.FaultCutAfter:
		return &tenant.Fault{Drop: true, AfterwardsOnly: true}
	case cloud.FaultDelay, cloud.FaultRefuse: // how long, and with what, is not said
	}
	return nil
}
