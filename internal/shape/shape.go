// SPDX-License-Identifier: MPL-2.0

// Package shape records what services answer without recording what they say: status, error code, media type, and for each field of the
// body its path and its type. No value gets into a record. `make verify-cloud` compares the record of a real account with that of the
// sandbox.
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
	Status    int               `json:"status"`            // 0: there was no answer
	Code      string            `json:"code,omitempty"`    // the error's
	Media     string            `json:"media,omitempty"`   // application/json; empty for an answer without a body
	Headers   []string          `json:"headers,omitempty"` // those of the known ones that the answer has, sorted
	Fields    map[string]string `json:"fields,omitempty"`  // path → type
}

// The types of fields. A field that has several has them in this form: null|string.
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
	inList   = "[]"         // stands for the elements of a list
	anyKey   = ".*"         // stands for a key that is no field's name
	noParser = "unreadable" // the type of the root of a body that is not what its media type says
)

// notableHeaders are the headers that clients decide by.
var notableHeaders = []string{
	"Allow", "Deprecation", "Link", "Location", "Qlik-Api-Version", "Retry-After", "Sunset", "X-Amzn-Errortype", "X-Amzn-Query-Error",
	"X-Amzn-Remapped-Content-Length",
}

// Of takes the shape of an answer. The caller adds service and operation.
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

// parameter is what is kept of a media type's parameters.
var parameter = regexp.MustCompile(`^[A-Za-z0-9-]{1,20}$`)

// mediaType keeps the type and the charset: how clients match them is not the same everywhere.
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

// code is what an error code looks like. Nothing else is taken for one.
var code = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)

// errorCode finds an error's code where AWS's protocols and Qlik Cloud have it.
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

// add notes a type of a path, beside those that it has had.
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

// xml reads elements. The attributes of AWS's answers are namespaces only.
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

// codePaths are where services write an error's code, besides the header.
var codePaths = []string{"$.__type", "$.code", "$.Code", "$.errors[].code", "$.ErrorResponse.Error.Code"}

func (f *fields) takeCode(path, text string) {
	if f.code == "" && slices.Contains(codePaths, path) {
		f.code = text
	}
}

// fieldName is what the name of a field looks like. Account numbers, ids, ARNs, routes and status codes do not.
var fieldName = regexp.MustCompile(`^_{0,2}[A-Za-z][A-Za-z_-]{0,40}[0-9]{0,3}$`)

// keyed are the fields with keys that people or services choose: names, variables, methods, headers. They are not recorded.
var keyed = []string{
	"tags", "variables", "headers", "encryptedHeaders", "methodSettings", "resourceMethods", "methodResponses", "integrationResponses",
	"requestParameters",
	"responseParameters", "requestTemplates", "responseTemplates", "requestModels", "responseModels", "throttle", "resourceAttributes",
	"resourceCustomAttributes",
	"authclaims", "Item",
}

// deliveryHeaders are the headers that have names of their own in a record although they are the keys of a map: those that the function
// reads, or that say what a webhook's sender is.
var deliveryHeaders = []string{
	"accept", "accept-encoding", "content-length", "content-type", "host", "qlik-signature", "user-agent", "x-amz-apigw-id",
	"x-amzn-requestid", "x-amzn-errortype",
	"x-amzn-trace-id", "x-api-key", "date", "connection",
}

// element is the path of an element of XML, in which a map's keys are texts.
func element(path, name string) string {
	if !fieldName.MatchString(name) {
		return path + anyKey
	}
	return path + "." + name
}

// child is the path of a member.
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
