// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const nightlyJSON = `{
  "version": 1,
  "name": "nightly",
  "timezone": "Europe/Zurich",
  "steps": {
    "archive": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000007",
      "after": {
        "transform": "success"
      },
      "enabled": false
    },
    "audit": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000006",
      "after": {
        "transform": "completion"
      }
    },
    "dashboard": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000004",
      "after": {
        "transform": "success"
      },
      "partial": true,
      "variables": {
        "day": "{\u007b{1}}}",
        "mode": "<full> & {\u007bquick}}"
      },
      "weight": 10
    },
    "extract_hr": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000002"
    },
    "extract_sales": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000001"
    },
    "fallback": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000005",
      "after": {
        "transform": "failure"
      }
    },
    "transform": {
      "app": "80c6f35f-c9d7-4488-bb5a-000000000003",
      "after": {
        "extract_hr": "success",
        "extract_sales": "success"
      }
    }
  }
}`

func TestEncode(t *testing.T) {
	t.Parallel()
	got, err := nightly().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != nightlyJSON {
		t.Errorf("Encode() = %s\nwant %s", got, nightlyJSON)
	}
}

const durableJSON = `{"version":1,"name":"durable","timezone":"Europe/Berlin","cycle":{"begins":"FRI 20:00","every":"7d"},` +
	`"schedule":{"cron":"0 2 * * ? *","except":["2026-12-25","2027-01-01"]},"overlap":"queue","max_running":5,"max_duration":{"after":"8h","on_exceeded":"cancel"},` +
	`"notify_on":["failure","success"],"history_days":90,"steps":{` +
	`"any":{"app":"80c6f35f-c9d7-4488-bb5a-000000000003","after":{"first":"success","second":"success"},"wait_for":"any"},` +
	`"first":{"app":"80c6f35f-c9d7-4488-bb5a-000000000001","schedule":{"cron":"0 5 * * ? *","timezone":"Europe/Zurich"},"retry":{"max_attempts":3,"interval":"5m","backoff_rate":1.5,"retry_on":["failed"]}},` +
	`"other":{"app":"80c6f35f-c9d7-4488-bb5a-000000000005","schedule":{"rate":"1h30m"},"max_duration":{"after":"2h"},"max_starts_per_hour":3},` +
	`"root":{"app":"80c6f35f-c9d7-4488-bb5a-000000000006"},` +
	`"second":{"app":"80c6f35f-c9d7-4488-bb5a-000000000002","after":{"first":"success"},"when":"weekday in 1..5","delay":"1h30m","retry":{"max_attempts":2}},` +
	`"third":{"app":"80c6f35f-c9d7-4488-bb5a-000000000004","after":{"first":"success","second":"success"},"wait_for":"all_started","carry_over":{"first":"35d"}}}}`

// TestEncodeDurable: every field, in one stable text.
func TestEncodeDurable(t *testing.T) {
	t.Parallel()
	second, third, anyOf := after(2, "first"), after(4, "first", "second"), after(3, "first", "second")
	second.When, second.Delay, second.Retry = "weekday in 1..5", chain.Duration(90*time.Minute), &chain.Retry{MaxAttempts: 2}
	third.WaitFor, third.CarryOver = chain.WaitForAllStarted, map[string]chain.Duration{"first": chain.Duration(35 * 24 * time.Hour)}
	anyOf.WaitFor = chain.WaitForAny
	first, other := after(1), after(5)
	first.Schedule, other.Schedule = &chain.Schedule{Cron: "0 5 * * ? *", Timezone: "Europe/Zurich"},
		&chain.Schedule{Rate: chain.Duration(90 * time.Minute)}
	other.MaxDuration, other.MaxStartsPerHour = &chain.MaxDuration{After: chain.Duration(2 * time.Hour)}, 3
	first.Retry = &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(5 * time.Minute), BackoffRate: 1.5,
		RetryOn: []chain.RetryOn{chain.RetryOnFailed}}
	d := &chain.Definition{
		Version: chain.Version, Name: "durable", Timezone: "Europe/Berlin", HistoryDays: 90,
		Cycle:    &chain.Cycle{Begins: "FRI 20:00", Every: chain.Week},
		Schedule: &chain.Schedule{Cron: "0 2 * * ? *", Except: []string{"2026-12-25", "2027-01-01"}}, Overlap: chain.OverlapQueue, MaxRunning: 5,
		MaxDuration: &chain.MaxDuration{After: chain.Duration(8 * time.Hour), OnExceeded: chain.OnExceededCancel},
		NotifyOn:    []chain.NotifyOn{chain.NotifyOnFailure, chain.NotifyOnSuccess},
		Steps:       map[string]chain.Step{"root": after(6), "first": first, "second": second, "third": third, "any": anyOf, "other": other},
	}
	text, err := d.EncodeCompact()
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != durableJSON {
		t.Errorf("EncodeCompact() = %s\nwant %s", text, durableJSON)
	}
	if parsed, err := chain.Parse(text); err != nil || !reflect.DeepEqual(parsed, d) {
		t.Errorf("Parse() = %+v, %v\nwant %+v", parsed, err, d)
	}
}

// TestEncodeLeavesDefaultsOut: to say a default and to be silent is the same definition.
func TestEncodeLeavesDefaultsOut(t *testing.T) {
	t.Parallel()
	silent := nightly()
	silent.Timezone = ""
	transform := silent.Steps["transform"]
	transform.Retry, transform.MaxDuration = &chain.Retry{MaxAttempts: 2}, &chain.MaxDuration{After: chain.Duration(time.Hour)}
	silent.Steps["transform"] = transform
	extract := silent.Steps["extract_hr"]
	extract.Schedule = &chain.Schedule{Cron: "0 5 * * ? *"}
	silent.Steps["extract_hr"] = extract
	spoken := nightly()
	spoken.Timezone, spoken.HistoryDays = chain.DefaultTimezone, chain.DefaultHistoryDays
	spoken.Cycle = &chain.Cycle{Begins: chain.DefaultCycleBegins, Every: chain.DefaultCycleEvery}
	spoken.Overlap, spoken.NotifyOn = chain.OverlapAllow, []chain.NotifyOn{chain.NotifyOnFailure}
	transform.WaitFor, transform.Variables, transform.CarryOver = chain.WaitForAll, map[string]string{}, map[string]chain.Duration{}
	transform.MaxStartsPerHour = chain.DefaultMaxStartsPerHour
	transform.MaxDuration = &chain.MaxDuration{After: chain.Duration(time.Hour), OnExceeded: chain.OnExceededAlarm}
	transform.Retry = &chain.Retry{
		MaxAttempts: 2, Interval: chain.DefaultInterval, BackoffRate: chain.DefaultBackoffRate,
		RetryOn: []chain.RetryOn{chain.RetryOnFailed, chain.RetryOnExceededLimit},
	}
	spoken.Steps["transform"] = transform
	extract.Schedule = &chain.Schedule{Cron: " 0 5  * * ? *", Timezone: chain.DefaultTimezone}
	spoken.Steps["extract_hr"] = extract
	if problems := spoken.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	if !reflect.DeepEqual(spoken.Canonical(), silent) {
		t.Errorf("Canonical() = %+v\nwant %+v", spoken.Canonical(), silent)
	}
	if reflect.DeepEqual(spoken, silent) || spoken.Steps["transform"].Retry.Interval == 0 {
		t.Error("Canonical() changed the definition itself")
	}
	a, errA := silent.Encode()
	b, errB := spoken.Encode()
	if err := errors.Join(errA, errB); err != nil || !bytes.Equal(a, b) {
		t.Errorf("%v: Encode() = %s\nwant %s", err, b, a)
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"6h": "6h", "360m": "6h", "1h30m": "1h30m", "90s": "1m30s", "1h0m5s": "1h0m5s", "10m": "10m", "60s": "1m", "168h": "7d", "7d": "7d",
		"1d": "24h", "24h": "24h", "1d12h": "36h", "49h": "49h", "35d": "35d", "2d30m": "48h30m",
	} {
		d, err := chain.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := chain.FormatDuration(d); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "0", "0s", "0h0m", "5", "-5m", "+5m", "1.5h", "5m1h", "1h1h", "5ms", "1.5d", "d", "5m1d", "0d",
		"106752d", "9999999999999999999d", "106751d24h", " 5m", "5m\n", "5 m", "PT5M", "9999999999h"} {
		if d, err := chain.ParseDuration(text); err == nil {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

func TestParseReadsWhatEncodeWrites(t *testing.T) {
	t.Parallel()
	want := durable()
	for name, encode := range map[string]func() ([]byte, error){"indented": want.Encode, "compact": want.EncodeCompact} {
		text, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("{{")) {
			t.Errorf("%s: SSM refuses {{ in %s", name, text)
		}
		got, err := chain.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Parse() = %+v\nwant %+v", name, got, want)
		}
	}
}

func TestSHA256(t *testing.T) {
	t.Parallel()
	sum := func(d *chain.Definition) string {
		s, err := d.SHA256()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if first, second := sum(nightly()), sum(nightly()); first != second || len(first) != 64 {
		t.Errorf("SHA256() of equal definitions = %s and %s", first, second)
	}
	changed := nightly()
	s := changed.Steps["archive"]
	s.Enabled = true
	changed.Steps["archive"] = s
	if sum(changed) == sum(nightly()) {
		t.Error("SHA256() does not tell an enabled step from a disabled one")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const app = `"app": "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"`
	tests := map[string]struct{ text, want string }{
		"nothing":       {``, "unexpected end of JSON input"},
		"no JSON":       {`nightly`, "invalid character"},
		"no object":     {`[]`, "cannot unmarshal array"},
		"null":          {`null`, "format version 0"},
		"no version":    {`{"name": "a", "steps": {"x": {` + app + `}}}`, "format version 0"},
		"newer version": {`{"version": 2, "name": "a", "steps": []}`, "format version 2"},
		"no steps":      {`{"version": 1, "name": "a", "steps": {}}`, "steps: The chain has no steps"},
		"unknown field": {`{"version": 1, "name": "a", "tags": {}, "steps": {"x": {` + app + `}}}`, `unknown field "tags"`},
		"a field of tomorrow": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "cron": "0 6 * * *"}}}`,
			`unknown field "cron"`},
		"wrong type":                  {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "weight": "3"}}}`, "weight"},
		"something behind":            {`{"version": 1, "name": "a", "steps": {"x": {` + app + `}}} {}`, "after"},
		"broken rule":                 {`{"version": 1, "name": "a", "steps": {"x": {"app": "1"}}}`, `steps["x"].app: "1" is not an app id`},
		"a duration that is a number": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "delay": 600}}}`, "delay"},
		"no duration": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "delay": "1.5h"}}}`,
			`"1.5h" is not a duration`},
		"duration of nothing": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "delay": "0s"}}}`, "leave it out"},
		"a field of retry": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "retry": {"max_attempts": 2, "jitter": 1}}}}`,
			`unknown field "jitter"`},
		"no attempts": {`{"version": 1, "name": "a", "steps": {"x": {` + app + `, "retry": {}}}}`,
			`steps["x"].retry.max_attempts: max_attempts is 0.`},
		"null for a step": {`{"version": 1, "name": "a", "steps": {"x": null}}`, `steps["x"].app: The step starts nothing`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := chain.Parse([]byte(tt.text))
			if err == nil {
				t.Fatalf("Parse() = %+v, want an error", d)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse() = %q, want it to contain %q", err, tt.want)
			}
		})
	}
}

// TestParseLeavesGuardsOut: a guard that does not compile is found by Validate, at plan time; its length is checked by both.
func TestParseLeavesGuardsOut(t *testing.T) {
	t.Parallel()
	for guard, want := range map[string]bool{"no guard at all": true, strings.Repeat("x", chain.MaxGuardLength+1): false} {
		d := nightly()
		audit := d.Steps["audit"]
		audit.When = guard
		d.Steps["audit"] = audit
		text, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := chain.Parse(text)
		if (err == nil) != want {
			t.Errorf("%.20q: %v", guard, err)
		}
		if problems := d.Validate(); len(problems) != 1 || problems[0].Path.String() != `steps["audit"].when` {
			t.Errorf("%.20q: %v", guard, problems)
		}
		if want && parsed.Steps["audit"].When != guard {
			t.Errorf("the guard is %q", parsed.Steps["audit"].When)
		}
	}
}

func TestParseErrorsAreTyped(t *testing.T) {
	t.Parallel()
	_, err := chain.Parse([]byte(`{"version": 7}`))
	var version *chain.VersionError
	if !errors.As(err, &version) || version.Version != 7 {
		t.Errorf("Parse() of version 7 = %v, want a VersionError with 7", err)
	}
	_, err = chain.Parse([]byte(`{"version": 1, "name": "A", "steps": {}}`))
	var invalid *chain.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 2 {
		t.Errorf("Parse() of a definition with two problems = %v, want an InvalidError with both", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nightlyJSON))
	f.Add([]byte(durableJSON))
	f.Add([]byte(`{"version":1,"name":"a","timezone":"UTC","history_days":30,"steps":{"a":{"app":"80c6f35f-c9d7-4488-bb5a-ad973b13ec00","retry":` +
		`{"max_attempts":2,"interval":"60s","backoff_rate":2,"retry_on":["failed","exceeded_limit"]},"after":{},"delay":"0s"}}}`))
	f.Add([]byte(`{"version":1,"name":"a","steps":{"{{x}}":{"app":"80c6f35f-c9d7-4488-bb5a-ad973b13ec00","after":{},"weight":0}}}`))
	f.Add([]byte(`{"version":1,"name":"a","steps":{"\\{{":{"APP":"80c6f35f-c9d7-4488-bb5a-ad973b13ec00","variables":{"\u2028\\{{{":"}}"}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := chain.Parse(data)
		if err != nil {
			return
		}
		for _, encode := range []func() ([]byte, error){first.Encode, first.EncodeCompact} {
			text, err := encode()
			if err != nil {
				t.Fatalf("Encode() of a parsed definition: %v", err)
			}
			if bytes.Contains(text, []byte("{{")) {
				t.Fatalf("SSM refuses {{ in %s", text)
			}
			second, err := chain.Parse(text)
			if err != nil {
				t.Fatalf("Parse() of %s: %v", text, err)
			}
			if !reflect.DeepEqual(first, second) {
				t.Fatalf("round trip: %+v became %+v", first, second)
			}
		}
	})
}
