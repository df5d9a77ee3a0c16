// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"strings"
)

// TemplateMatching says how a request's Content-Type finds a request template. AWS documents that the header's value is the key
// (https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html, requestTemplates), and not what becomes of parameters and of the
// letters' case.
type TemplateMatching int

// The readings of that sentence, the strictest first. An API that works under each of them works on AWS.
const (
	MatchHeader    TemplateMatching = iota // the whole header, letter by letter
	MatchAnyCase                           // the whole header, in any case
	MatchMediaType                         // the header without its parameters, letter by letter
)

// TemplateMatchings are all of them.
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

// MatchTemplates changes how templates are found, for the requests from now on.
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
