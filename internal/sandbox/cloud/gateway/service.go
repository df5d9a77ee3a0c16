// SPDX-License-Identifier: MPL-2.0

// Package gateway is the sandbox's Amazon API Gateway for REST APIs: the control plane's API, and the data plane that serves deployed APIs.
package gateway

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/tokenbucket"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Functions is the Lambda service of the integrations.
type Functions interface {
	Invoke(ctx context.Context, in function.Invocation) (*function.Outcome, error)
}

// Config configures the service. Functions is required. Callers is required for methods with the authorization type AWS_IAM.
type Config struct {
	Account   wire.Account
	Functions Functions
	Callers   Callers
	// KeyDelay is how long, by Clock, the data plane refuses an API key that is new or newly in a usage plan. AWS only documents that
	// changes take a moment.
	KeyDelay time.Duration
	// TemplateMatching defines how a request's Content-Type selects a template. The zero value is the strictest interpretation of AWS's
	// documentation.
	TemplateMatching TemplateMatching

	Now    func() time.Time // the clock of dates and throttles
	Clock  *clock.Clock     // of KeyDelay
	Logger *slog.Logger     // reports why the data plane answered with its own error
}

// Service is the sandbox's API Gateway.
type Service struct {
	*api.Service
	config Config

	mu      sync.Mutex
	apis    map[string]*restAPI
	keys    map[string]*apiKey
	plans   map[string]*usagePlan
	buckets map[bucketKey]*tokenbucket.Bucket
	logRole string // the account's role for the stages' logs; empty for none
}

var _ wire.Service = (*Service)(nil)

// New returns the service.
func New(config Config) *Service {
	s := &Service{
		config: config, apis: map[string]*restAPI{}, keys: map[string]*apiKey{}, plans: map[string]*usagePlan{},
		buckets: map[bucketKey]*tokenbucket.Bucket{},
	}
	s.Service = api.New("apigateway", api.REST("API Gateway"), s.operations())
	s.Action = func(c *wire.Call) string { return "apigateway:" + c.HTTP.Method } // the actions in IAM policies are HTTP methods
	return s
}

// Objects lists the ARN and the name of every REST API, API key and usage plan. It does not list the parts of an API.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var objects []string
	for _, a := range s.apis {
		objects = append(objects, s.arn("/restapis/"+a.ID)+" "+a.Name)
	}
	for _, k := range s.keys {
		objects = append(objects, s.arn("/apikeys/"+k.ID)+" "+k.Name)
	}
	for _, p := range s.plans {
		objects = append(objects, s.arn("/usageplans/"+p.ID)+" "+p.Name)
	}
	slices.Sort(objects)
	return objects
}

// arn returns the ARN of an object with a path in the API, without an account: arn:aws:apigateway:eu-central-1::/restapis/x.
func (s *Service) arn(path string) string {
	return "arn:" + s.config.Account.Partition().ID + ":apigateway:" + s.config.Account.Region + "::" + path
}

// now returns the time in the API's format: seconds since 1970.
func (s *Service) now() int64 { return s.config.Now().Unix() }

// newID returns n random lower case letters and digits.
func newID(n int) string { return strings.ToLower(rand.Text()[:n]) }

func badRequest(format string, args ...any) *wire.Error {
	return wire.Sender("BadRequestException", format, args...)
}

func conflict(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusNotFound, "NotFoundException", format, args...)
}
