// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"encoding/json"
	"fmt"
)

// Invocation is one event for a function.
type Invocation struct {
	RequestID string
	Payload   []byte // JSON
}

// Result is the result of an invocation.
type Result struct {
	Payload []byte // the function's answer, or the error as JSON
	Failed  bool   // a function error: X-Amz-Function-Error says Unhandled
}

// failure is a function's error that Lambda itself reports.
type failure struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// The types of failures, as the Runtime API's reference implementation names them.
const (
	typeExit       = "Runtime.ExitError"
	typeEntrypoint = "Runtime.InvalidEntrypoint"
	typeTimeout    = "Sandbox.Timedout"
	typeTooLarge   = "Function.ResponseSizeTooLarge"
	typeDecrypt    = "KMSAccessDeniedException"
	typeCredential = "Sandbox.Credentials" //nolint:gosec // the type of an error
)

// about returns the failure with the id of the failed request, as Lambda reports it.
func (f *failure) about(requestID string) *failure {
	return &failure{Type: f.Type, Message: fmt.Sprintf("RequestId: %s Error: %s", requestID, f.Message)}
}

func (f *failure) encode() []byte {
	body, err := json.Marshal(f)
	if err != nil {
		panic(err) // two strings always encode
	}
	return body
}
