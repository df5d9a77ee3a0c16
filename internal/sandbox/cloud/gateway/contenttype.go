// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"strings"
)

// TemplateMatching defines how a request's Content-Type selects a request template. AWS documents that the header's value is the key
// (https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html, requestTemplates). It does not document the handling of
// parameters and case.
type TemplateMatching int

// The interpretations of that sentence, the strictest first. An API that works with each of them works on AWS.
const (
	MatchHeader    TemplateMatching = iota // the whole header, letter by letter
	MatchAnyCase                           // the whole header, in any case
	MatchMediaType                         // the header without its parameters, letter by letter
)

// TemplateMatchings are all values of TemplateMatching.
var TemplateMatchings = []TemplateMatching{MatchHeader, MatchAnyCase, MatchMediaType}

func (m TemplateMatching) String() string {
	return []string{"whole header", "whole header in any case", "media type"}[m]
}

// find returns the template for a Content-Type. Without one API Gateway assumes application/json
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html).
func (m TemplateMatching) find(templates map[string]string, contentType string) (text string, there bool) {
	contentType = cmp.Or(contentType, "application/json")
	if m == MatchMediaType {
		media, _, _ := strings.Cut(contentType, ";")
		contentType = strings.TrimSpace(media)
	}
	if m != MatchAnyCase {
		text, there = templates[contentType]
		return text, there
	}
	for key, text := range templates {
		if strings.EqualFold(key, contentType) {
			return text, true
		}
	}
	return "", false
}

// MatchTemplates changes how later requests select templates.
func (s *Service) MatchTemplates(by TemplateMatching) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.TemplateMatching = by
}

func (s *Service) templateMatching() TemplateMatching {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config.TemplateMatching
}
