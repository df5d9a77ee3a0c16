// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// shownTime matches a time in a table or a sentence.
var shownTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

// TestTimes checks that times of a chain are in its time zone, whatever this machine's is, with the zone's name once, and in JSON with an
// offset.
func TestTimes(t *testing.T) {
	w := newWorld(t, nil)
	d := nightly()
	d.Timezone = "Asia/Kathmandu" // no other zone of the test has its minutes
	w.deploy(d, nil)
	w.must("start", "nightly")
	w.settle()
	var page struct{ Runs []struct{ At time.Time } }
	if err := json.Unmarshal([]byte(w.must("runs", "nightly", "-o", "json")), &page); err != nil || len(page.Runs) != 1 {
		t.Fatal(page, err) // which also reads the offset
	}
	began := page.Runs[0].At
	w.must("pause", "nightly")
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	environment := append(w.environment(), "TZ=America/New_York")
	for _, tt := range []struct {
		args []string
		zone *time.Location
	}{
		{[]string{"runs", "nightly"}, zone},
		{[]string{"run", "nightly"}, zone},
		{[]string{"run", "nightly", "--wait"}, zone},
		{[]string{"runs", "nightly", "--wait"}, zone},
		{[]string{"logs", "nightly"}, zone},
		{[]string{"runs", "nightly", "--utc"}, time.UTC},
		{[]string{"run", "nightly", "--utc"}, time.UTC},
		{[]string{"logs", "nightly", "--utc"}, time.UTC},
		{[]string{"pause", "nightly"}, zone},
		{[]string{"list"}, time.UTC}, // of chains in several zones
		{[]string{"purge", "nightly", "--dry-run"}, time.UTC},
	} {
		r := w.playIn(environment, "", tt.args...)
		all := shownTime.FindAllString(r.out, -1)
		if r.code != 0 || strings.Count(r.out+r.err, tt.zone.String()) != 1 || len(all) == 0 {
			t.Errorf("%v exits with %d, and names %s not once: %s%s", tt.args, r.code, tt.zone, r.out, r.err)
		}
		for _, text := range all {
			at, err := time.ParseInLocation(time.DateTime, text, tt.zone)
			if err != nil || at.Sub(began).Abs() > 10*time.Minute {
				t.Errorf("%v shows %s, and the run began at %s (%v)", tt.args, text, began, err)
			}
		}
	}
	// A function that does not answer has a log nevertheless.
	if _, err := lambda.NewFromConfig(w.AWS()).DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{
		FunctionName: aws.String("qlik-task-chain-nightly"),
	}); err != nil {
		t.Fatal(err)
	}
	r := w.playIn(environment, "", "logs", "nightly")
	if r.code != 0 || !strings.Contains(r.err, "The chain does not answer with its time zone") || !strings.Contains(r.out, "run=") {
		t.Errorf("the log of a function that is gone: %+v", r)
	}
}
