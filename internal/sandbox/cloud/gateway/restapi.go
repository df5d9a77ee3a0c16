// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// restAPI is one REST API. Its exported fields are what the API answers.
type restAPI struct {
	ID                        string                `json:"id"`
	Name                      string                `json:"name"`
	Description               string                `json:"description,omitempty"`
	Version                   string                `json:"version,omitempty"`
	CreatedDate               int64                 `json:"createdDate"`
	BinaryMediaTypes          []string              `json:"binaryMediaTypes,omitempty"`
	APIKeySource              string                `json:"apiKeySource"`
	EndpointConfiguration     endpointConfiguration `json:"endpointConfiguration"`
	Tags                      map[string]string     `json:"tags,omitempty"`
	DisableExecuteAPIEndpoint bool                  `json:"disableExecuteApiEndpoint"`
	RootResourceID            string                `json:"rootResourceId"`
	APIStatus                 string                `json:"apiStatus"`
	Policy                    resourcePolicy        `json:"policy,omitzero"`
	MinimumCompressionSize    *int                  `json:"minimumCompressionSize,omitempty"` // bytes; nil: nothing is compressed. The sandbox compresses nothing
	SecurityPolicy            string                `json:"securityPolicy,omitempty"`
	EndpointAccessMode        string                `json:"endpointAccessMode,omitempty"`

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

// api returns the REST API in the call's path.
func (s *Service) api(call *wire.RESTCall) (*restAPI, error) {
	return s.apiByID(call.Params["restapi_id"])
}

func (s *Service) createRestAPI(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		Name                      string                 `json:"name"`
		Description               string                 `json:"description"`
		Version                   string                 `json:"version"`
		BinaryMediaTypes          []string               `json:"binaryMediaTypes"`
		APIKeySource              string                 `json:"apiKeySource"`
		EndpointConfiguration     *endpointConfiguration `json:"endpointConfiguration"`
		Tags                      map[string]string      `json:"tags"`
		DisableExecuteAPIEndpoint bool                   `json:"disableExecuteApiEndpoint"`
		Policy                    string                 `json:"policy"`
		MinimumCompressionSize    *int                   `json:"minimumCompressionSize"`
		SecurityPolicy            string                 `json:"securityPolicy"`
		EndpointAccessMode        string                 `json:"endpointAccessMode"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, badRequest("API name is required")
	}
	if err := checkTags(nil, in.Tags); err != nil {
		return nil, err
	}
	a := &restAPI{
		ID: newID(10), Name: in.Name, Description: in.Description, Version: in.Version, CreatedDate: s.now(),
		BinaryMediaTypes: in.BinaryMediaTypes, APIKeySource: cmp.Or(in.APIKeySource, "HEADER"),
		EndpointConfiguration: endpointConfiguration{Types: []string{"EDGE"}, IPAddressType: "ipv4"}, Tags: in.Tags,
		DisableExecuteAPIEndpoint: in.DisableExecuteAPIEndpoint, RootResourceID: newID(10), APIStatus: "AVAILABLE",
		MinimumCompressionSize: in.MinimumCompressionSize, SecurityPolicy: in.SecurityPolicy, EndpointAccessMode: in.EndpointAccessMode,
		resources: map[string]*resource{}, deployments: map[string]*deployment{}, stages: map[string]*stage{},
	}
	if e := in.EndpointConfiguration; e != nil {
		a.EndpointConfiguration = *e
		a.EndpointConfiguration.IPAddressType = cmp.Or(e.IPAddressType, "ipv4")
	}
	if err := s.setPolicy(a, in.Policy); err != nil {
		return nil, err
	}
	if err := a.validate(); err != nil {
		return nil, err
	}
	a.resources[a.RootResourceID] = &resource{ID: a.RootResourceID, Path: "/", methods: map[string]*method{}}
	s.apis[a.ID] = a
	return answer(http.StatusCreated, a)
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

func (s *Service) getRestAPIs(call *wire.RESTCall) (*wire.Response, error) {
	all := slices.SortedFunc(maps.Values(s.apis), func(a, b *restAPI) int { return cmp.Compare(a.ID, b.ID) })
	found, err := page(call, all)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, found)
}

func (s *Service) getRestAPI(call *wire.RESTCall) (*wire.Response, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, a)
}

func (s *Service) updateRestAPI(call *wire.RESTCall) (*wire.Response, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	changed := *a
	err = patches{
		"name": replaceString(&changed.Name), "description": replaceString(&changed.Description), "version": replaceString(&changed.Version),
		"apiKeySource": replaceString(&changed.APIKeySource), "binaryMediaTypes": elements(&changed.BinaryMediaTypes),
		"disableExecuteApiEndpoint": replaceBool(&changed.DisableExecuteAPIEndpoint),
		"policy":                    replace(func(text string) error { return s.setPolicy(&changed, text) }),
		"minimumCompressionSize":    replaceOptionalInt(&changed.MinimumCompressionSize),
		"endpointConfiguration":     changed.EndpointConfiguration.patch,
		"securityPolicy":            replaceString(&changed.SecurityPolicy), "endpointAccessMode": replaceString(&changed.EndpointAccessMode),
	}.apply(call)
	if err == nil {
		err = changed.validate()
	}
	if err != nil {
		return nil, err
	}
	*a = changed
	return answer(http.StatusOK, a)
}

// deleteRestAPI removes the API with all its parts. A usage plan loses the API's stages.
func (s *Service) deleteRestAPI(call *wire.RESTCall) (*wire.Response, error) {
	a, err := s.api(call)
	if err != nil {
		return nil, err
	}
	delete(s.apis, a.ID)
	for _, p := range s.plans {
		p.APIStages = slices.DeleteFunc(slices.Clone(p.APIStages), func(st apiStage) bool { return st.APIID == a.ID })
	}
	return done(http.StatusAccepted)
}
