// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// Form is the parameters of a query-protocol request. It remembers which were read, so that a service can refuse what it
// does not support instead of ignoring it.
type Form struct {
	values url.Values
	read   map[string]bool
}

func isForm(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/x-www-form-urlencoded"
}

// ParseForm reads a query-protocol request: the operation and its parameters.
// version is the service's API version, 2010-05-08 for IAM.
func ParseForm(r *Request, version string) (operation string, form *Form, err error) {
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return "", nil, Sender("MalformedQueryString", "The query string is malformed: %v", err)
	}
	operation = values.Get("Action")
	if operation == "" {
		return "", nil, Sender("MissingAction", "Missing Action")
	}
	if got := values.Get("Version"); got != version {
		return operation, nil, Sender("InvalidAction", "Could not find operation %s for version %s", operation, got)
	}
	return operation, &Form{values: values, read: map[string]bool{"Action": true, "Version": true}}, nil
}

// Get returns a parameter, "" when it is absent.
func (f *Form) Get(name string) string {
	f.read[name] = true
	return f.values.Get(name)
}

// Has tells whether a parameter was sent, be it empty.
func (f *Form) Has(name string) bool {
	f.read[name] = true
	return f.values.Has(name)
}

// Int returns a whole number, fallback when it is absent.
func (f *Form) Int(name string, fallback int) (int, error) {
	if !f.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(f.Get(name))
	if err != nil {
		return 0, Sender("MalformedInput", "Start of structure or map found where not expected: %s is not a number", name)
	}
	return n, nil
}

// List returns the members of a list: name.member.1, name.member.2 and so on.
func (f *Form) List(name string) []string {
	var list []string
	for i := 1; ; i++ {
		key := fmt.Sprintf("%s.member.%d", name, i)
		if !f.Has(key) {
			return list
		}
		list = append(list, f.Get(key))
	}
}

// Tags returns the members of a list of tags: name.member.1.Key, name.member.1.Value and so on.
func (f *Form) Tags(name string) []Tag {
	var tags []Tag
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("%s.member.%d.", name, i)
		if !f.Has(prefix + "Key") {
			return tags
		}
		tags = append(tags, Tag{Key: f.Get(prefix + "Key"), Value: f.Get(prefix + "Value")})
	}
}

// Unread refuses parameters that nothing has read: the sandbox does not act on them, and must not pretend to.
func (f *Form) Unread() error {
	var left []string
	for name := range f.values {
		if !f.read[name] {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return nil
	}
	sort.Strings(left)
	return Sender("InvalidInput", "The sandbox does not support the parameters %s of %s.", strings.Join(left, ", "), f.values.Get("Action"))
}

type queryMetadata struct {
	RequestID string `xml:"RequestId"`
}

// QueryResponse writes a successful answer. result's fields become the children of {operation}Result; nil leaves that
// element out, as operations without a result do.
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

// element gives a value a name that is known at run time only.
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
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}
