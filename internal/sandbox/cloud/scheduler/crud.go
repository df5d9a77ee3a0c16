// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// onNew returns an operation that sets a schedule's settings. It runs under the lock.
func (s *Service) onNew(c *wire.Call, in *scheduleInput, run func(*schedule) (any, error)) ([]string, func() (any, error)) {
	if in.Target.RoleArn != "" {
		c.PassRoles = []string{in.Target.RoleArn}
	}
	return []string{s.scheduleARN(keyOf(in.GroupName, in.Name))}, func() (any, error) {
		sch, err := s.read(in)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return run(sch)
	}
}

type arnOutput struct{ ScheduleArn string }

func (s *Service) createSchedule(c *wire.Call, in *scheduleInput) ([]string, func() (any, error)) {
	return s.onNew(c, in, func(sch *schedule) (any, error) {
		g, err := s.group(sch.key.group)
		if err != nil {
			return nil, err
		}
		if g.deleting() {
			return nil, conflict("Schedule group %s is being deleted.", g.name)
		}
		if there, exists := s.schedules[sch.key]; exists {
			if sch.token == "" || sch.token != there.token || !reflect.DeepEqual(sch.settings, there.settings) {
				return nil, conflict("Schedule %s already exists.", sch.key.name)
			}
			return arnOutput{there.arn}, nil // a repetition of the same call
		}
		s.schedules[sch.key] = sch
		s.Notify()
		return arnOutput{sch.arn}, nil
	})
}

// updateSchedule replaces all settings: those missing in the call get their defaults.
func (s *Service) updateSchedule(c *wire.Call, in *scheduleInput) ([]string, func() (any, error)) {
	return s.onNew(c, in, func(sch *schedule) (any, error) {
		before, err := s.schedule(sch.key)
		if err != nil {
			return nil, err
		}
		sch.created = before.created
		s.schedules[sch.key] = sch
		s.Notify()
		return arnOutput{sch.arn}, nil
	})
}

// schedule returns a schedule; the caller holds the lock.
func (s *Service) schedule(k key) (*schedule, error) {
	if _, err := s.group(k.group); err != nil {
		return nil, err
	}
	sch, found := s.schedules[k]
	if !found {
		return nil, notFound("Schedule %s does not exist.", k.name)
	}
	return sch, nil
}

// nameInput names a schedule, or a group.
type nameInput struct{ Name, GroupName, ClientToken string }

// onSchedule returns an operation on an existing schedule. It runs under the lock.
func (s *Service) onSchedule(in *nameInput, run func(*schedule) (any, error)) ([]string, func() (any, error)) {
	k := keyOf(in.GroupName, in.Name)
	return []string{s.scheduleARN(k)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		sch, err := s.schedule(k)
		if err != nil {
			return nil, err
		}
		return run(sch)
	}
}

func (s *Service) getSchedule(_ *wire.Call, in *nameInput) ([]string, func() (any, error)) {
	return s.onSchedule(in, func(sch *schedule) (any, error) {
		return struct {
			settings
			Arn                  string
			CreationDate         float64
			GroupName            string
			LastModificationDate float64
			Name                 string
		}{sch.settings, sch.arn, timestamp(sch.created), sch.key.group, timestamp(sch.changed), sch.key.name}, nil
	})
}

func (s *Service) deleteSchedule(_ *wire.Call, in *nameInput) ([]string, func() (any, error)) {
	return s.onSchedule(in, func(sch *schedule) (any, error) {
		delete(s.schedules, sch.key)
		s.Notify()
		return struct{}{}, nil
	})
}

type summary struct {
	Arn                  string
	CreationDate         float64
	GroupName            string
	LastModificationDate float64
	Name                 string
	State                string
	Target               struct{ Arn string }
}

type listInput struct {
	GroupName, NamePrefix, NextToken string
	MaxResults                       *int
}

func (s *Service) listSchedules(_ *wire.Call, in *listInput) ([]string, func() (any, error)) {
	return nil, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if in.GroupName != "" {
			if _, err := s.group(in.GroupName); err != nil {
				return nil, err
			}
		}
		list := []summary{}
		for _, k := range slices.SortedFunc(maps.Keys(s.schedules), key.compare) {
			sch := s.schedules[k]
			if in.GroupName != "" && k.group != in.GroupName || !strings.HasPrefix(k.name, in.NamePrefix) {
				continue
			}
			list = append(list, summary{
				Arn: sch.arn, CreationDate: timestamp(sch.created), GroupName: k.group, LastModificationDate: timestamp(sch.changed),
				Name: k.name, State: sch.State, Target: struct{ Arn string }{sch.Target.Arn},
			})
		}
		size := maxPage
		if in.MaxResults != nil {
			size = *in.MaxResults
		}
		page, next, ok := wire.Page(list, in.NextToken, size)
		if !ok {
			return nil, validation("Invalid NextToken.")
		}
		return struct {
			Schedules []summary
			NextToken string `json:",omitempty"`
		}{page, next}, nil
	}
}

// maxPage is the maximum number of schedules on a page.
const maxPage = 100

// compare orders schedules by group and name.
func (k key) compare(other key) int {
	if c := strings.Compare(k.group, other.group); c != 0 {
		return c
	}
	return strings.Compare(k.name, other.name)
}
