// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"encoding/json"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Scope is the service's name in a credential scope.
func (s *Service) Scope() string { return "scheduler" }

const (
	schedulePath = "/schedules/{Name}"
	groupPath    = "/schedule-groups/{Name}"
	tagsPath     = "/tags/{ResourceArn}"
)

func (s *Service) operations() wire.RESTRoutes {
	return wire.RESTRoutes{
		{Name: "CreateScheduleGroup", Method: http.MethodPost, Path: groupPath, Run: s.createScheduleGroup},
		{Name: "GetScheduleGroup", Method: http.MethodGet, Path: groupPath, Run: s.getScheduleGroup},
		{Name: "DeleteScheduleGroup", Method: http.MethodDelete, Path: groupPath, Run: s.deleteScheduleGroup},
		{Name: "ListScheduleGroups", Method: http.MethodGet, Path: "/schedule-groups", Run: s.listScheduleGroups},
		{Name: "CreateSchedule", Method: http.MethodPost, Path: schedulePath, Run: s.createSchedule},
		{Name: "GetSchedule", Method: http.MethodGet, Path: schedulePath, Run: s.getSchedule},
		{Name: "UpdateSchedule", Method: http.MethodPut, Path: schedulePath, Run: s.updateSchedule},
		{Name: "DeleteSchedule", Method: http.MethodDelete, Path: schedulePath, Run: s.deleteSchedule},
		{Name: "ListSchedules", Method: http.MethodGet, Path: "/schedules", Run: s.listSchedules},
		{Name: "TagResource", Method: http.MethodPost, Path: tagsPath, Run: s.tagResource},
		{Name: "UntagResource", Method: http.MethodDelete, Path: tagsPath, Run: s.untagResource},
		{Name: "ListTagsForResource", Method: http.MethodGet, Path: tagsPath, Run: s.listTagsForResource},
	}
}

// Call finds out what the request asks for.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	operation, call, found := s.routes.Find(r)
	if !found {
		return nil, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"The sandbox does not offer EventBridge Scheduler's %s %s.", r.HTTP.Method, r.HTTP.URL.Path)
	}
	resources, passed := s.touched(operation, call)
	return &wire.Call{
		Operation: operation.Name,
		Action:    "scheduler:" + operation.Name,
		Resources: resources,
		Also:      s.alsoNeeded(operation.Name, call),
		PassRoles: passed,
		Run:       func() (*wire.Response, error) { return operation.Run(call) },
	}, nil
}

// alsoNeeded is what a call about a group takes besides. Source: Service Authorization Reference, "API operations defined by Amazon
// EventBridge Scheduler".
func (s *Service) alsoNeeded(operation string, call *wire.RESTCall) []wire.Permission {
	name := call.Params["Name"]
	switch operation {
	case "CreateScheduleGroup":
		return wire.TagPermission(call.Body, "scheduler:TagResource", s.groupARN(name))
	case "DeleteScheduleGroup": // which deletes the schedules that are in it
		return []wire.Permission{{Action: "scheduler:DeleteSchedule", Resource: s.config.Account.ARN("scheduler", "schedule/"+name+"/*")}}
	}
	return nil
}

// touched returns the ARNs that a call is about, none for one that lists, and the roles that it passes on.
func (s *Service) touched(operation *wire.RESTOperation, call *wire.RESTCall) (resources, passed []string) {
	name := call.Params["Name"]
	switch operation.Path {
	case groupPath:
		return []string{s.groupARN(name)}, nil
	case tagsPath:
		return []string{call.Params["ResourceArn"]}, nil
	case schedulePath:
		var body struct {
			GroupName string
			Target    struct{ RoleArn string }
		}
		// A body that cannot be read is refused by the operation itself.
		if len(call.Body) > 0 && json.Unmarshal(call.Body, &body) == nil {
			if body.Target.RoleArn != "" {
				passed = []string{body.Target.RoleArn}
			}
			return []string{s.scheduleARN(keyOf(body.GroupName, name))}, passed
		}
		return []string{s.scheduleARN(keyOf(call.Query.Get("groupName"), name))}, nil
	}
	return nil, nil
}
