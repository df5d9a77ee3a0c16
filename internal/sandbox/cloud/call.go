// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// Call is a call with a valid signature that reached a service of the sandbox.
type Call struct {
	Service   string // scope of the service: ssm
	Operation string // PutParameter; empty when the service does not know the operation
	Role      string // the calling role, empty for the user
	UserAgent string
	Error     string // the error's code, empty if the call succeeded; "connection cut" for a cut connection

	Began, Ended time.Time // in real time

	// Permissions are the permissions that the role needed, up to the first missing one. The user needs none: the user may do everything.
	Permissions []Permission
}

// Permission is an action on a resource that a caller needed permission for.
type Permission struct {
	Action   string         // as in an IAM policy: ssm:PutParameter
	Resource string         // ARN, or "*"
	Context  policy.Context // the context of a policy's conditions, nil for none
	Allowed  bool
}

// callLog holds the calls in the order in which they ended.
type callLog struct {
	mu    sync.Mutex
	calls []Call
}

func (l *callLog) add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
}

func (l *callLog) list() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Call(nil), l.calls...)
}
