// SPDX-License-Identifier: MPL-2.0

// Package metric puts CloudWatch metrics into log lines. CloudWatch Logs takes them out of a line in the embedded metric format, so they
// cost neither a call nor a right
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
package metric

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// maxValues is how many values of one metric a line may have.
const maxValues = 100

// Values holds what a log line adds to the metrics. The zero value is ready to use.
type Values struct {
	values map[chain.Metric][]float64
}

// Count adds n to a counter. It does not write zero: a metric costs in the hours in which it has a value.
func (v *Values) Count(name chain.Metric, n int) {
	if n > 0 {
		v.add(name, float64(n))
	}
}

// Took adds a duration.
func (v *Values) Took(name chain.Metric, d time.Duration) {
	v.add(name, float64(max(0, d).Milliseconds()))
}

func (v *Values) add(name chain.Metric, value float64) {
	if v.values == nil {
		v.values = map[chain.Metric][]float64{}
	}
	if len(v.values[name]) < maxValues {
		v.values[name] = append(v.values[name], value)
	}
}

// metadata is the member _aws.
type metadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string // names of members of the line
	Metrics    []definition
}

type definition struct {
	Name chain.Metric // of a member of the line
	Unit string
}

// Attrs returns the members that put the metrics into a log line, or none without a value. The line must also have the member
// chain.MetricDimension.
func (v *Values) Attrs(now time.Time) []slog.Attr {
	if len(v.values) == 0 {
		return nil
	}
	d := directive{Namespace: chain.MetricNamespace, Dimensions: [][]string{{chain.MetricDimension}}}
	var attrs []slog.Attr
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		unit := "Count"
		if name == chain.MetricEventToStart || name == chain.MetricRunDuration {
			unit = "Milliseconds"
		}
		d.Metrics = append(d.Metrics, definition{Name: name, Unit: unit})
		if values := v.values[name]; len(values) == 1 {
			attrs = append(attrs, slog.Float64(string(name), values[0]))
		} else {
			attrs = append(attrs, slog.Any(string(name), values))
		}
	}
	return append(attrs, slog.Any("_aws", metadata{Timestamp: now.UnixMilli(), CloudWatchMetrics: []directive{d}}))
}
