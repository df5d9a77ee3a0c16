// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// usagePlan allows its keys to call its stages within its throttle.
type usagePlan struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	APIStages   []apiStage        `json:"apiStages"`
	Throttle    *throttle         `json:"throttle,omitempty"`
	Quota       *quota            `json:"quota,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`

	keys     []string             // ids
	servedAt map[string]time.Time // by id: the data plane accepts the key in the plan from then on
}

type apiStage struct {
	APIID    string              `json:"apiId"`
	Stage    string              `json:"stage"`
	Throttle map[string]throttle `json:"throttle,omitempty"` // by path and method: /runs/GET
}

// isStage returns a function that finds a plan's entry for a stage.
func isStage(api, name string) func(apiStage) bool {
	return func(st apiStage) bool { return st.APIID == api && st.Stage == name }
}

// throttle is the configuration of a token bucket. Zero means no limit.
type throttle struct {
	BurstLimit int     `json:"burstLimit"`
	RateLimit  float64 `json:"rateLimit"`
}

// quota limits the requests of a key in a period. The sandbox only stores and returns it.
type quota struct {
	Limit  int    `json:"limit"`
	Offset int    `json:"offset"`
	Period string `json:"period"` // DAY, WEEK or MONTH
}

func (q *quota) validate() error {
	switch {
	case q == nil:
		return nil
	case q.Limit < 1:
		return badRequest("Usage Plan quota limit must be greater than 0")
	case q.Period != "DAY" && q.Period != "WEEK" && q.Period != "MONTH":
		return badRequest("Invalid quota period '%s'. Valid values: DAY, WEEK, MONTH", q.Period)
	}
	return nil
}

func (s *Service) planByID(id string) (*usagePlan, error) {
	if p := s.plans[id]; p != nil {
		return p, nil
	}
	return nil, notFound("Invalid Usage Plan ID specified")
}

func (s *Service) checkStage(st apiStage) error {
	a, err := s.apiByID(st.APIID)
	if err != nil {
		return err
	}
	if a.stages[st.Stage] == nil {
		return notFound("API Stage not found: %s:%s", st.APIID, st.Stage)
	}
	return nil
}

type createPlanInput struct {
	newTags
	Name, Description string
	APIStages         []apiStage
}

func (s *Service) createUsagePlan(in *createPlanInput) (any, error) {
	if in.Name == "" {
		return nil, badRequest("Usage Plan name cannot be blank")
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	for _, st := range in.APIStages {
		if err := s.checkStage(st); err != nil {
			return nil, err
		}
	}
	p := &usagePlan{
		ID: newID(6), Name: in.Name, Description: in.Description, APIStages: append([]apiStage{}, in.APIStages...),
		Tags: in.Tags, servedAt: map[string]time.Time{},
	}
	s.plans[p.ID] = p
	return p, nil
}

func (s *Service) getUsagePlans(in *pageInput) (any, error) {
	return page(in, slices.SortedFunc(maps.Values(s.plans), func(a, b *usagePlan) int { return strings.Compare(a.ID, b.ID) }))
}

func (s *Service) getUsagePlan(in *ref) (any, error) { return s.planByID(in.UsagePlanID) }

func (s *Service) updateUsagePlan(in *updateInput) (any, error) {
	p, err := s.planByID(in.UsagePlanID)
	return p, change(p, err, in, func(changed *usagePlan) patches {
		return patches{
			"name": replaceString(&changed.Name), "description": replaceString(&changed.Description),
			"throttle":  changed.patchThrottle,
			"quota":     changed.patchQuota,
			"apiStages": func(op patchOperation, rest []string) error { return s.patchStages(changed, op, rest) },
		}
	}, func(changed *usagePlan) error { return changed.Quota.validate() })
}

// patchMethodLimit patches /apiStages/{api id}:{stage}/throttle/{path}/{method}/{limit}.
func (p *usagePlan) patchMethodLimit(op patchOperation, rest []string) error {
	id, name, _ := strings.Cut(rest[0], ":")
	i := slices.IndexFunc(p.APIStages, isStage(id, name))
	last := len(rest) - 1
	if i < 0 || last < 3 || rest[1] != "throttle" {
		return op.invalid()
	}
	stages := slices.Clone(p.APIStages)
	limits := maps.Clone(stages[i].Throttle)
	if limits == nil {
		limits = map[string]throttle{}
	}
	method := strings.Join(rest[2:last], "/")
	limit := limits[method]
	field := map[string]patch{"rateLimit": replaceFloat(&limit.RateLimit), "burstLimit": replaceInt(&limit.BurstLimit)}[rest[last]]
	if field == nil {
		return op.invalid()
	}
	if err := field(op, nil); err != nil {
		return err
	}
	limits[method] = limit
	stages[i].Throttle = limits
	p.APIStages = stages
	return nil
}

// patchStages adds or removes the stage that the operation's value names: {api id}:{stage}. A longer path patches the stage's own limits.
func (s *Service) patchStages(p *usagePlan, op patchOperation, rest []string) error {
	if len(rest) > 0 {
		return p.patchMethodLimit(op, rest)
	}
	id, name, ok := strings.Cut(op.Value, ":")
	if !ok {
		return op.invalid()
	}
	st := apiStage{APIID: id, Stage: name}
	i := slices.IndexFunc(p.APIStages, isStage(id, name))
	switch {
	case op.Op == "add" && i >= 0:
		return conflict("API Stage %s is already associated with the Usage Plan %s", op.Value, p.ID)
	case op.Op == "add":
		p.APIStages = append(slices.Clone(p.APIStages), st)
		return s.checkStage(st)
	case op.Op == "remove" && i < 0:
		return notFound("API Stage %s is not associated with the Usage Plan %s", op.Value, p.ID)
	case op.Op == "remove":
		p.APIStages = slices.Delete(slices.Clone(p.APIStages), i, i+1)
		return nil
	}
	return op.invalid()
}

// patchThrottle replaces one limit of the throttle, or removes the throttle.
func (p *usagePlan) patchThrottle(op patchOperation, rest []string) error {
	return patchPart(&p.Throttle, op, rest, func(changed *throttle) map[string]patch {
		return map[string]patch{"rateLimit": replaceFloat(&changed.RateLimit), "burstLimit": replaceInt(&changed.BurstLimit)}
	})
}

// patchQuota replaces one part of the quota, or removes the quota.
func (p *usagePlan) patchQuota(op patchOperation, rest []string) error {
	return patchPart(&p.Quota, op, rest, func(changed *quota) map[string]patch {
		return map[string]patch{
			"limit": replaceInt(&changed.Limit), "offset": replaceInt(&changed.Offset), "period": replaceString(&changed.Period),
		}
	})
}

func (s *Service) deleteUsagePlan(in *ref) (any, error) {
	p, err := s.planByID(in.UsagePlanID)
	if err != nil {
		return nil, err
	}
	if len(p.APIStages) > 0 {
		return nil, badRequest("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s:%s",
			p.ID, p.APIStages[0].APIID, p.APIStages[0].Stage)
	}
	delete(s.plans, p.ID)
	return nil, nil
}
