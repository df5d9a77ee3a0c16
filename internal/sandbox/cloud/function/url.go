// SPDX-License-Identifier: MPL-2.0

package function

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// functionURL is a function's own HTTPS address. It is kept and told; nothing is served there.
type functionURL struct {
	address    string
	authType   string
	invokeMode string
	created    time.Time
}

type urlAnswer struct {
	FunctionUrl      string //nolint:revive // the API's spelling
	FunctionArn      string
	AuthType         string
	InvokeMode       string
	CreationTime     string
	LastModifiedTime string
}

func (f *function) urlAnswer() urlAnswer {
	created := f.url.created.UTC().Format("2006-01-02T15:04:05.000Z")
	return urlAnswer{f.url.address, f.arn, f.url.authType, f.url.invokeMode, created, created}
}

func (s *Service) createURL(call *wire.RESTCall) (*wire.Response, error) {
	var in struct{ AuthType, InvokeMode string }
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if in.InvokeMode == "" {
		in.InvokeMode = "BUFFERED"
	}
	switch {
	case in.AuthType != "NONE" && in.AuthType != "AWS_IAM":
		return nil, constraint("authType", in.AuthType, "Member must satisfy enum value set: [NONE, AWS_IAM]")
	case in.InvokeMode != "BUFFERED" && in.InvokeMode != "RESPONSE_STREAM":
		return nil, constraint("invokeMode", in.InvokeMode, "Member must satisfy enum value set: [BUFFERED, RESPONSE_STREAM]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	if f.url != nil {
		return nil, conflict("Failed to create function url config for [functionArn = %s]. Error message:  FunctionUrlConfig exists for this Lambda function", f.arn)
	}
	id := strings.ReplaceAll(uuid.NewString(), "-", "")
	f.url = &functionURL{
		address:  "https://" + id + ".lambda-url." + s.config.Account.Region + ".on.aws/",
		authType: in.AuthType, invokeMode: in.InvokeMode, created: s.config.Now(),
	}
	return wire.RESTJSONResponse(http.StatusCreated, f.urlAnswer())
}

// withURL finds the function of a call that needs it to have an address. The caller holds mu.
func (s *Service) withURL(call *wire.RESTCall) (*function, error) {
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	if f.url == nil {
		return nil, notFound("The resource you requested does not exist.")
	}
	return f, nil
}

func (s *Service) getURL(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.withURL(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, f.urlAnswer())
}

func (s *Service) deleteURL(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.withURL(call)
	if err != nil {
		return nil, err
	}
	f.url = nil
	return &wire.Response{Status: http.StatusNoContent}, nil
}
