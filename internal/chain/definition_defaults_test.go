// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestSilentDefinition(t *testing.T) {
	t.Parallel()
	d := nightly()
	d.Timezone = ""
	location, err := d.Location()
	if err != nil || location.String() != "UTC" || d.History() != 30*24*time.Hour {
		t.Errorf("%v, %v, %s", location, err, d.History())
	}
	transform := d.Steps["transform"]
	if !transform.IsJoin() || transform.WaitsFor() != chain.WaitForAll || transform.StartsPerHour() != 20 || transform.Retry.Attempts() != 1 ||
		transform.Retry.Wait(2) != 0 || transform.Retry.Covers("FAILED") {
		t.Errorf("a step that says nothing: %+v", transform)
	}
	if d.Steps["dashboard"].IsJoin() || d.Steps["extract_hr"].IsJoin() {
		t.Error("a step joins with one upstream or none")
	}
}

func TestSpokenDefinition(t *testing.T) {
	t.Parallel()
	d := durable()
	location, err := d.Location()
	if err != nil || location.String() != "Europe/Berlin" || d.History() != 90*24*time.Hour {
		t.Errorf("%v, %v, %s", location, err, d.History())
	}
	if d.Steps["publish"].IsJoin() || d.Steps["publish"].WaitsFor() != chain.WaitForAny || !d.Steps["transform"].IsJoin() {
		t.Error("the joins are not those of the definition")
	}
}

func TestRetryWait(t *testing.T) {
	t.Parallel()
	steady := &chain.Retry{MaxAttempts: 10, Interval: chain.Duration(time.Hour), BackoffRate: 1}
	growing := &chain.Retry{MaxAttempts: 4, Interval: chain.Duration(10 * time.Minute), BackoffRate: 1.5}
	for _, test := range []struct {
		retry   *chain.Retry
		attempt int
		want    time.Duration
	}{
		{&chain.Retry{MaxAttempts: 3}, 1, 0},
		{&chain.Retry{MaxAttempts: 3}, 2, time.Minute},
		{&chain.Retry{MaxAttempts: 3}, 3, 2 * time.Minute},
		{&chain.Retry{MaxAttempts: 10}, 10, 256 * time.Minute},
		{steady, 2, time.Hour}, {steady, 10, time.Hour},
		{growing, 2, 10 * time.Minute}, {growing, 3, 15 * time.Minute}, {growing, 4, 22*time.Minute + 30*time.Second},
		{growing, 100, time.Duration(chain.MaxInterval)}, {growing, 1 << 30, time.Duration(chain.MaxInterval)},
	} {
		if got := test.retry.Wait(test.attempt); got != test.want {
			t.Errorf("%+v waits %s before attempt %d, want %s", *test.retry, got, test.attempt, test.want)
		}
	}
}

func TestRetryCovers(t *testing.T) {
	t.Parallel()
	all, failed, limit := &chain.Retry{MaxAttempts: 2}, &chain.Retry{RetryOn: []chain.RetryOn{"failed"}},
		&chain.Retry{RetryOn: []chain.RetryOn{"exceeded_limit"}}
	for status, want := range map[string][3]bool{
		"FAILED": {true, true, false}, "EXCEEDED_LIMIT": {true, false, true}, "CANCELED": {}, "SUCCEEDED": {}, "": {},
	} {
		if got := [3]bool{all.Covers(status), failed.Covers(status), limit.Covers(status)}; got != want {
			t.Errorf("%s: %v, want %v", status, got, want)
		}
	}
}
