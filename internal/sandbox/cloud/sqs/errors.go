// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const contentType = "application/x-amz-json-1.0"

// The errors of the API's model that the sandbox uses.
const (
	codeNoQueue          = "QueueDoesNotExist"
	codeDeletedRecently  = "QueueDeletedRecently"
	codeNameExists       = "QueueNameExists"
	codeInvalidHandle    = "ReceiptHandleIsInvalid"
	codeInvalidContents  = "InvalidMessageContents"
	codeUnknownAttribute = "InvalidAttributeName"
	codeInvalidAttribute = "InvalidAttributeValue"
	codeUnsupported      = "UnsupportedOperation"
	codeInvalidParameter = "InvalidParameterValueException"
	codeMissingParameter = "MissingRequiredParameterException"
	codeAccessDenied     = "AccessDeniedException"
)

const queryPrefix = "AWS.SimpleQueueService."

// queryCodes maps errors to their names in the query protocol, where they differ. SDKs read them from the header x-amzn-query-error, so
// that code for that protocol continues to work. Source: the traits aws.protocols#awsQueryError and awsQueryCompatible in the service's
// Smithy model.
var queryCodes = map[string]string{
	codeNoQueue:          queryPrefix + "NonExistentQueue",
	codeDeletedRecently:  queryPrefix + "QueueDeletedRecently",
	codeNameExists:       "QueueAlreadyExists",
	codeUnsupported:      queryPrefix + "UnsupportedOperation",
	codeInvalidParameter: "InvalidParameterValue",
	codeMissingParameter: "MissingParameter",
	codeAccessDenied:     "AccessDenied",
}

// WriteError writes err as SQS does: the model's code in the body, the query protocol's code in a header.
func (s *Service) WriteError(w http.ResponseWriter, _ *wire.Request, err error) {
	var e *wire.Error
	if !errors.As(err, &e) {
		e = wire.Errorf(http.StatusInternalServerError, "InternalFailure", "sandbox: %v", err)
	}
	status, fault := e.Status, "Sender"
	switch {
	case e.Code == codeAccessDenied:
		status = http.StatusForbidden // as in the query protocol
	case status >= http.StatusInternalServerError:
		fault = "Receiver"
	}
	query, differs := queryCodes[e.Code]
	if !differs {
		query = e.Code
	}
	body, marshalErr := json.Marshal(map[string]string{"__type": "com.amazonaws.sqs#" + e.Code, "message": e.Message})
	if marshalErr != nil {
		http.Error(w, marshalErr.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Query-Error", query+";"+fault)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}

func invalidParameter(name, value, reason string) *wire.Error {
	return wire.Sender(codeInvalidParameter, "Value %s for parameter %s is invalid. Reason: %s", value, name, reason)
}

func missingParameter(name string) *wire.Error {
	return wire.Sender(codeMissingParameter, "The request must contain the parameter %s.", name)
}

func invalidAttribute(name string) *wire.Error {
	return wire.Sender(codeInvalidAttribute, "Invalid value for the parameter %s.", name)
}
