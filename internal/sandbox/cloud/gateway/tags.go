// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"maps"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// checkTags applies the rules for tags to those of a new object.
func checkTags(add map[string]string) error {
	if problem := wire.CheckTags(nil, wire.Tags(add).List()); problem != "" {
		return badRequest("%s", problem)
	}
	return nil
}

type tagInput struct {
	ResourceArn string
	Tags        wire.Tags
	TagKeys     []string
}

// tagged returns the tags of the object that a request's ARN names.
func (s *Service) tagged(in *tagInput) (*map[string]string, error) {
	path, _ := strings.CutPrefix(in.ResourceArn, s.arn("/"))
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "restapis":
		a, err := s.apiByID(parts[1])
		return tagsOf(a, err, func(a *restAPI) *map[string]string { return &a.Tags })
	case len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		_, st, err := s.stage(&ref{RestAPIID: parts[1], StageName: parts[3]})
		return tagsOf(st, err, func(st *stage) *map[string]string { return &st.Tags })
	case len(parts) == 2 && parts[0] == "apikeys":
		k, err := s.keyByID(parts[1])
		return tagsOf(k, err, func(k *apiKey) *map[string]string { return &k.Tags })
	case len(parts) == 2 && parts[0] == "usageplans":
		p, err := s.planByID(parts[1])
		return tagsOf(p, err, func(p *usagePlan) *map[string]string { return &p.Tags })
	}
	return nil, badRequest("Invalid ARN specified in the request: %s", in.ResourceArn)
}

func tagsOf[T any](object *T, err error, tags func(*T) *map[string]string) (*map[string]string, error) {
	if err != nil {
		return nil, err
	}
	return tags(object), nil
}

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(in *tagInput) (any, error) {
	tags, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	changed := wire.Tags{}
	maps.Copy(changed, *tags)
	err = changed.Change(in.Tags.List(), in.TagKeys, badRequest)
	*tags = changed
	return nil, err
}
