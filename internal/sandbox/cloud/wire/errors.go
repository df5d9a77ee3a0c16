// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"errors"
	"fmt"
	"net/http"
)

// Errorf returns a service's error. The formatted text is the message that the client sees.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Sender returns an error that the client must fix: HTTP status 400.
func Sender(code, format string, args ...any) *Error {
	return Errorf(http.StatusBadRequest, code, format, args...)
}

// asError returns the *Error in err. Any other error is a failure of the sandbox itself and gets the given code.
func asError(err error, internalCode string) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Errorf(http.StatusInternalServerError, internalCode, "sandbox: %v", err)
}

// Protocol is the format of a service's requests and answers. The names of some errors depend on it.
type Protocol int

// The protocols of the services that the sandbox offers.
const (
	ProtocolRESTJSON Protocol = iota // Lambda, API Gateway
	ProtocolJSON                     // AWS JSON 1.0 and 1.1: SSM, CloudWatch Logs
	ProtocolQuery                    // form in, XML out: IAM, STS, SNS
	ProtocolCBOR                     // Smithy RPC v2 CBOR: CloudWatch
)

// ProtocolOf returns a request's protocol, based on its headers.
func ProtocolOf(r *http.Request) Protocol {
	switch {
	case r.Header.Get(targetHeader) != "":
		return ProtocolJSON
	case r.Header.Get(smithyHeader) == smithyCBOR:
		return ProtocolCBOR
	case isForm(r):
		return ProtocolQuery
	default:
		return ProtocolRESTJSON
	}
}

// WriteError writes an error in the request's own protocol. It is for requests without a known service.
func WriteError(w http.ResponseWriter, r *Request, err error) {
	switch ProtocolOf(r.HTTP) {
	case ProtocolJSON:
		WriteJSONError(w, r, err)
	case ProtocolQuery:
		WriteQueryError(w, r, "", err)
	case ProtocolCBOR:
		WriteCBORError(w, r, err)
	case ProtocolRESTJSON:
		WriteRESTJSONError(w, r, err)
	}
}

// Validation returns the message of AWS's model validation for one field. The code depends on the service: ValidationError (IAM, STS),
// ValidationException (SSM), InvalidParameterException (CloudWatch Logs).
func Validation(code, field, value, constraint string) *Error {
	return Sender(code, "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, field, constraint)
}
