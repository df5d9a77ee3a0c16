package gateway

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// stage is a name under which a deployment is served.
type stage struct {
	StageName          string                   `json:"stageName"`
	DeploymentID       string                   `json:"deploymentId"`
	Description        string                   `json:"description,omitempty"`
	CacheClusterStatus string                   `json:"cacheClusterStatus"`
	CacheEnabled       bool                     `json:"cacheClusterEnabled"`
	MethodSettings     map[string]methodSetting `json:"methodSettings"`
	Variables          map[string]string        `json:"variables,omitempty"`
	TracingEnabled     bool                     `json:"tracingEnabled"`
	CreatedDate        int64                    `json:"createdDate"`
	LastUpdatedDate    int64                    `json:"lastUpdatedDate"`
	Tags               map[string]string        `json:"tags,omitempty"`
}

// methodSetting is what a stage sets for one method, or under */* for all.
type methodSetting struct {
	MetricsEnabled       bool    `json:"metricsEnabled"`
	LoggingLevel         string  `json:"loggingLevel,omitempty"`
	ThrottlingRateLimit  float64 `json:"throttlingRateLimit"`
	ThrottlingBurstLimit int     `json:"throttlingBurstLimit"`
}

// defaultMethodSetting has the account's limits (API Gateway quotas).
var defaultMethodSetting = methodSetting{ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000}

var stageName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)

func (s *Service) newStage(name, deploymentID string) (*stage, error) {
	if !stageName.MatchString(name) {
		return nil, badRequest("Stage name only allows a-zA-Z0-9_-")
	}
	return &stage{
		StageName: name, DeploymentID: deploymentID, CacheClusterStatus: "NOT_AVAILABLE", MethodSettings: map[string]methodSetting{},
		CreatedDate: s.now(), LastUpdatedDate: s.now(),
	}, nil
}

func (a *restAPI) stageByName(name string) (*stage, error) {
	if st := a.stages[name]; st != nil {
		return st, nil
	}
	return nil, notFound("Invalid stage identifier specified")
}

func (s *Service) stage(call *wire.RESTCall) (*restAPI, *stage, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, nil, err
	}
	st, err := a.stageByName(call.Params["stage_name"])
	return a, st, err
}

func (s *Service) createStage(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		StageName           string            `json:"stageName"`
		DeploymentID        string            `json:"deploymentId"`
		Description         string            `json:"description"`
		CacheClusterEnabled bool              `json:"cacheClusterEnabled"`
		TracingEnabled      bool              `json:"tracingEnabled"`
		Variables           map[string]string `json:"variables"`
		Tags                map[string]string `json:"tags"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	if in.CacheClusterEnabled || in.TracingEnabled {
		return nil, badRequest("The sandbox emulates neither caches nor tracing.")
	}
	if err := checkTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if _, err := a.deploymentByID(in.DeploymentID); err != nil {
		return nil, err
	}
	st, err := s.newStage(in.StageName, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	if a.stages[st.StageName] != nil {
		return nil, conflict("Stage already exists")
	}
	st.Description, st.Variables, st.Tags = in.Description, in.Variables, in.Tags
	a.stages[st.StageName] = st
	return answer(http.StatusCreated, st)
}

// getStages is the one list without pages.
func (s *Service) getStages(call *wire.RESTCall) (*wire.Response, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	found := list[*stage]{Item: []*stage{}}
	of := call.Query.Get("deploymentId")
	for _, name := range slices.Sorted(maps.Keys(a.stages)) {
		if of == "" || a.stages[name].DeploymentID == of {
			found.Item = append(found.Item, a.stages[name])
		}
	}
	return answer(http.StatusOK, found)
}

func (s *Service) getStage(call *wire.RESTCall) (*wire.Response, error) {
	_, st, err := s.stage(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, st)
}

func (s *Service) updateStage(call *wire.RESTCall) (*wire.Response, error) {
	a, st, err := s.stage(call)
	if err != nil {
		return nil, err
	}
	changed := *st
	changed.MethodSettings = maps.Clone(st.MethodSettings)
	err = patches{
		"deploymentId": replace(func(id string) error {
			_, err := a.deploymentByID(id)
			changed.DeploymentID = id
			return err
		}),
		"description": replaceString(&changed.Description),
		"variables":   stringEntries(&changed.Variables),
		"":            changed.patchMethodSetting,
	}.apply(call)
	if err != nil {
		return nil, err
	}
	changed.LastUpdatedDate = s.now()
	*st = changed
	return answer(http.StatusOK, st)
}

// patchMethodSetting patches /{resource path}/{method}/{setting}, with */* for all methods.
func (st *stage) patchMethodSetting(op patchOperation, path []string) error {
	if len(path) < 2 {
		return op.invalid()
	}
	key := strings.TrimPrefix(path[0], "/") + "/" + path[1]
	if op.Op == "remove" && len(path) == 2 {
		delete(st.MethodSettings, key)
		return nil
	}
	setting, there := st.MethodSettings[key]
	if !there {
		setting = defaultMethodSetting
	}
	field := map[string]patch{
		"throttling/rateLimit":  replaceFloat(&setting.ThrottlingRateLimit),
		"throttling/burstLimit": replaceInt(&setting.ThrottlingBurstLimit),
		"metrics/enabled":       replaceBool(&setting.MetricsEnabled),
		"logging/loglevel": replace(func(level string) error {
			if level != "OFF" {
				return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
			}
			setting.LoggingLevel = level
			return nil
		}),
	}[strings.Join(path[2:], "/")]
	if field == nil {
		return op.invalid()
	}
	if err := field(op, nil); err != nil {
		return err
	}
	st.MethodSettings[key] = setting
	return nil
}

// methodSetting returns the settings for a method: its own, else those of all methods, else the account's.
func (st *stage) methodSetting(resourcePath, httpMethod string) methodSetting {
	for _, key := range []string{strings.TrimPrefix(resourcePath, "/") + "/" + httpMethod, "*/*"} {
		if setting, there := st.MethodSettings[key]; there {
			return setting
		}
	}
	return defaultMethodSetting
}

// deleteStage removes the stage, also from the usage plans.
func (s *Service) deleteStage(call *wire.RESTCall) (*wire.Response, error) {
	a, st, err := s.stage(call)
	if err != nil {
		return nil, err
	}
	delete(a.stages, st.StageName)
	for _, p := range s.plans {
		p.APIStages = slices.DeleteFunc(slices.Clone(p.APIStages), func(have apiStage) bool {
			return have == apiStage{APIID: a.ID, Stage: st.StageName}
		})
	}
	return done(http.StatusAccepted)
}
