// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func (s *Service) createSchedule(call *wire.RESTCall) (*wire.Response, error) {
	sch, err := s.read(call)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
		return arnResponse(there) // the same call again
	}
	s.schedules[sch.key] = sch
	s.notify()
	return arnResponse(sch)
}

func arnResponse(sch *schedule) (*wire.Response, error) {
	return wire.RESTJSONResponse(http.StatusOK, map[string]string{"ScheduleArn": sch.arn})
}

// updateSchedule replaces all settings: what the call leaves out gets its default.
func (s *Service) updateSchedule(call *wire.RESTCall) (*wire.Response, error) {
	sch, err := s.read(call)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.schedule(sch.key)
	if err != nil {
		return nil, err
	}
	sch.created = before.created
	s.schedules[sch.key] = sch
	s.notify()
	return arnResponse(sch)
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

// called returns the schedule that a call names in its path and query; the caller holds the lock.
func (s *Service) called(call *wire.RESTCall) (*schedule, error) {
	return s.schedule(keyOf(call.Query.Get("groupName"), call.Params["Name"]))
}

func (s *Service) getSchedule(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sch, err := s.called(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		settings
		Arn                  string
		CreationDate         float64
		GroupName            string
		LastModificationDate float64
		Name                 string
	}{sch.settings, sch.arn, timestamp(sch.created), sch.key.group, timestamp(sch.changed), sch.key.name})
}

func (s *Service) deleteSchedule(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sch, err := s.called(call)
	if err != nil {
		return nil, err
	}
	delete(s.schedules, sch.key)
	s.notify()
	return wire.RESTJSONResponse(http.StatusOK, struct{}{})
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

func (s *Service) listSchedules(call *wire.RESTCall) (*wire.Response, error) {
	groupName, prefix, state := call.Query.Get("ScheduleGroup"), call.Query.Get("NamePrefix"), call.Query.Get("State")
	s.mu.Lock()
	defer s.mu.Unlock()
	if groupName != "" {
		if _, err := s.group(groupName); err != nil {
			return nil, err
		}
	}
	list := []summary{}
	for _, k := range slices.SortedFunc(maps.Keys(s.schedules), key.compare) {
		sch := s.schedules[k]
		if groupName != "" && k.group != groupName || !strings.HasPrefix(k.name, prefix) || state != "" && sch.State != state {
			continue
		}
		list = append(list, summary{
			Arn: sch.arn, CreationDate: timestamp(sch.created), GroupName: k.group, LastModificationDate: timestamp(sch.changed),
			Name: k.name, State: sch.State, Target: struct{ Arn string }{sch.Target.Arn},
		})
	}
	page, next, err := page(call, list)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		Schedules []summary
		NextToken string `json:",omitempty"`
	}{page, next})
}

// compare orders schedules by group and name.
func (k key) compare(other key) int {
	if c := strings.Compare(k.group, other.group); c != 0 {
		return c
	}
	return strings.Compare(k.name, other.name)
}
