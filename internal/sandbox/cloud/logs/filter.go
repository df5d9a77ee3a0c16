// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type filterInput struct {
	Group        string   `json:"logGroupName"`
	Identifier   string   `json:"logGroupIdentifier"`
	Streams      []string `json:"logStreamNames"`
	StreamPrefix string   `json:"logStreamNamePrefix"`
	StartTime    *int64   `json:"startTime"`
	EndTime      *int64   `json:"endTime"`
	Pattern      string   `json:"filterPattern"`
	NextToken    string   `json:"nextToken"`
	Limit        *int     `json:"limit"`
	Interleaved  bool     `json:"interleaved"` // ignored by AWS too: events are always interleaved
}

type filterOutput struct {
	Events          []filteredEvent `json:"events"`
	SearchedStreams []struct{}      `json:"searchedLogStreams"` // always empty, as AWS's
	NextToken       string          `json:"nextToken,omitempty"`
}

type filteredEvent struct {
	EventID   string `json:"eventId"`
	Stream    string `json:"logStreamName"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
	Ingestion int64  `json:"ingestionTime"`
}

func (s *Service) filterLogEvents(_ *wire.Request, in *filterInput) ([]string, func() (any, error)) {
	name := groupName(in.Group, in.Identifier)
	return s.on(name, ""), s.withGroup(name, func(g *group) (any, error) {
		if len(in.Streams) > 0 && in.StreamPrefix != "" {
			return nil, invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
		}
		pattern, err := parsePattern(in.Pattern)
		if err != nil {
			return nil, err
		}
		size, err := limit(in.Limit, maxEvents, maxEvents)
		if err != nil {
			return nil, err
		}
		for _, stream := range in.Streams {
			if _, err := g.stream(stream); err != nil {
				return nil, err
			}
		}
		part, next, err := page(in.search(g, pattern), in.NextToken, size)
		return filterOutput{Events: part, SearchedStreams: []struct{}{}, NextToken: next}, err
	})
}

// search returns the matching events of all streams that are asked for, by time, and by arrival where the time is the same.
func (in *filterInput) search(g *group, pattern pattern) []filteredEvent {
	all := []filteredEvent{}
	for name, st := range g.streams {
		if len(in.Streams) > 0 && !slices.Contains(in.Streams, name) || !strings.HasPrefix(name, in.StreamPrefix) {
			continue
		}
		for _, e := range between(st.events, in.StartTime, in.EndTime) {
			if pattern.match(e.message) {
				all = append(all, filteredEvent{
					EventID: fmt.Sprintf("%056d", e.sequence), Stream: name, Timestamp: e.timestamp, Message: e.message, Ingestion: e.ingested,
				})
			}
		}
	}
	slices.SortFunc(all, func(a, b filteredEvent) int {
		return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.EventID, b.EventID))
	})
	return all
}

// pattern is a filter pattern of plain terms. A message matches when it contains every required term, none of the excluded
// ones, and, where there are optional ones, one of them. Upper and lower case differ.
// Source: CloudWatch Logs User Guide, "Filter pattern syntax".
type pattern struct {
	required, excluded, optional []string
}

// term is one term of a pattern: a word, or a phrase in quotes, after - when excluded and ? when optional.
var term = regexp.MustCompile(`^\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)`)

// parsePattern reads plain terms. Patterns over JSON ({…}), over fields ([…]) and regular expressions (%…%) are refused.
func parsePattern(text string) (pattern, error) {
	var p pattern
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "%") {
		return p, invalid("The sandbox supports filter patterns of plain terms only: %s", text)
	}
	for trimmed != "" {
		m := term.FindStringSubmatch(trimmed)
		if m == nil {
			return p, invalid("Invalid filter pattern: %s", text)
		}
		trimmed = trimmed[len(m[0]):]
		word := strings.ReplaceAll(strings.ReplaceAll(m[2], `\"`, `"`), `\\`, `\`) + m[3]
		switch m[1] {
		case "-":
			p.excluded = append(p.excluded, word)
		case "?":
			p.optional = append(p.optional, word)
		default:
			p.required = append(p.required, word)
		}
	}
	return p, nil
}

func (p *pattern) match(message string) bool {
	in := func(word string) bool { return strings.Contains(message, word) }
	for _, word := range p.required {
		if !in(word) {
			return false
		}
	}
	return !slices.ContainsFunc(p.excluded, in) && (len(p.optional) == 0 || slices.ContainsFunc(p.optional, in))
}
