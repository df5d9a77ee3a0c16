// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// stage is a name under which a deployment is served.
type stage struct {
	StageName          string                   `json:"stageName"`
	DeploymentID       string                   `json:"deploymentId"`
	Description        string                   `json:"description,omitempty"`
	CacheClusterStatus string                   `json:"cacheClusterStatus"`
	CacheEnabled       bool                     `json:"cacheClusterEnabled"`
	CacheClusterSize   string                   `json:"cacheClusterSize,omitempty"` // GB
	MethodSettings     map[string]methodSetting `json:"methodSettings"`
	Variables          map[string]string        `json:"variables,omitempty"`
	TracingEnabled     bool                     `json:"tracingEnabled"`
	CreatedDate        int64                    `json:"createdDate"`
	LastUpdatedDate    int64                    `json:"lastUpdatedDate"`
	Tags               map[string]string        `json:"tags,omitempty"`
	AccessLog          *accessLog               `json:"accessLogSettings,omitempty"`
	ClientCertificate  string                   `json:"clientCertificateId,omitempty"`
}

// accessLog says where a stage would log its requests to. The sandbox keeps and tells it, as it does caches and tracing.
type accessLog struct {
	DestinationARN string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"`
}

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
		CacheClusterSize    string            `json:"cacheClusterSize"`
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
	st.Description, st.Variables, st.Tags, st.TracingEnabled = in.Description, in.Variables, in.Tags, in.TracingEnabled
	st.CacheEnabled, st.CacheClusterSize = in.CacheClusterEnabled, in.CacheClusterSize
	st.settleCache()
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
		"description":         replaceString(&changed.Description),
		"variables":           stringEntries(&changed.Variables),
		"tracingEnabled":      replaceBool(&changed.TracingEnabled),
		"cacheClusterEnabled": replaceBool(&changed.CacheEnabled),
		"cacheClusterSize":    replaceString(&changed.CacheClusterSize),
		"clientCertificateId": replaceString(&changed.ClientCertificate),
		"accessLogSettings":   func(op patchOperation, rest []string) error { return s.patchAccessLog(&changed, op, rest) },
		"":                    func(op patchOperation, path []string) error { return s.patchMethodSetting(&changed, op, path) },
	}.apply(call)
	if err != nil {
		return nil, err
	}
	changed.settleCache()
	changed.LastUpdatedDate = s.now()
	*st = changed
	return answer(http.StatusOK, st)
}

// settleCache brings the status of the cache into line. AWS takes minutes for it.
func (st *stage) settleCache() {
	st.CacheClusterStatus = "NOT_AVAILABLE"
	if st.CacheEnabled {
		st.CacheClusterStatus, st.CacheClusterSize = "AVAILABLE", cmp.Or(st.CacheClusterSize, "0.5")
	}
}

// patchAccessLog replaces one part of the settings, or removes them whole.
func (s *Service) patchAccessLog(st *stage, op patchOperation, rest []string) error {
	err := patchPart(&st.AccessLog, op, rest, func(changed *accessLog) map[string]patch {
		return map[string]patch{"destinationArn": replaceString(&changed.DestinationARN), "format": replaceString(&changed.Format)}
	})
	if err != nil || st.AccessLog == nil {
		return err
	}
	return s.checkLogging()
}

// deleteStage removes the stage, also from the usage plans.
func (s *Service) deleteStage(call *wire.RESTCall) (*wire.Response, error) {
	a, st, err := s.stage(call)
	if err != nil {
		return nil, err
	}
	delete(a.stages, st.StageName)
	for _, p := range s.plans {
		p.APIStages = slices.DeleteFunc(slices.Clone(p.APIStages), isStage(a.ID, st.StageName))
	}
	return done(http.StatusAccepted)
}
