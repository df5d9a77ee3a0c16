// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"slices"
)

// deployment is a snapshot of an API. Stages serve deployments.
type deployment struct {
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	CreatedDate int64  `json:"createdDate"`

	resources        []*resource
	binaryMediaTypes []string
	private          bool // the API's endpoint type takes effect with a deployment
	policy           resourcePolicy
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

func (s *Service) deployment(in *ref) (*restAPI, *deployment, error) {
	a, err := s.api(in)
	if err != nil {
		return nil, nil, err
	}
	d, err := a.deploymentByID(in.DeploymentID)
	return a, d, err
}

type createDeploymentInput struct{ RestAPIID, StageName, Description string }

// createDeployment deploys the API. With a stage's name, it also moves or creates that stage.
func (s *Service) createDeployment(in *createDeploymentInput) (any, error) {
	a, err := s.apiByID(in.RestAPIID)
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
			if st, err = s.newStage(a, in.StageName); err != nil {
				return nil, err
			}
		}
		st.DeploymentID, st.LastUpdatedDate = d.ID, s.now()
	}
	a.deployments[d.ID] = d
	return d, nil
}

func (s *Service) getDeployments(in *pageInput) (any, error) {
	a, err := s.api(&in.ref)
	if err != nil {
		return nil, err
	}
	return page(in, slices.SortedFunc(maps.Values(a.deployments), func(a, b *deployment) int {
		return cmp.Or(cmp.Compare(a.CreatedDate, b.CreatedDate), cmp.Compare(a.ID, b.ID))
	}))
}

func (s *Service) getDeployment(in *ref) (any, error) {
	_, d, err := s.deployment(in)
	return d, err
}

func (s *Service) deleteDeployment(in *ref) (any, error) {
	a, d, err := s.deployment(in)
	if err != nil {
		return nil, err
	}
	for _, st := range a.stages {
		if st.DeploymentID == d.ID {
			return nil, badRequest("Active stages pointing to this deployment must be moved or deleted")
		}
	}
	delete(a.deployments, d.ID)
	return nil, nil
}
