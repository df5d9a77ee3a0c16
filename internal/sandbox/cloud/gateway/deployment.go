// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// deployment is an API as it was at one moment. Stages serve deployments.
type deployment struct {
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	CreatedDate int64  `json:"createdDate"`

	resources        []*resource
	binaryMediaTypes []string
	private          bool // the API's endpoint type takes effect with a deployment
	policy           resourcePolicy
}

type methodSummary struct {
	AuthorizationType string `json:"authorizationType"`
	APIKeyRequired    bool   `json:"apiKeyRequired"`
}

// deploymentView is a deployment as the API answers it, with the summary when embed=apisummary asks for it.
type deploymentView struct {
	*deployment
	APISummary map[string]map[string]methodSummary `json:"apiSummary,omitempty"`
}

func (d *deployment) view(call *wire.RESTCall) deploymentView {
	v := deploymentView{deployment: d}
	if !slices.Contains(call.Query["embed"], "apisummary") {
		return v
	}
	v.APISummary = map[string]map[string]methodSummary{}
	for _, r := range d.resources {
		for name, m := range r.methods {
			if v.APISummary[r.Path] == nil {
				v.APISummary[r.Path] = map[string]methodSummary{}
			}
			v.APISummary[r.Path][name] = methodSummary{m.AuthorizationType, m.APIKeyRequired}
		}
	}
	return v
}

// snapshot copies the API as it is. Every method needs an integration.
func (a *restAPI) snapshot() (*deployment, error) {
	d := &deployment{ID: newID(6), binaryMediaTypes: slices.Clone(a.BinaryMediaTypes), policy: a.Policy}
	d.private = a.EndpointConfiguration.private()
	methods := 0
	for _, r := range a.resources {
		copied := *r
		copied.methods = map[string]*method{}
		for name, m := range r.methods {
			if m.MethodIntegration == nil {
				return nil, badRequest("No integration defined for method")
			}
			copied.methods[name] = m.clone()
			methods++
		}
		d.resources = append(d.resources, &copied)
	}
	if methods == 0 {
		return nil, badRequest("The REST API doesn't contain any methods")
	}
	return d, nil
}

func (a *restAPI) deploymentByID(id string) (*deployment, error) {
	if d := a.deployments[id]; d != nil {
		return d, nil
	}
	return nil, notFound("Invalid Deployment identifier specified")
}

func (s *Service) deployment(call *wire.RESTCall) (*restAPI, *deployment, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, nil, err
	}
	d, err := a.deploymentByID(call.Params["deployment_id"])
	return a, d, err
}

// createDeployment deploys the API; with a stage's name, it moves or creates that stage too.
func (s *Service) createDeployment(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		StageName        string            `json:"stageName"`
		StageDescription string            `json:"stageDescription"`
		Description      string            `json:"description"`
		Variables        map[string]string `json:"variables"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	d, err := a.snapshot()
	if err != nil {
		return nil, err
	}
	d.Description, d.CreatedDate = in.Description, s.now()
	if in.StageName != "" {
		st := a.stages[in.StageName]
		if st == nil {
			if st, err = s.newStage(in.StageName, d.ID); err != nil {
				return nil, err
			}
			st.Description, st.Variables = in.StageDescription, in.Variables
			a.stages[st.StageName] = st
		}
		st.DeploymentID, st.LastUpdatedDate = d.ID, s.now()
	}
	a.deployments[d.ID] = d
	return answer(http.StatusCreated, d.view(call))
}

func (s *Service) getDeployments(call *wire.RESTCall) (*wire.Response, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	found, err := page(call, slices.SortedFunc(maps.Values(a.deployments), func(a, b *deployment) int {
		return cmp.Or(cmp.Compare(a.CreatedDate, b.CreatedDate), cmp.Compare(a.ID, b.ID))
	}))
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, found)
}

func (s *Service) getDeployment(call *wire.RESTCall) (*wire.Response, error) {
	_, d, err := s.deployment(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, d.view(call))
}

func (s *Service) updateDeployment(call *wire.RESTCall) (*wire.Response, error) {
	_, d, err := s.deployment(call)
	if err != nil {
		return nil, err
	}
	description := d.Description
	if err := (patches{"description": replaceString(&description)}).apply(call); err != nil {
		return nil, err
	}
	d.Description = description
	return answer(http.StatusOK, d.view(call))
}

func (s *Service) deleteDeployment(call *wire.RESTCall) (*wire.Response, error) {
	a, d, err := s.deployment(call)
	if err != nil {
		return nil, err
	}
	for _, st := range a.stages {
		if st.DeploymentID == d.ID {
			return nil, badRequest("Active stages pointing to this deployment must be moved or deleted")
		}
	}
	delete(a.deployments, d.ID)
	return done(http.StatusAccepted)
}
