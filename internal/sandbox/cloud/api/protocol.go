// SPDX-License-Identifier: MPL-2.0

package api

import (
	"net/http"
	"path"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Protocol reads the operation's name from a request and writes the answers.
type Protocol struct {
	name    func(s *Service, r *wire.Request) (string, error)
	unknown func(r *wire.Request, name string) error
	write   func(c *wire.Call, result any) (*wire.Response, error)
	fail    func(w http.ResponseWriter, r *wire.Request, err error)
}

// JSON returns the protocol AWS JSON, version 1.0 or 1.1. prefix is the service's prefix in X-Amz-Target: AmazonSSM.
func JSON(prefix, version string) Protocol {
	return Protocol{
		name:    func(_ *Service, r *wire.Request) (string, error) { return wire.Target(r, prefix) },
		unknown: func(_ *wire.Request, name string) error { return wire.UnknownOperation(name) },
		write:   func(_ *wire.Call, result any) (*wire.Response, error) { return wire.JSONResponse(version, result) },
		fail:    wire.WriteJSONError,
	}
}

// Query returns the query protocol: a form in, XML out. version and namespace are those of the service's API.
func Query(version, namespace string) Protocol {
	return Protocol{
		name: func(_ *Service, r *wire.Request) (string, error) { return wire.Action(r, version) },
		unknown: func(_ *wire.Request, name string) error {
			return wire.Sender("InvalidAction", "Could not find operation %s for version %s", name, version)
		},
		write: func(c *wire.Call, result any) (*wire.Response, error) {
			return wire.QueryResponse(c.Request, namespace, c.Operation, result)
		},
		fail: func(w http.ResponseWriter, r *wire.Request, err error) { wire.WriteQueryError(w, r, namespace, err) },
	}
}

// CBOR returns the protocol Smithy RPC v2 CBOR. Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
func CBOR() Protocol {
	return Protocol{
		name: func(_ *Service, r *wire.Request) (string, error) {
			service, name := path.Split(r.HTTP.URL.Path)
			if !strings.HasSuffix(service, "/operation/") {
				return "", wire.UnknownOperation(r.HTTP.URL.Path)
			}
			return name, nil
		},
		unknown: func(_ *wire.Request, name string) error { return wire.UnknownOperation(name) },
		write:   func(_ *wire.Call, result any) (*wire.Response, error) { return wire.CBORResponse(result) },
		fail:    wire.WriteCBORError,
	}
}

// REST returns the protocol REST-JSON: method and path select the operation. product is the service's product name.
func REST(product string) Protocol {
	return Protocol{
		name: func(s *Service, r *wire.Request) (string, error) {
			for name := range s.operations {
				if constraint.Routes(s.scope, name, r.HTTP) {
					return name, nil
				}
			}
			return "", nil
		},
		unknown: func(r *wire.Request, _ string) error {
			return wire.Errorf(http.StatusNotFound, "UnknownOperationException",
				"The sandbox does not offer %s's %s %s.", product, r.HTTP.Method, r.HTTP.URL.Path)
		},
		write: func(_ *wire.Call, result any) (*wire.Response, error) { return wire.RESTJSONResponse(result) },
		fail:  wire.WriteRESTJSONError,
	}
}
