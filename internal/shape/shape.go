// SPDX-License-Identifier: MPL-2.0

// Package shape records the shape of services' answers without their content: status, error code, media type, and the path and type of each
// field of the body. A record never contains a value. `make verify-cloud` compares the record of a real account with that of the sandbox.
package shape

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Answer is the shape of one answer.
type Answer struct {
	Service   string            `json:"service"`           // API Gateway, Qlik Cloud
	Operation string            `json:"operation"`         // CreateRestApi, GET /api/v1/items
	Status    int               `json:"status"`            // 0: no answer
	Code      string            `json:"code,omitempty"`    // the error's
	Media     string            `json:"media,omitempty"`   // application/json; empty for an answer without a body
	Headers   []string          `json:"headers,omitempty"` // the known headers in the answer, sorted
	Fields    map[string]string `json:"fields,omitempty"`  // path → type
}

// The types of fields. A field with several types has this form: null|string.
const (
	typeObject  = "object"
	typeArray   = "array"
	typeString  = "string"
	typeNumber  = "number"
	typeBoolean = "boolean"
	typeNull    = "null"
	typeBytes   = "bytes"
	typeTime    = "time"    // CBOR has one; JSON has strings and numbers
	typeElement = "element" // of XML, with elements in it
	typeText    = "text"    // of XML, without
)

const (
	root     = "$"
	inList   = "[]"         // replaces the elements of a list
	anyKey   = ".*"         // replaces a key that is not a field's name
	noParser = "unreadable" // the type of the root of a body that does not match its media type
)

// notableHeaders are the headers that affect clients.
var notableHeaders = []string{
	"Allow", "Deprecation", "Link", "Location", "Qlik-Api-Version", "Retry-After", "Sunset", "X-Amzn-Errortype", "X-Amzn-Query-Error",
	"X-Amzn-Remapped-Content-Length",
}

// Of returns the shape of an answer. The caller adds service and operation.
func Of(status int, header http.Header, body []byte) Answer {
	a := Answer{Status: status, Fields: map[string]string{}}
	for _, name := range notableHeaders {
		if len(header.Values(name)) > 0 {
			a.Headers = append(a.Headers, strings.ToLower(name))
		}
	}
	f := &fields{found: a.Fields}
	if len(body) > 0 {
		a.Media = mediaType(header.Get("Content-Type"))
		f.read(a.Media, body)
	}
	if status >= http.StatusBadRequest {
		a.Code = errorCode(header, f.code)
	}
	return a
}

// parameter matches the recorded parameters of a media type.
var parameter = regexp.MustCompile(`^[A-Za-z0-9-]{1,20}$`)

// mediaType keeps the type and the charset: clients match them in different ways.
func mediaType(header string) string {
	kind, parameters, err := mime.ParseMediaType(header)
	switch charset := parameters["charset"]; {
	case header == "":
		return "no media type"
	case err != nil || len(kind) > 60:
		return noParser
	case parameter.MatchString(charset):
		return kind + "; charset=" + charset
	default:
		return kind
	}
}

// code matches error codes. Nothing else counts as one.
var code = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)

// errorCode finds an error's code in the places of AWS's protocols and Qlik Cloud.
func errorCode(header http.Header, inBody string) string {
	candidate := header.Get("X-Amzn-Errortype")
	if candidate == "" {
		candidate = inBody
	}
	candidate, _, _ = strings.Cut(candidate, ":") // ValidationException:http://internal.amazon.com/…
	if _, name, found := strings.Cut(candidate, "#"); found {
		candidate = name // com.amazonaws.dynamodb.v20120810#ResourceNotFoundException
	}
	if !code.MatchString(candidate) {
		return ""
	}
	return candidate
}

// fields collects the types of a body's fields.
type fields struct {
	found map[string]string
	code  string // the error's, if the body has one
}

func (f *fields) read(media string, body []byte) {
	kind, _, _ := strings.Cut(media, ";")
	var err error
	switch {
	case kind == "application/cbor":
		var value cbor.Value
		if value, err = cbor.Decode(body); err == nil {
			f.cbor(root, value)
		}
	case strings.HasSuffix(kind, "xml"):
		err = f.xml(body)
	case strings.HasPrefix(kind, "text/") && !json.Valid(body): // emulators send JSON under any name
		f.add(root, typeText)
	default:
		var value any
		if err = json.Unmarshal(body, &value); err == nil {
			f.json(root, value)
		}
	}
	if err != nil {
		clear(f.found)
		f.add(root, noParser)
	}
}

