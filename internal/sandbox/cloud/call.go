package cloud

import (
	"sync"
	"time"
)

// Call is one call that reached a service of the sandbox with a valid signature.
type Call struct {
	Service   string // scope of the service: ssm
	Operation string // PutParameter; empty when the service does not know the operation
	Role      string // the role that called, empty for the user
	UserAgent string
	Error     string // the error's code, empty when the call went well; "connection cut" for a cut connection

	Began, Ended time.Time // in real time
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
