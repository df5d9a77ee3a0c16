// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The states of a table.
const (
	statusCreating = "CREATING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
	statusDeleting = "DELETING"
)

type table struct {
	name     string
	id       string
	created  time.Time
	key      expression.Key
	keyTypes map[string]attribute.Type // of the key's attributes
	tags     wire.Tags

	keyARN     string // KMS key; empty for a key that AWS owns
	protected  bool   // from deletion
	class      string // empty if never set
	stream     *stream
	throughput throughput
	extras     extras

	status    string
	settledAt time.Time // when the status changes to the next one, by the real time
	backupsAt time.Time // when continuous backups can be changed, likewise
	recovery  pointInTimeRecovery
	ttl       timeToLive

	partitions map[string]*partition // by the text of the partition key
	nextExpiry time.Time             // when the first item expires, or earlier; zero: none does
}

// settle updates the tables to the states that they have reached. The caller holds the lock.
func (s *Service) settle() {
	now := time.Now()
	for name, t := range s.tables {
		if now.Before(t.settledAt) {
			continue
		}
		if t.status == statusDeleting {
			delete(s.tables, name)
			continue
		}
		t.status = statusActive
	}
}

// change puts a table into a transitional state.
func (s *Service) change(t *table, status string) {
	t.status, t.settledAt = status, time.Now().Add(s.config.TransitionTime)
}

// find returns a table for an operation on tables. The caller holds the lock.
func (s *Service) find(nameOrARN string) (*table, error) {
	s.settle()
	name := s.nameOf(nameOrARN)
	t, found := s.tables[name]
	if !found {
		return nil, wire.Sender(codeNotFound, "Requested resource not found: Table: %s not found", name)
	}
	return t, nil
}

// findActive returns an active table, which the caller can change. The caller holds the lock.
func (s *Service) findActive(nameOrARN string) (*table, error) {
	t, err := s.find(nameOrARN)
	if err != nil {
		return nil, err
	}
	switch t.status {
	case statusCreating:
		return nil, wire.Sender(codeInUse, "Attempt to change a resource which is still in use: Table is being created: %s", t.name)
	case statusUpdating:
		return nil, wire.Sender(codeInUse, "Attempt to change a resource which is still in use: Table is being updated: %s", t.name)
	case statusDeleting:
		return nil, wire.Sender(codeInUse, "Attempt to change a resource which is still in use: Table is being deleted: %s", t.name)
	default:
		return t, nil
	}
}

// open returns a table for an operation on items, without those that have expired. The caller holds the lock.
func (s *Service) open(nameOrARN string) (*table, error) {
	s.settle()
	t, found := s.tables[s.nameOf(nameOrARN)]
	if !found || t.status == statusCreating || t.status == statusDeleting {
		return nil, wire.Sender(codeNotFound, "Requested resource not found")
	}
	t.expire(s.config.Clock.Now())
	return t, nil
}

// onTable returns an operation on one table. It runs under the lock.
func (s *Service) onTable(name string, find func(string) (*table, error), run func(*table) (any, error)) ([]string, func() (any, error)) {
	return s.arns(name), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		t, err := find(name)
		if err != nil {
			return nil, err
		}
		return run(t)
	}
}

// onItems returns an operation on the items of one table.
func (s *Service) onItems(c *wire.Call, name string, run func(*table) (any, error)) ([]string, func() (any, error)) {
	c.Also = s.decryptPermissions(name)
	return s.onTable(name, s.open, run)
}

// everything returns the ARN for all tables, for operations that IAM cannot limit to some tables.
func (s *Service) everything() []string { return []string{"*"} }

// passed reports whether a moment of the real time has come.
func passed(at time.Time) bool { return !time.Now().Before(at) }