// add adds a type to a path.
func (f *fields) add(path, kind string) { f.found[path] = union(f.found[path], kind) }

func union(a, b string) string {
	kinds := map[string]bool{}
	for _, list := range []string{a, b} {
		for kind := range strings.SplitSeq(list, "|") {
			kinds[kind] = kind != ""
		}
	}
	delete(kinds, "")
	return strings.Join(slices.Sorted(maps.Keys(kinds)), "|")
}

func (f *fields) json(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		f.add(path, typeObject)
		for key, member := range v {
			f.json(child(path, key), member)
		}
	case []any:
		f.add(path, typeArray)
		for _, element := range v {
			f.json(path+inList, element)
		}
	case string:
		f.add(path, typeString)
		f.takeCode(path, v)
	case float64:
		f.add(path, typeNumber)
	case bool:
		f.add(path, typeBoolean)
	default:
		f.add(path, typeNull)
	}
}

func (f *fields) cbor(path string, value cbor.Value) {
	switch v := value.(type) {
	case cbor.Map:
		f.add(path, typeObject)
		for key, member := range v {
			f.cbor(child(path, key), member)
		}
	case cbor.List:
		f.add(path, typeArray)
		for _, element := range v {
			f.cbor(path+inList, element)
		}
	case cbor.String:
		f.add(path, typeString)
		f.takeCode(path, string(v))
	case cbor.Slice:
		f.add(path, typeBytes)
	case cbor.Bool:
		f.add(path, typeBoolean)
	case *cbor.Tag:
		f.add(path, typeTime)
	case *cbor.Nil, *cbor.Undefined:
		f.add(path, typeNull)
	default:
		f.add(path, typeNumber)
	}
}

// xml reads elements. AWS's answers use attributes for namespaces only.
func (f *fields) xml(body []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	type open struct {
		path     string
		children bool
	}
	stack := []open{{path: root}}
	var text []byte
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			f.add(root, typeElement)
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			stack[len(stack)-1].children = true
			stack = append(stack, open{path: element(stack[len(stack)-1].path, t.Name.Local)})
			text = nil
		case xml.CharData:
			text = append(text, t...)
		case xml.EndElement:
			done := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if done.children {
				f.add(done.path, typeElement)
			} else {
				f.add(done.path, typeText)
				f.takeCode(done.path, strings.TrimSpace(string(text)))
			}
		}
	}
}

// codePaths are the paths of an error's code, besides the header.
var codePaths = []string{"$.__type", "$.code", "$.Code", "$.errors[].code", "$.ErrorResponse.Error.Code"}

func (f *fields) takeCode(path, text string) {
	if f.code == "" && slices.Contains(codePaths, path) {
		f.code = text
	}
}

// fieldName matches names of fields. It does not match account numbers, ids, ARNs, routes and status codes.
var fieldName = regexp.MustCompile(`^_{0,2}[A-Za-z][A-Za-z_-]{0,40}[0-9]{0,3}$`)

// keyed are the fields with keys that users or services choose: names, variables, methods, headers. These keys are not recorded.
var keyed = []string{
	"tags", "variables", "headers", "encryptedHeaders", "methodSettings", "resourceMethods", "methodResponses", "integrationResponses",
	"requestParameters",
	"responseParameters", "requestTemplates", "responseTemplates", "requestModels", "responseModels", "throttle", "resourceAttributes",
	"resourceCustomAttributes",
	"authclaims", "Item",
}

// deliveryHeaders are the headers that a record contains by name although they are the keys of a map: the function reads them, or they
// identify a webhook's sender.
var deliveryHeaders = []string{
	"accept", "accept-encoding", "content-length", "content-type", "host", "qlik-signature", "user-agent", "x-amz-apigw-id",
	"x-amzn-requestid", "x-amzn-errortype",
	"x-amzn-trace-id", "x-api-key", "date", "connection",
}

// element returns the path of an element of XML. The keys of a map are texts in it.
func element(path, name string) string {
	if !fieldName.MatchString(name) {
		return path + anyKey
	}
	return path + "." + name
}

// child returns the path of a member.
func child(path, key string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case strings.EqualFold(name, "headers") && slices.Contains(deliveryHeaders, strings.ToLower(key)):
		return path + "." + strings.ToLower(key)
	case slices.ContainsFunc(keyed, func(k string) bool { return strings.EqualFold(k, name) }), key == "":
		return path + anyKey
	default:
		return element(path, key)
	}
}
