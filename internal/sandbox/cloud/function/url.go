// SPDX-License-Identifier: MPL-2.0

package function

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// functionURL is a function's own HTTPS address. The sandbox stores and returns it; it serves nothing there.
type functionURL struct {
	address  string
	authType string
	created  time.Time
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
	return urlAnswer{f.url.address, f.arn, f.url.authType, "BUFFERED", created, created}
}

type urlInput struct {
	functionInput
	AuthType string
}

func (s *Service) createURL(_ *wire.Call, in *urlInput) ([]string, func() (any, error)) {
	return s.onFunction(in.functionInput, func(f *function) (any, error) {
		if f.url != nil {
			return nil, conflict("Failed to create function url config for [functionArn = %s]. "+
				"Error message:  FunctionUrlConfig exists for this Lambda function", f.arn)
		}
		id := strings.ReplaceAll(uuid.NewString(), "-", "")
		f.url = &functionURL{
			address:  "https://" + id + ".lambda-url." + s.config.Account.Region + ".on.aws/",
			authType: in.AuthType, created: s.config.Now(),
		}
		return f.urlAnswer(), nil
	})
}

// onURL returns an operation on a function with an address.
func (s *Service) onURL(in *functionInput, run func(*function) (any, error)) ([]string, func() (any, error)) {
	return s.onFunction(*in, func(f *function) (any, error) {
		if f.url == nil {
			return nil, notFound("The resource you requested does not exist.")
		}
		return run(f)
	})
}

func (s *Service) getURL(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onURL(in, func(f *function) (any, error) { return f.urlAnswer(), nil })
}

func (s *Service) deleteURL(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onURL(in, func(f *function) (any, error) {
		f.url = nil
		return nil, nil
	})
}
