// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"strconv"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const contentType = "application/x-amz-json-1.0"

const (
	codeValidation      = "ValidationException"
	codeNotFound        = "ResourceNotFoundException"
	codeInUse           = "ResourceInUseException"
	codeConditionFailed = "ConditionalCheckFailedException"
	codeCanceled        = "TransactionCanceledException"
	codeMismatch        = "IdempotentParameterMismatchException"
	codeTableNotFound   = "TableNotFoundException"
	codeNoBackups       = "ContinuousBackupsUnavailableException"
)

// namespaces maps errors outside DynamoDB's own model to their namespaces: every service on AWS's framework has these errors. Source: the
// errors in DynamoDB Developer Guide, "Error handling with DynamoDB".
var namespaces = map[string]string{
	codeValidation:              "com.amazon.coral.validate#",
	"AccessDeniedException":     "com.amazon.coral.service#",
	"SerializationException":    "com.amazon.coral.service#",
	"UnknownOperationException": "com.amazon.coral.service#",
	"ThrottlingException":       "com.amazon.coral.availability#",
}

const ownNamespace = "com.amazonaws.dynamodb.v20120810#"

// detailedError is an error with additional members.
type detailedError struct {
	refusal *wire.Error
	details map[string]any
}

func (e *detailedError) Error() string { return e.refusal.Error() }

func (e *detailedError) Unwrap() error { return e.refusal }

// WriteError writes err as DynamoDB does: the code with its namespace in __type.
func (s *Service) WriteError(w http.ResponseWriter, _ *wire.Request, err error) {
	var e *wire.Error
	if !errors.As(err, &e) {
		e = wire.Errorf(http.StatusInternalServerError, "InternalServerError", "sandbox: %v", err)
	}
	namespace, shared := namespaces[e.Code]
	if !shared {
		namespace = ownNamespace
	}
	content := map[string]any{"__type": namespace + e.Code, "message": e.Message}
	var detailed *detailedError
	if errors.As(err, &detailed) {
		maps.Copy(content, detailed.details)
	}
	body, marshalErr := json.Marshal(content)
	if marshalErr != nil {
		http.Error(w, marshalErr.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set(checksumHeader, checksum(body))
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the client may have disconnected
}

// checksumHeader is the header with the CRC32 of an answer's body. The SDKs check it, and complain if it is missing.
const checksumHeader = "X-Amz-Crc32"

func checksum(body []byte) string { return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) }

func validation(format string, args ...any) *wire.Error {
	return wire.Sender(codeValidation, format, args...)
}

// invalid returns the error for an invalid parameter value, in DynamoDB's usual words.
func invalid(format string, args ...any) *wire.Error {
	return validation("One or more parameter values were invalid: %s", fmt.Sprintf(format, args...))
}

func constraint(value any, field, constraint string) *wire.Error {
	return validation("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, field, constraint)
}
