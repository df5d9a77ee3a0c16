// SPDX-License-Identifier: MPL-2.0

package cloudwatch

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// datum is one value of a metric.
type datum struct {
	at    time.Time
	value float64
}

// metricKey returns the key of a metric: the namespace, the name, and the dimensions sorted by name.
func metricKey(namespace, name string, dimensions []dimension) string {
	parts := []string{namespace, name}
	dimensions = slices.Clone(dimensions)
	slices.SortFunc(dimensions, func(a, b dimension) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range dimensions {
		parts = append(parts, d.Name+"="+d.Value)
	}
	return strings.Join(parts, "\x00")
}

// embedded is the member _aws of a line in the embedded metric format.
type embedded struct {
	Timestamp         int64
	CloudWatchMetrics []struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []struct{ Name, Unit string }
	}
}

// Ingest stores the metrics in a log line. A line that is not in the embedded metric format has none. Like CloudWatch, it ignores a line
// that breaks the format's rules. Source: CloudWatch User Guide, "Specification: Embedded metric format".
func (s *Service) Ingest(line string) {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(line), &members) != nil || members["_aws"] == nil {
		return
	}
	var metadata embedded
	if json.Unmarshal(members["_aws"], &metadata) != nil || metadata.Timestamp == 0 {
		return
	}
	taken := map[string][]datum{}
	at := time.UnixMilli(metadata.Timestamp)
	for _, directive := range metadata.CloudWatchMetrics {
		for _, set := range directive.Dimensions {
			dimensions := make([]dimension, len(set))
			for i, name := range set {
				var value string
				if json.Unmarshal(members[name], &value) != nil || value == "" {
					return
				}
				dimensions[i] = dimension{name, value}
			}
			for _, m := range directive.Metrics {
				values, ok := numbers(members[m.Name])
				if !ok {
					return
				}
				key := metricKey(directive.Namespace, m.Name, dimensions)
				for _, value := range values {
					taken[key] = append(taken[key], datum{at, value})
				}
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, data := range taken {
		s.metrics[key] = append(s.metrics[key], data...)
	}
}

// numbers parses a number, or a list of at most 100 numbers.
func numbers(text json.RawMessage) (values []float64, ok bool) {
	var one float64
	if json.Unmarshal(text, &one) == nil {
		return []float64{one}, true
	}
	err := json.Unmarshal(text, &values)
	return values, err == nil && len(values) <= 100
}

// Metrics returns the sums of all metrics of a namespace with only this dimension, by name.
func (s *Service) Metrics(namespace, dimensionName, value string) map[string]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := map[string]float64{}
	for _, key := range slices.Sorted(maps.Keys(s.metrics)) {
		parts := strings.Split(key, "\x00")
		if len(parts) != 3 || parts[0] != namespace || parts[2] != dimensionName+"="+value {
			continue
		}
		for _, d := range s.metrics[key] {
			sums[parts[1]] += d.value
		}
	}
	return sums
}
