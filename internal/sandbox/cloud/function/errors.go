// SPDX-License-Identifier: MPL-2.0

package function

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The error codes of the Lambda API reference that the sandbox uses.
const (
	codeInvalidParameter = "InvalidParameterValueException"
	codeInvalidContent   = "InvalidRequestContentException"
	codeValidation       = "ValidationException"
	codeConflict         = "ResourceConflictException"
	codeNotFound         = "ResourceNotFoundException"
	codeTooLarge         = "RequestTooLargeException"
	codeThrottled        = "TooManyRequestsException"
	codeService          = "ServiceException"
	codeAccessDenied     = "AccessDeniedException"
)

func invalidParameter(format string, args ...any) *wire.Error {
	return wire.Sender(codeInvalidParameter, format, args...)
}

func conflict(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusConflict, codeConflict, format, args...)
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusNotFound, codeNotFound, format, args...)
}

// WriteError writes err as Lambda does: the fault's side in Type, and the message under its name in the API's model. That name is Message
// for some errors and message for others.
func (s *Service) WriteError(w http.ResponseWriter, r *wire.Request, err error) {
	var e *wire.Error
	if !errors.As(err, &e) {
		s.config.Logger.Error("a Lambda call failed inside the sandbox", "error", err)
		e = wire.Errorf(http.StatusInternalServerError, codeService, "%v", err)
	}
	w.Header().Set("X-Amzn-Errortype", e.Code)
	w.Header().Set("X-Amzn-Requestid", r.ID)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Status)
	_, _ = w.Write(errorBody(e)) // the status is sent: if the body cannot be written, the client has disconnected
}

func errorBody(e *wire.Error) []byte {
	body := map[string]string{"Type": "User"}
	if e.Status >= http.StatusInternalServerError {
		body["Type"] = "Service"
	}
	switch e.Code {
	case codeNotFound, codeService, codeAccessDenied:
		body["Message"] = e.Message
	case codeThrottled:
		body["message"], body["Reason"] = e.Message, "ConcurrentInvocationLimitExceeded"
	default:
		body["message"] = e.Message
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings always encode
	}
	return encoded
}
