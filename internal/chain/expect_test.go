// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

func expecting(timezone string, all *chain.ExpectBy, steps map[string]*chain.ExpectBy) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: timezone, ExpectBy: all, Steps: map[string]chain.Step{}}
	for key, e := range steps {
		d.Steps[key] = chain.Step{App: "80c6f35f-c9d7-4488-bb5a-00000000000" + key, Enabled: key != "9", ExpectBy: e}
	}
	return d
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	six := &chain.ExpectBy{Time: "06:00"}
	d := expecting("Europe/Zurich", six, map[string]*chain.ExpectBy{
		"1": {Time: "06:00", Timezone: "Europe/Zurich"}, "2": {Time: "06:00", Days: []chain.Day{"FRI", "MON"}},
		"3": {Time: "06:00", Timezone: "UTC"}, "4": nil, "9": six,
	})
	if problems := d.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	if canonical := d.Canonical().Deadlines(); !reflect.DeepEqual(canonical, d.Deadlines()) {
		t.Errorf("the deadlines are %+v, and those of the canonical form %+v", d.Deadlines(), canonical)
	}
	var got []string
	for _, deadline := range d.Deadlines() {
		of := deadline.Key() + ": " + deadline.Expression() + " for"
		if deadline.Chain {
			of += " the chain"
		}
		for _, step := range deadline.Steps {
			of += " " + step
		}
		got = append(got, of)
	}
	want := []string{
		"06:00 Europe/Zurich MON,FRI: cron(0 6 ? * MON,FRI *) for 2", "06:00 Europe/Zurich: cron(0 6 * * ? *) for the chain 1",
		"06:00 UTC: cron(0 6 * * ? *) for 3",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the deadlines are\n%q, want\n%q", got, want)
	}
}

// TestDeadlinesGoByTheCyclesDate: at each time that a deadline's expression names, the cycle has a date on one of the deadline's days. The
// calendar is that of package run.
func TestDeadlinesGoByTheCyclesDate(t *testing.T) {
	t.Parallel()
	days := []chain.Day{"TUE", "FRI"}
	for _, cycle := range []*chain.Cycle{nil, {Begins: "06:00"}, {Begins: "00:00"}, {Begins: "12:00"},
		{Begins: "18:00", Every: chain.Duration(12 * time.Hour)}, {Begins: "05:30", Every: chain.Duration(time.Hour)}} {
		for _, zone := range []string{"", "UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"} {
			for hour := range 24 {
				d := &chain.Definition{Timezone: "Europe/Zurich", Cycle: cycle,
					ExpectBy: &chain.ExpectBy{Time: fmt.Sprintf("%02d:30", hour), Timezone: zone, Days: days}}
				calendar, err := d.Calendar()
				if err != nil {
					t.Fatal(err)
				}
				deadline := d.Deadlines()[0]
				expression, err := cron.Parse(strings.TrimSuffix(strings.TrimPrefix(deadline.Expression(), "cron("), ")"))
				if err != nil {
					t.Fatal(err)
				}
				at := time.Date(2027, 1, 11, 0, 0, 0, 0, time.UTC)
				for range 2 * len(days) {
					at, _ = expression.Next(at, deadline.Zone())
					date := run.Calendar(calendar).At(at).Date
					if weekday := chain.Day(strings.ToUpper(date.Format("Mon"))); !slices.Contains(days, weekday) {
						t.Errorf("cycle %+v: %s comes at %s, in the cycle of %s", cycle, deadline.Key(), at.In(deadline.Zone()), date.Format("Monday"))
					}
				}
			}
		}
	}
}

// TestDeadlinesOfWeeksGoByTheClock, since a week has one date only.
func TestDeadlinesOfWeeksGoByTheClock(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{Timezone: "UTC", Cycle: &chain.Cycle{Begins: "FRI 18:00", Every: chain.Week},
		ExpectBy: &chain.ExpectBy{Time: "20:00", Days: []chain.Day{"SAT"}}}
	if got := d.Deadlines()[0].Expression(); got != "cron(0 20 ? * SAT *)" {
		t.Errorf("Expression() = %s", got)
	}
}

func TestWrongExpectBy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		expect chain.ExpectBy
		want   string
	}{
		"no time":   {chain.ExpectBy{}, `expect_by.time: "" is no time of day. Write hours and minutes, such as "06:00".`},
		"one digit": {chain.ExpectBy{Time: "6:00"}, `expect_by.time: "6:00" is no time of day. Write hours and minutes, such as "06:00".`},
		"24:00":     {chain.ExpectBy{Time: "24:00"}, `expect_by.time: "24:00" is no time of day. Write hours and minutes, such as "06:00".`},
		"seconds":   {chain.ExpectBy{Time: "06:00:00"}, `expect_by.time: "06:00:00" is no time of day. Write hours and minutes, such as "06:00".`},
		"zone": {chain.ExpectBy{Time: "06:00", Timezone: "Zurich"},
			`expect_by.timezone: There is no time zone "Zurich". Did you mean "Europe/Zurich"?`},
		"day": {chain.ExpectBy{Time: "06:00", Days: []chain.Day{"mon"}}, `expect_by.days: There is no day "mon". Did you mean "MON"?`},
		"no day": {chain.ExpectBy{Time: "06:00", Days: []chain.Day{"holiday"}},
			`expect_by.days: There is no day "holiday". Use MON, TUE, WED, THU, FRI, SAT or SUN.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for prefix, d := range map[string]*chain.Definition{
				"":            expecting("", &tt.expect, map[string]*chain.ExpectBy{"1": nil}),
				`steps["1"].`: expecting("", nil, map[string]*chain.ExpectBy{"1": &tt.expect}),
			} {
				d.Timezone = "UTC"
				problems := d.Validate()
				if len(problems) != 1 || problems[0].Path.String()+": "+problems[0].Message != prefix+tt.want {
					t.Errorf("Validate() = %q, want %q", problems, prefix+tt.want)
				}
			}
		})
	}
}

func TestExpectByIsKept(t *testing.T) {
	t.Parallel()
	d := expecting("UTC", &chain.ExpectBy{Time: "06:00", Timezone: "Europe/Zurich", Days: []chain.Day{"TUE", "MON", "MON"}},
		map[string]*chain.ExpectBy{"1": {Time: "05:00", Days: chain.Days()}})
	text, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := chain.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if e := back.ExpectBy; e.Time != "06:00" || e.Timezone != "Europe/Zurich" || !slices.Equal(e.Days, []chain.Day{"MON", "TUE"}) {
		t.Errorf("the chain's is %+v", e)
	}
	if e := back.Steps["1"].ExpectBy; e.Time != "05:00" || e.Days != nil {
		t.Errorf("the step's is %+v", e)
	}
}
