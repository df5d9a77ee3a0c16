// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
)

// stage serves a deployment under a name.
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

// accessLog is the log of a stage's requests. The sandbox only stores and returns it, as it does caches and tracing.
type accessLog struct {
	DestinationARN string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"`
}

var stageName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)

func (a *restAPI) stageByName(name string) (*stage, error) {
	if st := a.stages[name]; st != nil {
		return st, nil
	}
	return nil, notFound("Invalid stage identifier specified")
}

func (s *Service) stage(in *ref) (*restAPI, *stage, error) {
	a, err := s.api(in)
	if err != nil {
		return nil, nil, err
	}
	st, err := a.stageByName(in.StageName)
	return a, st, err
}

type createStageInput struct {
	ref
	newTags
	Description string
}

func (s *Service) createStage(in *createStageInput) (any, error) {
	a, err := s.api(&in.ref)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if _, err := a.deploymentByID(in.DeploymentID); err != nil {
		return nil, err
	}
	if a.stages[in.StageName] != nil {
		return nil, conflict("Stage already exists")
	}
	st, err := s.newStage(a, in.StageName)
	if err != nil {
		return nil, err
	}
	st.DeploymentID, st.Description, st.Tags = in.DeploymentID, in.Description, in.Tags
	return st, nil
}

// newStage adds a stage to an API. The caller sets its deployment.
func (s *Service) newStage(a *restAPI, name string) (*stage, error) {
	if !stageName.MatchString(name) {
		return nil, badRequest("Stage name only allows a-zA-Z0-9_-")
	}
	st := &stage{StageName: name, MethodSettings: map[string]methodSetting{}, CreatedDate: s.now(), LastUpdatedDate: s.now()}
	st.settleCache()
	a.stages[name] = st
	return st, nil
}

func (s *Service) getStage(in *ref) (any, error) {
	_, st, err := s.stage(in)
	return st, err
}

func (s *Service) updateStage(in *updateInput) (any, error) {
	a, st, err := s.stage(&in.ref)
	return st, change(st, err, in, func(changed *stage) patches {
		changed.MethodSettings = maps.Clone(changed.MethodSettings)
		return patches{
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
			"accessLogSettings":   func(op patchOperation, rest []string) error { return s.patchAccessLog(changed, op, rest) },
			"":                    func(op patchOperation, path []string) error { return s.patchMethodSetting(changed, op, path) },
		}
	}, func(changed *stage) error {
		changed.settleCache()
		changed.LastUpdatedDate = s.now()
		return nil
	})
}

// settleCache updates the status of the cache. On AWS this takes minutes.
func (st *stage) settleCache() {
	st.CacheClusterStatus = "NOT_AVAILABLE"
	if st.CacheEnabled {
		st.CacheClusterStatus, st.CacheClusterSize = "AVAILABLE", cmp.Or(st.CacheClusterSize, "0.5")
	}
}

// patchAccessLog replaces one part of the settings, or removes all of them.
func (s *Service) patchAccessLog(st *stage, op patchOperation, rest []string) error {
	err := patchPart(&st.AccessLog, op, rest, func(changed *accessLog) map[string]patch {
		return map[string]patch{"destinationArn": replaceString(&changed.DestinationARN), "format": replaceString(&changed.Format)}
	})
	if err != nil || st.AccessLog == nil {
		return err
	}
	return s.checkLogging()
}

// deleteStage removes the stage, and removes it from the usage plans.
func (s *Service) deleteStage(in *ref) (any, error) {
	a, st, err := s.stage(in)
	if err != nil {
		return nil, err
	}
	delete(a.stages, st.StageName)
	for _, p := range s.plans {
		p.APIStages = slices.DeleteFunc(slices.Clone(p.APIStages), isStage(a.ID, st.StageName))
	}
	return nil, nil
}
