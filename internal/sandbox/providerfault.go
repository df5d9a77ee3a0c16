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

// ProviderCalls names the calls to AWS and to Qlik Cloud that were not functions' since the last ResetProviderCalls, in the order
// in which they came: "apigateway CreateRestApi", "qlik POST /api/v1/webhooks". Repetitions by an SDK are calls of their own.
func (s *Sandbox) ProviderCalls() []string {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	return slices.Clone(s.provider.calls)
}

// ResetProviderCalls begins to count anew, and forgets the faults.
func (s *Sandbox) ResetProviderCalls() {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	s.provider.calls, s.provider.faults = nil, nil
}

// PauseProviderCalls lets calls neither count nor meet faults until resume: those of a test that looks at what the provider has
// done. Pauses may overlap.
func (s *Sandbox) PauseProviderCalls() (resume func()) {
	s.provider.pause(1)
	return sync.OnceFunc(func() { s.provider.pause(-1) })
}

// FailProviderCall makes the call of this number go wrong, counted from 1 since the last ResetProviderCalls and across AWS and
// Qlik Cloud. A lasting fault also meets every later call of the same name until Disarm, as a permission that is missing does;
// any other happens once. Of two faults for the same call the earlier one counts.
func (s *Sandbox) FailProviderCall(call int, kind cloud.FaultKind, lasting bool) *ProviderFault {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	f := &ProviderFault{watch: s.provider, call: call, kind: kind, lasting: lasting}
	s.provider.faults = append(s.provider.faults, f)
	return f
}

// ProviderFault is what goes wrong with one of the provider's calls.
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

// Then lets something happen when the call comes, before anything is done about it: the caller is killed, for example.
func (f *ProviderFault) Then(do func()) {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	f.then = do
}

// Point names the call that the fault has met, and tells how often it has happened. A call that never came has no name.
func (f *ProviderFault) Point() (name string, times int) {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	return f.name, f.times
}

// Disarm keeps the fault from happening from now on. A call that hangs goes on to hang.
func (f *ProviderFault) Disarm() {
	f.watch.mu.Lock()
	defer f.watch.mu.Unlock()
	f.disarmed = true
}

// meets reports whether the fault is for the call of a number and a name. The caller holds the watch's mu.
func (f *ProviderFault) meets(number int, name string) bool {
	return !f.disarmed && (f.call == number || f.lasting && f.name == name)
}

// providerWatch sees all calls that are not functions', and lets them fail.
type providerWatch struct {
	mu     sync.Mutex
	paused int
	calls  []string
	faults []*ProviderFault
}

func (w *providerWatch) pause(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused += by
}

// note counts a call, and tells what goes wrong with it, if anything. It returns when what is to happen with it has happened.
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
	if w.paused > 0 {
		return 0, false, nil
	}
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

// cloudFault is AWS's UserFault.
func (w *providerWatch) cloudFault(call outside.Call) *cloud.Fault {
	if kind, faulty := w.note(call); faulty {
		return &cloud.Fault{Kind: kind}
	}
	return nil
}

// tenantFault returns the tenant's UserFault.
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
