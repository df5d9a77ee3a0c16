// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"maps"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// defaultGroup is the group that every account has. It contains the schedules that name no group.
const defaultGroup = "default"

type group struct {
	name    string
	arn     string
	token   string // the ClientToken of its creation
	tags    wire.Tags
	created time.Time
	changed time.Time
	goneAt  time.Time // for a group that is being deleted
}

func (g *group) deleting() bool { return !g.goneAt.IsZero() }

func (s *Service) groupARN(name string) string {
	return s.config.Account.ARN("scheduler", "schedule-group/"+name)
}

func (s *Service) newGroup(name, token string, tags []wire.Tag) *group {
	now := s.config.Now()
	g := &group{name: name, arn: s.groupARN(name), token: token, tags: wire.Tags{}, created: now, changed: now}
	g.tags.Put(tags)
	return g
}

// sweep removes the groups that have been deleted completely; the caller holds the lock.
func (s *Service) sweep() {
	now := s.config.Now()
	maps.DeleteFunc(s.groups, func(_ string, g *group) bool { return g.deleting() && !now.Before(g.goneAt) })
}

// group returns a group, even one that is being deleted; the caller holds the lock.
func (s *Service) group(name string) (*group, error) {
	s.sweep()
	g, found := s.groups[name]
	if !found {
		return nil, notFound("Schedule group %s does not exist.", name)
	}
	return g, nil
}

type groupInput struct {
	Name, ClientToken string
	Tags              []wire.Tag
}

func (s *Service) createScheduleGroup(c *wire.Call, in *groupInput) ([]string, func() (any, error)) {
	arn := s.groupARN(in.Name)
	if len(in.Tags) > 0 {
		c.Also = wire.Each("scheduler:TagResource", arn)
	}
	return []string{arn}, func() (any, error) {
		if problem := wire.CheckTags(nil, in.Tags); problem != "" {
			return nil, validation("%s", problem)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		g, err := s.group(in.Name)
		switch {
		case err != nil:
			g = s.newGroup(in.Name, in.ClientToken, in.Tags)
			s.groups[in.Name] = g
		case g.deleting():
			return nil, conflict("Schedule group %s is being deleted.", in.Name)
		case in.ClientToken == "" || g.token != in.ClientToken:
			return nil, conflict("Schedule group %s already exists.", in.Name)
		}
		return struct{ ScheduleGroupArn string }{g.arn}, nil
	}
}

// onGroup returns an operation on an existing group. It runs under the lock.
func (s *Service) onGroup(name string, run func(*group) (any, error)) ([]string, func() (any, error)) {
	return []string{s.groupARN(name)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		g, err := s.group(name)
		if err != nil {
			return nil, err
		}
		return run(g)
	}
}

type groupOutput struct {
	Arn                  string
	CreationDate         float64
	LastModificationDate float64
	Name                 string
	State                string
}

func (s *Service) getScheduleGroup(_ *wire.Call, in *nameInput) ([]string, func() (any, error)) {
	return s.onGroup(in.Name, func(g *group) (any, error) {
		state := "ACTIVE"
		if g.deleting() {
			state = "DELETING"
		}
		return groupOutput{
			Arn: g.arn, CreationDate: timestamp(g.created), LastModificationDate: timestamp(g.changed), Name: g.name, State: state,
		}, nil
	})
}

// deleteScheduleGroup deletes the group's schedules at once and the group itself some time later. On AWS, schedules may still run until the
// group is deleted. Source for the permission: Service Authorization Reference, "API operations defined by Amazon EventBridge Scheduler".
func (s *Service) deleteScheduleGroup(c *wire.Call, in *nameInput) ([]string, func() (any, error)) {
	c.Also = wire.Each("scheduler:DeleteSchedule", s.config.Account.ARN("scheduler", "schedule/"+in.Name+"/*"))
	return s.onGroup(in.Name, func(g *group) (any, error) {
		switch {
		case g.name == defaultGroup:
			return nil, validation("Deleting the default schedule group is not allowed.")
		case g.deleting():
			return nil, conflict("Schedule group %s is being deleted.", g.name)
		}
		now := s.config.Now()
		g.changed, g.goneAt = now, now.Add(max(s.config.DeletingFor, 0))
		maps.DeleteFunc(s.schedules, func(k key, _ *schedule) bool { return k.group == g.name })
		s.Notify()
		return struct{}{}, nil
	})
}
