// SPDX-License-Identifier: MPL-2.0

package sts

import (
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// roleSession is the lifetime of the credentials that a service gets for a role.
const roleSession = 12 * time.Hour

// Key is an access key with its owner.
type Key struct {
	ID      string
	Secret  string
	Token   string    // session token; empty for the user's own key
	Expires time.Time // zero for the user's own key
	Caller  wire.Identity

	roleID string
}

// AddUser adds a user's access key.
func (s *Service) AddUser(id, secret, userName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[id] = Key{ID: id, Secret: secret, Caller: wire.Identity{
		Account:     s.account.ID,
		ARN:         s.account.GlobalARN("iam", "user/"+userName),
		UserID:      wire.RandomID("AIDA", 17),
		AccessKeyID: id,
	}}
}

// Lookup finds an access key. It does not find keys of a role that was deleted, even if the role was created again.
func (s *Service) Lookup(id string) (Key, bool) {
	s.mu.Lock()
	key, found := s.keys[id]
	s.mu.Unlock()
	if !found || key.Caller.Role == "" {
		return key, found
	}
	role, exists := s.roles.Role(key.Caller.Role)
	return key, exists && role.ID == key.roleID
}

// Issue creates temporary credentials for a role, as for a service that runs code with the role. They are valid for 12 hours. It returns an
// error if the role does not exist.
func (s *Service) Issue(roleName, sessionName string) (accessKey, secret, sessionToken string, err error) {
	role, found := s.roles.Role(roleName)
	if !found {
		return "", "", "", fmt.Errorf("issuing credentials: there is no role %s", roleName)
	}
	key := s.issue(role, sessionName, roleSession)
	return key.ID, key.Secret, key.Token, nil
}

func (s *Service) issue(role iam.Role, sessionName string, valid time.Duration) Key {
	id := wire.RandomID("ASIA", 16)
	key := Key{
		ID:      id,
		Secret:  wire.RandomID("", 40),
		Token:   wire.RandomID("FwoGZXIvYXdzE", 200),
		Expires: s.now().Add(valid),
		Caller: wire.Identity{
			Account:     s.account.ID,
			ARN:         s.account.GlobalARN("sts", strings.Join([]string{"assumed-role", role.Name, sessionName}, "/")),
			UserID:      role.ID + ":" + sessionName,
			AccessKeyID: id,
			Role:        role.Name,
		},
		roleID: role.ID,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[id] = key
	return key
}
