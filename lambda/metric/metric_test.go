// SPDX-License-Identifier: MPL-2.0

package metric_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/metric"
)

// document is a line in the embedded metric format, as far as the specification says what must be in it.
type document struct {
	AWS struct {
		Timestamp         json.Number
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// line writes a log line with the values.
func line(t *testing.T, v *metric.Values) (members map[string]json.RawMessage, d document) {
	t.Helper()
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil)).With(chain.MetricDimension, "nightly")
	log.LogAttrs(t.Context(), slog.LevelInfo, "event", v.Attrs(time.UnixMilli(1_790_000_000_123))...)
	if err := json.Unmarshal(b.Bytes(), &members); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return members, d
}

// TestTheFormat holds a line against the rules of the specification's JSON schema.
func TestTheFormat(t *testing.T) {
	t.Parallel()
	var v metric.Values
	v.Count(chain.MetricStarted, 3)
	v.Count(chain.MetricFailed, 0)
	v.Took(chain.MetricEventToStart, 1500*time.Millisecond)
	v.Took(chain.MetricEventToStart, -time.Second)
	members, d := line(t, &v)
	if d.AWS.Timestamp != "1790000000123" || len(d.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("the line says %+v", d.AWS)
	}
	directive := d.AWS.CloudWatchMetrics[0]
	if directive.Namespace != "QlikTaskChain" || len(directive.Dimensions) != 1 {
		t.Errorf("the directive is %+v", directive)
	}
	for _, set := range directive.Dimensions {
		if len(set) > 30 {
			t.Errorf("there are %d dimensions, and 30 are possible", len(set))
		}
		for _, name := range set {
			var text string
			if err := json.Unmarshal(members[name], &text); err != nil || text == "" || len(text) > 1024 {
				t.Errorf("the dimension %s is %s", name, members[name])
			}
		}
	}
	units := map[string]string{}
	for _, m := range directive.Metrics {
		units[m.Name] = m.Unit
	}
	if want := map[string]string{"ReloadsStarted": "Count", "EventToStart": "Milliseconds"}; !maps.Equal(units, want) {
		t.Errorf("the metrics are %v, want %v", units, want)
	}
	if string(members["ReloadsStarted"]) != "3" || string(members["EventToStart"]) != "[1500,0]" || members["StepsFailed"] != nil {
		t.Errorf("the values are %s, %s, %s", members["ReloadsStarted"], members["EventToStart"], members["StepsFailed"])
	}
}

func TestNoValueNoMetric(t *testing.T) {
	t.Parallel()
	var v metric.Values
	v.Count(chain.MetricStarted, 0)
	if members, _ := line(t, &v); members["_aws"] != nil {
		t.Errorf("the line has %v", slices.Sorted(maps.Keys(members)))
	}
}

// TestManyValues: a line may have 100 values of a metric.
func TestManyValues(t *testing.T) {
	t.Parallel()
	var v metric.Values
	for range 150 {
		v.Took(chain.MetricEventToStart, time.Second)
	}
	members, _ := line(t, &v)
	var values []float64
	if err := json.Unmarshal(members["EventToStart"], &values); err != nil || len(values) != 100 {
		t.Errorf("there are %d values, %v", len(values), err)
	}
}
