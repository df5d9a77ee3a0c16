// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"net/url"
	"strings"
)

// RESTOperation is one operation of a service that speaks REST-JSON (AWS's restJson1 protocol): the method and the path
// say which operation a request asks for.
type RESTOperation struct {
	Name   string
	Method string
	Path   string // /functions/{FunctionName}/policy: a part in braces is a parameter and matches one path segment
	Run    func(*RESTCall) (*Response, error)
}

// RESTCall is a request that has been matched to its operation.
type RESTCall struct {
	*Request
	Params map[string]string // of the path, unescaped
	Query  url.Values
}

// RESTRoutes is a service's operations.
type RESTRoutes []RESTOperation

// Find returns the operation that r asks for, or false.
func (routes RESTRoutes) Find(r *Request) (*RESTOperation, *RESTCall, bool) {
	for i := range routes {
		if routes[i].Method != r.HTTP.Method {
			continue
		}
		if params, ok := PathParameters(routes[i].Path, r.HTTP.URL.EscapedPath()); ok {
			return &routes[i], &RESTCall{Request: r, Params: params, Query: r.HTTP.URL.Query()}, true
		}
	}
	return nil, nil, false
}

// PathParameters are the parameters in a request's escaped path, by the names that a route's path gives them; false when it is of another route.
func PathParameters(path, escaped string) (map[string]string, bool) {
	return matchPath(path, strings.Split(strings.Trim(escaped, "/"), "/"))
}

// matchPath compares a route's path with a request's escaped segments.
func matchPath(path string, segments []string) (map[string]string, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, part := range parts {
		value, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		name, isParam := strings.CutPrefix(part, "{")
		switch {
		case isParam && value != "":
			params[strings.TrimSuffix(name, "}")] = value
		case isParam || part != value:
			return nil, false
		}
	}
	return params, true
}

// Decode reads the call's JSON body into v, with DecodeJSON's refusals.
func (c *RESTCall) Decode(v any) error { return DecodeJSON(c.Body, v) }
