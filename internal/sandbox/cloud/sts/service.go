// SPDX-License-Identifier: MPL-2.0

// Package sts is the sandbox's AWS Security Token Service, and holds all credentials: the user's, and the temporary ones of roles. Source:
// STS API Reference, version 2011-06-15.
package sts

import (
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	apiVersion = "2011-06-15"
	namespace  = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// Roles is the part of IAM that the service uses.
type Roles interface {
	Role(name string) (iam.Role, bool)
	RoleByARN(arn string) (iam.Role, bool)
}

// Config configures the service.
type Config struct {
	Account wire.Account
	Now     func() time.Time
	Roles   Roles
}

// Service is STS. It is safe for concurrent use.
type Service struct {
	*api.Service
	account wire.Account
	now     func() time.Time
	roles   Roles

	mu   sync.Mutex
	keys map[string]Key
}

// New returns the service.
func New(cfg Config) *Service {
	s := &Service{account: cfg.Account, now: cfg.Now, roles: cfg.Roles, keys: map[string]Key{}}
	s.Service = api.New("sts", api.Query(apiVersion, namespace), api.Operations{
		"GetCallerIdentity": api.Of(s.callerIdentity),
		"AssumeRole":        api.Of(s.assumeRole),
	})
	return s
}

// callerIdentity implements GetCallerIdentity, which needs no permission.
func (s *Service) callerIdentity(c *wire.Call, _ *struct{}) ([]string, func() (any, error)) {
	c.Action = ""
	return nil, func() (any, error) {
		return callerIdentity{Arn: c.Caller.ARN, UserID: c.Caller.UserID, Account: c.Caller.Account}, nil
	}
}

type callerIdentity struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}
