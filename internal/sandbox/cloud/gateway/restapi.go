// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"slices"
)

// restAPI is one REST API. Its exported fields are in the API's format.
type restAPI struct {
	ID                        string                `json:"id"`
	Name                      string                `json:"name"`
	Description               string                `json:"description,omitempty"`
	CreatedDate               int64                 `json:"createdDate"`
	BinaryMediaTypes          []string              `json:"binaryMediaTypes,omitempty"`
	APIKeySource              string                `json:"apiKeySource"`
	EndpointConfiguration     endpointConfiguration `json:"endpointConfiguration"`
	Tags                      map[string]string     `json:"tags,omitempty"`
	DisableExecuteAPIEndpoint bool                  `json:"disableExecuteApiEndpoint"`
	RootResourceID            string                `json:"rootResourceId"`
	APIStatus                 string                `json:"apiStatus"`
	Policy                    resourcePolicy        `json:"policy,omitzero"`
	// bytes; nil means no compression. The sandbox never compresses
	MinimumCompressionSize *int `json:"minimumCompressionSize,omitempty"`

	resources   map[string]*resource
	deployments map[string]*deployment
	stages      map[string]*stage
}

func (s *Service) apiByID(id string) (*restAPI, error) {
	if a := s.apis[id]; a != nil {
		return a, nil
	}
	return nil, notFound("Invalid API identifier specified %s:%s", s.config.Account.ID, id)
}

// api returns the REST API that a request names.
func (s *Service) api(in *ref) (*restAPI, error) { return s.apiByID(in.RestAPIID) }

type createAPIInput struct {
	newTags
	Name, Description, APIKeySource string
	EndpointConfiguration           *endpointConfiguration
}

func (s *Service) createRestAPI(in *createAPIInput) (any, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	a := &restAPI{
		ID: newID(10), Name: in.Name, Description: in.Description, CreatedDate: s.now(), APIKeySource: cmp.Or(in.APIKeySource, "HEADER"),
		EndpointConfiguration: endpointConfiguration{Types: []string{"EDGE"}, IPAddressType: "ipv4"}, Tags: in.Tags,
		RootResourceID: newID(10), APIStatus: "AVAILABLE",
		resources: map[string]*resource{}, deployments: map[string]*deployment{}, stages: map[string]*stage{},
	}
	if e := in.EndpointConfiguration; e != nil {
		a.EndpointConfiguration = *e
		a.EndpointConfiguration.IPAddressType = cmp.Or(e.IPAddressType, "ipv4")
	}
	if err := a.validate(); err != nil {
		return nil, err
	}
	a.resources[a.RootResourceID] = &resource{ID: a.RootResourceID, Path: "/", methods: map[string]*method{}}
	s.apis[a.ID] = a
	return a, nil
}

func (a *restAPI) validate() error {
	if err := a.EndpointConfiguration.validate(); err != nil {
		return err
	}
	switch {
	case a.APIKeySource != "HEADER":
		return badRequest("The sandbox reads API keys from the header alone: apiKeySource must be HEADER.")
	case a.Name == "":
		return badRequest("API name is required")
	case a.MinimumCompressionSize != nil && (*a.MinimumCompressionSize < 0 || *a.MinimumCompressionSize > maxBody):
		return badRequest("Invalid minimum compression size, must be between 0 and %d", maxBody)
	}
	return nil
}

func (s *Service) getRestAPIs(in *pageInput) (any, error) {
	return page(in, slices.SortedFunc(maps.Values(s.apis), func(a, b *restAPI) int { return cmp.Compare(a.ID, b.ID) }))
}

func (s *Service) getRestAPI(in *ref) (any, error) { return s.api(in) }

type updateAPIInput struct{ updateInput }

func (in *updateAPIInput) permission() string {
	if !slices.ContainsFunc(in.PatchOperations, func(op patchOperation) bool { return op.Path == "/policy" }) {
		return ""
	}
	return policyAction
}

func (s *Service) updateRestAPI(in *updateAPIInput) (any, error) {
	a, err := s.api(&in.ref)
	return a, change(a, err, &in.updateInput, func(changed *restAPI) patches {
		return patches{
			"name": replaceString(&changed.Name), "description": replaceString(&changed.Description),
			"apiKeySource": replaceString(&changed.APIKeySource), "binaryMediaTypes": elements(&changed.BinaryMediaTypes),
			"disableExecuteApiEndpoint": replaceBool(&changed.DisableExecuteAPIEndpoint),
			"policy":                    replace(func(text string) error { return s.setPolicy(changed, text) }),
			"minimumCompressionSize":    replaceOptionalInt(&changed.MinimumCompressionSize),
			"endpointConfiguration":     changed.EndpointConfiguration.patch,
		}
	}, (*restAPI).validate)
}

// deleteRestAPI removes the API with all its parts. A usage plan loses the API's stages.
func (s *Service) deleteRestAPI(in *ref) (any, error) {
	a, err := s.api(in)
	if err != nil {
		return nil, err
	}
	delete(s.apis, a.ID)
	for _, p := range s.plans {
		p.APIStages = slices.DeleteFunc(slices.Clone(p.APIStages), func(st apiStage) bool { return st.APIID == a.ID })
	}
	return nil, nil
}
