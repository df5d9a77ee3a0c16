// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
)

func isForm(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/x-www-form-urlencoded"
}

// Action returns the operation of a query-protocol request. version is the service's API version, 2010-05-08 for IAM.
func Action(r *Request, version string) (string, error) {
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return "", Sender("MalformedQueryString", "The query string is malformed: %v", err)
	}
	operation := values.Get("Action")
	if operation == "" {
		return "", Sender("MissingAction", "Missing Action")
	}
	if got := values.Get("Version"); got != version {
		return "", Sender("InvalidAction", "Could not find operation %s for version %s", operation, got)
	}
	return operation, nil
}

type queryMetadata struct {
	RequestID string `xml:"RequestId"`
}

// QueryResponse returns a successful answer. result's fields become the children of {operation}Result. Operations without a result pass
// nil, which leaves that element out.
func QueryResponse(r *Request, namespace, operation string, result any) (*Response, error) {
	type answer struct {
		XMLName  xml.Name
		Result   *element
		Metadata queryMetadata `xml:"ResponseMetadata"`
	}
	a := answer{
		XMLName:  xml.Name{Space: namespace, Local: operation + "Response"},
		Metadata: queryMetadata{RequestID: r.ID},
	}
	if result != nil {
		a.Result = &element{name: operation + "Result", value: result}
	}
	body, err := xml.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing the answer of %s: %w", operation, err)
	}
	return &Response{Header: http.Header{"Content-Type": {"text/xml"}}, Body: body}, nil
}

// element gives a value a name that is known only at run time.
type element struct {
	name  string
	value any
}

// MarshalXML writes the value under its name.
func (e *element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.value, xml.StartElement{Name: xml.Name{Local: e.name}})
}

// WriteQueryError writes an error of the query protocol.
func WriteQueryError(w http.ResponseWriter, r *Request, namespace string, err error) {
	type detail struct {
		Type    string
		Code    string
		Message string
	}
	type answer struct {
		XMLName   xml.Name
		Error     detail
		RequestID string `xml:"RequestId"`
	}
	e := asError(err, "ServiceFailure")
	kind := "Sender"
	if e.Status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	body, marshalErr := xml.Marshal(answer{
		XMLName:   xml.Name{Space: namespace, Local: "ErrorResponse"},
		Error:     detail{Type: kind, Code: e.Code, Message: e.Message},
		RequestID: r.ID,
	})
	if marshalErr != nil {
		http.Error(w, marshalErr.Error(), http.StatusInternalServerError)
		return
	}
	write(w, "text/xml", e.Status, body)
}

func write(w http.ResponseWriter, contentType string, status int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}
