// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// resource is one path of a REST API.
type resource struct {
	ID       string
	ParentID string
	PathPart string
	Path     string
	methods  map[string]*method
}

// resourceView is a resource in the API's format. Without embed=methods it has only the names of the methods.
type resourceView struct {
	ID              string         `json:"id"`
	ParentID        string         `json:"parentId,omitempty"`
	PathPart        string         `json:"pathPart,omitempty"`
	Path            string         `json:"path"`
	ResourceMethods map[string]any `json:"resourceMethods,omitempty"`
}

func (r *resource) view(embed []string) resourceView {
	v := resourceView{ID: r.ID, ParentID: r.ParentID, PathPart: r.PathPart, Path: r.Path, ResourceMethods: map[string]any{}}
	for name, m := range r.methods {
		v.ResourceMethods[name] = struct{}{}
		if slices.Contains(embed, "methods") {
			v.ResourceMethods[name] = m
		}
	}
	return v
}

func (a *restAPI) resourceByID(id string) (*resource, error) {
	if r := a.resources[id]; r != nil {
		return r, nil
	}
	return nil, notFound("Invalid Resource identifier specified")
}

// resource returns the REST API and the resource that a request names.
func (s *Service) resource(in *ref) (*restAPI, *resource, error) {
	a, err := s.api(in)
	if err != nil {
		return nil, nil, err
	}
	r, err := a.resourceByID(in.ResourceID)
	return a, r, err
}

var pathPart = regexp.MustCompile(`^([a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._:-]+\+?\})$`)

type createResourceInput struct {
	ref
	ParentID, PathPart string
}

func (s *Service) createResource(in *createResourceInput) (any, error) {
	a, parent, err := s.resource(&ref{RestAPIID: in.RestAPIID, ResourceID: in.ParentID})
	if err != nil {
		return nil, err
	}
	if !pathPart.MatchString(in.PathPart) {
		return nil, badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the " +
			"beginning and the end.")
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return nil, badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, sibling := range a.resources {
		switch {
		case sibling.ParentID != parent.ID:
		case sibling.PathPart == in.PathPart:
			return nil, conflict("Another resource with the same parent already has this name: %s", in.PathPart)
		case sibling.PathPart[0] == '{' && in.PathPart[0] == '{':
			return nil, badRequest("A sibling (%s) of this resource already has a variable path part -- only one unique variable path part is "+
				"allowed",
				sibling.PathPart)
		}
	}
	r := &resource{
		ID: newID(6), ParentID: parent.ID, PathPart: in.PathPart, Path: strings.TrimSuffix(parent.Path, "/") + "/" + in.PathPart,
		methods: map[string]*method{},
	}
	a.resources[r.ID] = r
	return r.view(nil), nil
}

type getResourcesInput struct {
	pageInput
	Embed []string
}

func (s *Service) getResources(in *getResourcesInput) (any, error) {
	a, err := s.api(&in.ref)
	if err != nil {
		return nil, err
	}
	var views []resourceView
	for _, r := range slices.SortedFunc(maps.Values(a.resources), func(a, b *resource) int { return cmp.Compare(a.Path, b.Path) }) {
		views = append(views, r.view(in.Embed))
	}
	return page(&in.pageInput, views)
}

func (s *Service) getResource(in *ref) (any, error) {
	_, r, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	return r.view(nil), nil
}

// deleteResource removes the resource and everything below it.
func (s *Service) deleteResource(in *ref) (any, error) {
	a, r, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	if r.ParentID == "" {
		return nil, badRequest("Root resource cannot be deleted")
	}
	for id, other := range a.resources {
		if id == r.ID || strings.HasPrefix(other.Path, r.Path+"/") {
			delete(a.resources, id)
		}
	}
	return nil, nil
}
