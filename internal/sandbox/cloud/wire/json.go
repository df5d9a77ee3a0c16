// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	jsonContentType = "application/x-amz-json-"
	targetHeader    = "X-Amz-Target"
)

// Target returns the operation that an AWS JSON request names in X-Amz-Target.
// prefix is the service's: AmazonSSM for SSM, Logs_20140328 for CloudWatch Logs.
func Target(r *Request, prefix string) (string, error) {
	target := r.HTTP.Header.Get(targetHeader)
	operation, found := strings.CutPrefix(target, prefix+".")
	if !found || operation == "" {
		return "", UnknownOperation(target)
	}
	return operation, nil
}

// UnknownOperation returns the answer to an operation that a JSON service does not have.
func UnknownOperation(operation string) *Error {
	return Sender("UnknownOperationException", "The sandbox does not offer the operation %q.", operation)
}

// DecodeJSON decodes a request's JSON body. It refuses a field that in does not have: the sandbox must not pretend to act on it. An empty
// body counts as {}.
func DecodeJSON(body []byte, in any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(in)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return Sender("SerializationException", "trailing data after the JSON document")
	}
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal // from a type of the service
	}
	if field, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return Sender("ValidationException", "The sandbox does not support the field %s.", field)
	}
	return Sender("SerializationException", "%v", err)
}

// JSONResponse returns a successful answer of this version of the AWS JSON protocol. Operations without an output pass nil, which is an
// empty body.
func JSONResponse(version string, result any) (*Response, error) {
	return encode(jsonContentType+version, result)
}

func encode(contentType string, result any) (*Response, error) {
	var body []byte
	if result != nil {
		var err error
		if body, err = json.Marshal(result); err != nil {
			return nil, fmt.Errorf("writing the answer: %w", err)
		}
	}
	return &Response{Header: http.Header{"Content-Type": {contentType}}, Body: body}, nil
}

// WriteJSONError writes an error of the AWS JSON protocol: the code in __type.
func WriteJSONError(w http.ResponseWriter, _ *Request, err error) {
	e := asError(err, "InternalServerError")
	writeJSON(w, jsonContentType+"1.1", e.Status, map[string]string{"__type": e.Code, "message": e.Message})
}

// RESTJSONResponse returns a successful answer of the REST-JSON protocol. A nil result is an empty body.
func RESTJSONResponse(result any) (*Response, error) {
	if result == nil {
		return &Response{}, nil
	}
	return encode("application/json", result)
}

// WriteRESTJSONError writes an error of the REST-JSON protocol: the code in the header x-amzn-ErrorType.
func WriteRESTJSONError(w http.ResponseWriter, _ *Request, err error) {
	e := asError(err, "ServiceException")
	w.Header().Set("X-Amzn-Errortype", e.Code)
	writeJSON(w, "application/json", e.Status, map[string]string{"message": e.Message})
}

func writeJSON(w http.ResponseWriter, contentType string, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, contentType, status, body)
}
