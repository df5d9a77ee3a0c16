// SPDX-License-Identifier: MPL-2.0

// Package sts is the sandbox's AWS Security Token Service, and the home of all credentials: the user's, and the temporary
// ones that stand for a role. Source: STS API Reference, version 2011-06-15.
package sts

import (
	"net/http"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	apiVersion = "2011-06-15"
	namespace  = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// Roles is what the service asks IAM.
type Roles interface {
	Role(name string) (iam.Role, bool)
	RoleByARN(arn string) (iam.Role, bool)
}

// Config is what the service needs to know.
type Config struct {
	Account wire.Account
	Now     func() time.Time
	Roles   Roles
}

// Service is STS. It is safe for concurrent use.
type Service struct {
	account wire.Account
	now     func() time.Time
	roles   Roles

	mu   sync.Mutex
	keys map[string]Key
}

// New makes the service.
func New(cfg Config) *Service {
	return &Service{account: cfg.Account, now: cfg.Now, roles: cfg.Roles, keys: map[string]Key{}}
}

// Scope returns the service's name in a credential scope.
func (s *Service) Scope() string { return "sts" }

// Call finds out what the request asks for.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	name, form, err := wire.ParseForm(r, apiVersion)
	if err != nil {
		return nil, err
	}
	call := &wire.Call{Operation: name}
	var run func() (any, error)
	switch name {
	case "GetCallerIdentity":
		// Needs no permission, so the call has no action.
		run = func() (any, error) { //nolint:unparam // as the other operations
			return callerIdentity{Arn: r.Caller.ARN, UserID: r.Caller.UserID, Account: r.Caller.Account}, nil
		}
	case "AssumeRole":
		call.Action, call.Resources = "sts:AssumeRole", []string{form.Get("RoleArn")}
		run, err = s.assumeRole(form, r.Caller)
	default:
		return nil, wire.Sender("InvalidAction", "Could not find operation %s for version %s", name, apiVersion)
	}
	if err == nil {
		err = form.Unread()
	}
	call.Run = func() (*wire.Response, error) {
		if err != nil {
			return nil, err
		}
		result, err := run()
		if err != nil {
			return nil, err
		}
		return wire.QueryResponse(r, namespace, name, result)
	}
	return call, nil
}

type callerIdentity struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

// WriteError writes err as STS does.
func (s *Service) WriteError(w http.ResponseWriter, r *wire.Request, err error) {
	wire.WriteQueryError(w, r, namespace, err)
}
