// SPDX-License-Identifier: MPL-2.0

// Package outside lets a hook intercept the calls that the sandbox's functions, or its user, make to AWS and Qlik Cloud.
package outside

import "strings"

// Call is a call to one of the sandbox's services.
type Call struct {
	Function  string // the name of the calling function; empty for the user, for example the provider
	Service   string // dynamodb, ssm, …; qlik
	Operation string // PutItem, or "POST /api/v1/reloads"
	Resource  string // a short name of the object of the call, if it has one: STEP#transform
}

// String names the call: dynamodb PutItem STEP#transform.
func (c Call) String() string {
	return strings.TrimRight(strings.Join([]string{c.Service, c.Operation, c.Resource}, " "), " ")
}

// Hook intercepts a call: do carries the call out, and answer reports whether the caller gets the answer. A Hook that does not call do
// prevents the call and must return false; without an answer the connection is cut. Hooks run concurrently.
type Hook func(call Call, do func()) (answer bool)
