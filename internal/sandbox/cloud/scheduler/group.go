// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// defaultGroup is the group that every account has, and that schedules are in which name no other.
const defaultGroup = "default"

type group struct {
	name    string
	arn     string
	token   string // the ClientToken that it was made with
	tags    wire.Tags
	created time.Time
	changed time.Time
	goneAt  time.Time // of a group that is being deleted
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

// sweep drops the groups whose deletion has come to its end; the caller holds the lock.
func (s *Service) sweep() {
	now := s.config.Now()
	maps.DeleteFunc(s.groups, func(_ string, g *group) bool { return g.deleting() && !now.Before(g.goneAt) })
}

// group returns a group, also one that is being deleted; the caller holds the lock.
func (s *Service) group(name string) (*group, error) {
	s.sweep()
	g, found := s.groups[name]
	if !found {
		return nil, notFound("Schedule group %s does not exist.", name)
	}
	return g, nil
}

func (s *Service) createScheduleGroup(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		ClientToken string
		Tags        []wire.Tag
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	name := call.Params["Name"]
	if problem := wire.CheckTags(nil, in.Tags); problem != "" {
		return nil, validation("%s", problem)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(name)
	switch {
	case err != nil:
		g = s.newGroup(name, in.ClientToken, in.Tags)
		s.groups[name] = g
	case g.deleting():
		return nil, conflict("Schedule group %s is being deleted.", name)
	case in.ClientToken == "" || g.token != in.ClientToken:
		return nil, conflict("Schedule group %s already exists.", name)
	}
	return wire.RESTJSONResponse(http.StatusOK, map[string]string{"ScheduleGroupArn": g.arn})
}

type groupOutput struct {
	Arn                  string
	CreationDate         float64
	LastModificationDate float64
	Name                 string
	State                string
}

func (g *group) output() groupOutput {
	state := "ACTIVE"
	if g.deleting() {
		state = "DELETING"
	}
	return groupOutput{Arn: g.arn, CreationDate: timestamp(g.created), LastModificationDate: timestamp(g.changed), Name: g.name, State: state}
}

func (s *Service) getScheduleGroup(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(call.Params["Name"])
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, g.output())
}

// deleteScheduleGroup drops the group's schedules at once and the group itself some time later. On AWS schedules may still run
// until the group is gone.
func (s *Service) deleteScheduleGroup(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(call.Params["Name"])
	switch {
	case err != nil:
		return nil, err
	case g.name == defaultGroup:
		return nil, validation("Deleting the default schedule group is not allowed.")
	case g.deleting():
		return nil, conflict("Schedule group %s is being deleted.", g.name)
	}
	now := s.config.Now()
	g.changed, g.goneAt = now, now.Add(max(s.config.DeletingFor, 0))
	maps.DeleteFunc(s.schedules, func(k key, _ *schedule) bool { return k.group == g.name })
	s.notify()
	return wire.RESTJSONResponse(http.StatusOK, struct{}{})
}

func (s *Service) listScheduleGroups(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	groups := []groupOutput{}
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		if strings.HasPrefix(name, call.Query.Get("NamePrefix")) {
			groups = append(groups, s.groups[name].output())
		}
	}
	page, next, err := page(call, groups)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		ScheduleGroups []groupOutput
		NextToken      string `json:",omitempty"`
	}{page, next})
}

// maxPage is the most entries that a page has.
const maxPage = 100

func page[T any](call *wire.RESTCall, list []T) (entries []T, next string, err error) {
	size := maxPage
	if limit := call.Query.Get("MaxResults"); limit != "" {
		if size, err = strconv.Atoi(limit); err != nil {
			return nil, "", err // AWS's constraints have let it pass as a number
		}
	}
	entries, next, ok := wire.Page(list, call.Query.Get("NextToken"), size)
	if !ok {
		return nil, "", validation("Invalid NextToken.")
	}
	return entries, next, nil
}
