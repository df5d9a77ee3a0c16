// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// ruleStart is a Tuesday.
var ruleStart = time.Date(2026, 12, 1, 5, 40, 0, 0, time.UTC)

func TestRecurrence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"RRULE:FREQ=DAILY;INTERVAL=1":                         "40 5 * * ? *",
		"freq=daily;byhour=2;byminute=0":                      "0 2 * * ? *",
		"FREQ=DAILY;BYHOUR=6,18,12;BYMINUTE=30":               "30 6,12,18 * * ? *",
		"FREQ=DAILY;INTERVAL=7":                               "40 5 ? * TUE *",
		"RRULE:FREQ=HOURLY;INTERVAL=6;BYMINUTE=16;BYSECOND=0": "16 5/6 * * ? *",
		"FREQ=HOURLY": "40 * * * ? *",
		"FREQ=HOURLY;BYHOUR=8,9,10;BYDAY=MO,TU,WE,TH,FR":                        "40 8,9,10 ? * MON,TUE,WED,THU,FRI *",
		"FREQ=HOURLY;INTERVAL=24":                                               "40 5 * * ? *",
		"FREQ=MINUTELY;INTERVAL=15":                                             "10/15 * * * ? *",
		"FREQ=MINUTELY;INTERVAL=120":                                            "40 1/2 * * ? *",
		"RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE;BYHOUR=6;BYMINUTE=30;WKST=SU": "30 6 ? * MON,WED *",
		"FREQ=WEEKLY":                                         "40 5 ? * TUE *",
		"FREQ=MONTHLY":                                        "40 5 1 * ? *",
		"FREQ=MONTHLY;BYMONTHDAY=15,1":                        "40 5 1,15 * ? *",
		"FREQ=MONTHLY;BYMONTHDAY=-1":                          "40 5 L * ? *",
		"FREQ=MONTHLY;BYDAY=2TU":                              "40 5 ? * 3#2 *",
		"FREQ=MONTHLY;BYDAY=-1FR":                             "40 5 ? * 6L *",
		"FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1":                   "40 5 ? * 6L *",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1":        "40 5 1W * ? *",
		"FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1": "40 5 L * ? *",
		"FREQ=MONTHLY;INTERVAL=3":                             "40 5 1 3/3 ? *",
		"FREQ=YEARLY":                                         "40 5 1 12 ? *",
		"FREQ=YEARLY;BYMONTH=3;BYDAY=1SU":                     "40 5 ? 3 1#1 *",
	} {
		r, err := parseRule(text, ruleStart)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := r.cron()
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
			continue
		}
		expectSameTimes(t, text, got)
	}
}

func TestRecurrenceThatNoCronSays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=HOURLY;INTERVAL=5", "FREQ=MINUTELY;INTERVAL=90", "FREQ=SECONDLY",
		"FREQ=MONTHLY;INTERVAL=5", "FREQ=YEARLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=MONTHLY;BYDAY=1MO,3MO",
		"FREQ=MONTHLY;BYDAY=-2FR", "FREQ=YEARLY;BYDAY=20MO", "FREQ=YEARLY;BYWEEKNO=20", "FREQ=YEARLY;BYYEARDAY=100", "FREQ=MONTHLY;BYMONTHDAY=-2",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO;BYHOUR=1,2;BYSETPOS=1", "FREQ=DAILY;BYSECOND=0,30",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;INTERVAL=2;BYHOUR=4", "FREQ=MINUTELY;INTERVAL=120;BYMINUTE=10",
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=4", "FREQ=DAILY;DTSTART=20261201T000000Z", "FREQ=DAILY;BYHOUR=1,7;BYMINUTE=0,30;INTERVAL=3",
	} {
		r, err := parseRule(text, ruleStart)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := r.cron(); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{"EXDATE:20261201T000000Z", "DTSTART:20261201T000000Z", "FREQ=NEVER", "FREQ=DAILY;BYHOUR=25",
		"FREQ=DAILY;X=1", ""} {
		if _, err := parseRule(text, ruleStart); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// expectSameTimes fails unless an expression is due at the times that the library calculates for a rule.
func expectSameTimes(t *testing.T, text, expression string) {
	t.Helper()
	option, err := rrule.StrToROption(strings.TrimPrefix(strings.ToUpper(text), "RRULE:"))
	if err != nil {
		t.Fatal(err)
	}
	option.Dtstart = ruleStart
	series, err := rrule.NewRRule(*option)
	if err != nil {
		t.Fatal(err)
	}
	due, err := cron.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	next, at := series.Iterator(), ruleStart.Add(-time.Minute)
	for range 60 {
		want, more := next()
		got, is := due.Next(at, time.UTC)
		if !more || !is || !got.Equal(want.Truncate(time.Minute)) {
			t.Fatalf("%s, %s: after %s at %s, %t; want %s, %t", text, expression, at, got, is, want, more)
		}
		at = got
	}
}

// TestRandomRecurrences: whatever rule has a cron expression, that is due at the rule's times.
func TestRandomRecurrences(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 4))
	one := func(values ...string) string { return values[random.IntN(len(values))] }
	said := 0
	for range 3000 {
		text := "FREQ=" + one("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY") + ";INTERVAL=" +
			one("1", "1", "1", "2", "3", "4", "7", "12", "24", "30", "60", "90", "720", "1440")
		for _, part := range []struct{ name, values string }{
			{"BYMONTH", one("1", "2,12", "3,6,9,12", "1,2,3,4,5,6,7,8,9,10,11,12")}, {"BYMONTHDAY", one("1", "-1", "31", "1,15", "29,30", "-1,1")},
			{"BYDAY", one("MO", "SA,SU", "1MO", "-1FR", "MO,TU,WE,TH,FR", "MO,TU,WE,TH,FR,SA,SU", "5WE", "MO,1TU")},
			{"BYSETPOS", one("1", "-1", "2")},
			{"BYHOUR", one("5", "0,12", "6,7,8", "1,3,5")}, {"BYMINUTE", one("40", "0,30", "10", "0,15,30,45")},
		} {
			if random.IntN(4) == 0 {
				text += fmt.Sprintf(";%s=%s", part.name, part.values)
			}
		}
		r, err := parseRule(text, ruleStart)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.cron(); err == nil {
			said++
			expectSameTimes(t, text, got)
		}
	}
	if said < 300 {
		t.Errorf("only %d rules have an expression", said)
	}
}
