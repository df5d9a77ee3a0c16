// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"slices"
)

// streamSpecification is a table's stream in the API's format.
type streamSpecification struct {
	StreamEnabled  bool
	StreamViewType string `json:",omitempty"`
}

// stream is the log of a table's changes. The sandbox stores and returns its settings, but it cannot be read.
type stream struct {
	view    string
	label   string // the time at which it was enabled
	enabled bool   // a disabled stream can still be read for a day: it keeps its ARN
}

// setStream enables or disables the stream. Source: UpdateTable, "StreamSpecification": both are refused if the stream already has that
// state.
func (s *Service) setStream(t *table, in *streamSpecification) error {
	views := []string{"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"}
	enabled := t.stream != nil && t.stream.enabled
	switch {
	case in.StreamEnabled && enabled:
		return validation("Table already has an enabled stream: TableName: %s", t.name)
	case !in.StreamEnabled && !enabled:
		return validation("Table has no stream to disable: TableName: %s", t.name)
	case !in.StreamEnabled:
		t.stream = &stream{view: t.stream.view, label: t.stream.label}
	case !slices.Contains(views, in.StreamViewType):
		return constraint(in.StreamViewType, "streamSpecification.streamViewType",
			"Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]")
	default:
		t.stream = &stream{view: in.StreamViewType, label: s.config.Now().UTC().Format("2006-01-02T15:04:05.000"), enabled: true}
	}
	return nil
}

type streamDescription struct {
	StreamSpecification *streamSpecification `json:",omitempty"`
	LatestStreamArn     string               `json:",omitempty"`
	LatestStreamLabel   string               `json:",omitempty"`
}

func (s *Service) describeStream(t *table) streamDescription {
	if t.stream == nil {
		return streamDescription{}
	}
	d := streamDescription{LatestStreamArn: s.arn(t.name) + "/stream/" + t.stream.label, LatestStreamLabel: t.stream.label}
	if t.stream.enabled {
		d.StreamSpecification = &streamSpecification{true, t.stream.view}
	}
	return d
}
