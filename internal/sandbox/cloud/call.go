// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// Call is one call that reached a service of the sandbox with a valid signature.
type Call struct {
	Service   string // scope of the service: ssm
	Operation string // PutParameter; empty when the service does not know the operation
	Role      string // the role that called, empty for the user
	UserAgent string
	Error     string // the error's code, empty when the call went well; "connection cut" for a cut connection

	Began, Ended time.Time // in real time

	// Permissions are what a role had to be allowed, up to the first that it was not; none of the user, who may do everything.
	Permissions []Permission
}

// Permission is an action on a resource that somebody had to be allowed.
type Permission struct {
	Action   string         // as in an IAM policy: ssm:PutParameter
	Resource string         // ARN, or "*"
	Context  policy.Context // what a policy's conditions could go by, nil for nothing
	Allowed  bool
}

// callLog is the calls in the order in which they ended.
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
