// SPDX-License-Identifier: MPL-2.0

package cron_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0 5 * * ? *", "  0\t5 *  * ? * ", "15 10 ? * 6L 2022-2099", "0 8 1 * ? *", "0/15 * * * ? *", "0/5 8-17 ? * MON-FRI *", "5,35 14 * * ? *",
		"0 5 L * ? *", "0 5 15W * ? *", "0 5 1,15 * ? *", "0 5 ? JAN,APR-JUN 3#2 *", "0 5 ? * FRI#5 2030/2", "0 5 ? * SUN,2,4-6 *", "0 5 ? * L *",
		"59 23 31 12 ? 1970-2199", "1/10 */2 */3 1-12/3 ? *", "0 5 29 2 ? 2096-2104", "0 5 ? * 1-7 *",
	} {
		e, err := cron.Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if want := strings.Join(strings.Fields(text), " "); e.String() != want {
			t.Errorf("Parse(%q).String() = %q, want %q", text, e, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ field, problem, meant string }{
		"":                               {"", "has 0 fields", ""},
		"0 5 * * *":                      {"", "five fields, as in Unix", "0 5 * * ? *"},
		"0 5 * * 1-5":                    {"", "five fields", "0 5 ? * MON-FRI *"},
		"0 5 * * 0,6":                    {"", "five fields", "0 5 ? * SUN,SAT *"},
		"0 5 * * 5-7":                    {"", "five fields", "0 5 ? * SUN,FRI-SAT *"},
		"30 4 1 1 *":                     {"", "five fields", "30 4 1 1 ? *"},
		"0 5 * * 5-0":                    {"", "five fields", ""}, // which days that are, Unix does not say either
		"0 5 * * 7-0":                    {"", "five fields", ""},
		"0 5 * * SAT-SUN":                {"", "five fields", ""},
		"0 5 * * 6-1/2":                  {"", "five fields", ""},
		"0 5 1 * 1":                      {"", "five fields", ""},
		"0 5 * * 9":                      {"", "five fields", ""},
		"0 0 5 * * ? *":                  {"", "seven fields, as in Quartz", "0 5 * * ? *"},
		"0 0 5 * * ?":                    {"day-of-week", "Both day-of-month and day-of-week are set", "0 5 * * ? *"},
		"0 0 5 ? * MON-FRI":              {"day-of-week", "Both", "0 5 ? * MON-FRI *"},
		"cron(0 5 * * ? *)":              {"", "between the brackets", "0 5 * * ? *"},
		"cron(0 5 * * *)":                {"", "between the brackets", "0 5 * * ? *"},
		"rate(5 minutes)":                {"", "Give it as rate", ""},
		"0 5 * * * *":                    {"day-of-week", "Both day-of-month and day-of-week are set", "0 5 * * ? *"},
		"0 5 * * MON *":                  {"day-of-week", "question mark in one of the two", "0 5 ? * MON *"},
		"0 5 1 * * *":                    {"day-of-week", "Both", "0 5 1 * ? *"},
		"0 5 1 * MON *":                  {"day-of-week", "Both", ""},
		"0 5 ? * ? *":                    {"day-of-month", "there is no day", "0 5 * * ? *"},
		"60 5 * * ? *":                   {"minutes", "has 60. Use 0 to 59", ""},
		"0 24 * * ? *":                   {"hours", "has 24. Use 0 to 23", ""},
		"? 5 * * ? *":                    {"minutes", "cannot be a question mark", ""},
		"0 5 0 * ? *":                    {"day-of-month", "has 0. Use 1 to 31", ""},
		"0 5 32W * ? *":                  {"day-of-month", "has 32", ""},
		"0 5 LW * ? *":                   {"day-of-month", `does not describe "LW"`, ""},
		"0 5 L-3 * ? *":                  {"day-of-month", `does not describe "L-3"`, ""},
		"0 5 W * ? *":                    {"day-of-month", `"" is not a value`, ""},
		"0 5 31 2,4 ? *":                 {"day-of-month", "no such day", ""},
		"0 5 29 2 ? 2027":                {"day-of-month", "no such day", ""},
		"0 5 ? 1 1#5 2030":               {"day-of-week", "no such day", ""},
		"0 5 * 13 ? *":                   {"month", "has 13. Use 1 to 12", ""},
		"0 5 * jan ? *":                  {"month", `"jan" is not a value`, "0 5 * JAN ? *"},
		"0 5 ? * 0 *":                    {"day-of-week", "has 0. Use 1 to 7", ""},
		"0 5 ? * MON/2 *":                {"day-of-week", "takes no steps", ""},
		"0 5 ? * FRI-MON *":              {"day-of-week", "Write two ranges: FRI-SAT,SUN-MON", ""},
		"0 5 ? * 2#6 *":                  {"day-of-week", "After # comes", ""},
		"0 5 ? * 3#1,6#3 *":              {"day-of-week", "one day with # and nothing else", ""},
		"0 5 ? * MONDAY *":               {"day-of-week", `"MONDAY" is not a value`, ""},
		"0 22-2 * * ? *":                 {"hours", "Write two ranges: 22-23,0-2", ""},
		"50-10 5 * * ? *":                {"minutes", "Write two ranges: 50-59,0-10", ""},
		"0 5 28-3 * ? *":                 {"day-of-month", "Write two ranges: 28-31,1-3", ""},
		"0 5 * NOV-2 ? *":                {"month", "Write two ranges: NOV-DEC,JAN-2", ""},
		"0 5 ? * 7-1 *":                  {"day-of-week", "Write two ranges: 7-SAT,SUN-1", ""},
		"0 5 * * ? 2030-2026":            {"year", "Write the earlier year first: 2026-2030", ""},
		"0 22-2/3 * * ? *":               {"hours", "List the values instead, such as 22,2", ""},
		"0 5 ? * 5-0 *":                  {"day-of-week", "has 0. Use 1 to 7", ""},
		"0 5 3-1W * ? *":                 {"day-of-month", `"3-1" is not a value`, ""},
		"0 5 ? * 6-2L *":                 {"day-of-week", `"6-2" is not a value`, ""},
		"0 5 ? * 6-2#1 *":                {"day-of-week", `"6-2" is not a value`, ""},
		"/15 * * * ? *":                  {"minutes", `"" is not a value`, ""},
		"0/0 * * * ? *":                  {"minutes", `The step "0"`, ""},
		"0/60 * * * ? *":                 {"minutes", `The step "60"`, ""},
		"0,,5 5 * * ? *":                 {"minutes", `"" is not a value`, ""},
		"+5 5 * * ? *":                   {"minutes", `"+5" is not a value`, ""},
		"0 5 * * ? 1969":                 {"year", "has 1969. Use 1970 to 2199", ""},
		"0 5 * * ? 99999999999999999999": {"year", "is not a value", ""},
		strings.Repeat("0,", 130) + "0 5 * * ? *": {"", "at most 250", ""},
	} {
		_, err := cron.Parse(text)
		var wrong *cron.Error
		if !errors.As(err, &wrong) {
			t.Errorf("Parse(%q) = %v, want a *cron.Error", text, err)
			continue
		}
		if wrong.Field != want.field || !strings.Contains(wrong.Problem, want.problem) {
			t.Errorf("Parse(%q) blames %q: %s\nwant %q: … %s", text, wrong.Field, wrong.Problem, want.field, want.problem)
		}
		_, meant, _ := strings.Cut(wrong.Problem, "Did you mean ")
		if meant = strings.Trim(meant, `"?`); want.meant != "" && !strings.Contains(wrong.Problem, `Did you mean "`+want.meant+`"?`) ||
			want.meant == "" && meant != "" {
			t.Errorf("Parse(%q) asks whether %q was meant, want %q", text, meant, want.meant)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0 5 * * ? *":           "at 05:00, every day",
		"0 5 ? * * *":           "at 05:00, every day",
		"30 5,17 ? * MON-FRI *": "at 05:30 and 17:30, Monday to Friday",
		"0 5 ? * 2,4,6 *":       "at 05:00, on Monday, Wednesday and Friday",
		"0 5 ? * SAT,SUN *":     "at 05:00, on Sunday and Saturday",
		"0 5 ? * L *":           "at 05:00, on Saturday",
		"0 5 1 * ? *":           "at 05:00, on day 1 of the month",
		"0 5 1,15 1,7 ? *":      "at 05:00, on days 1 and 15 of the month in January and July",
		"0 5 L * ? *":           "at 05:00, on the last day of the month",
		"0 5 ? * 6L *":          "at 05:00, on the last Friday of the month",
		"0 5 ? * MON#1 *":       "at 05:00, on the first Monday of the month",
		"*/15 * * * ? *":        "every 15 minutes",
		"0,30 * ? * MON-FRI *":  "every 30 minutes, Monday to Friday",
		"10 * * * ? *":          "every hour at :10",
		"* * * * ? *":           "every minute",
		"* 5 * * ? *":           "",
		"*/25 * * * ? *":        "",
		"5/15 * * * ? *":        "",
		"0 1-9 * * ? *":         "",
		"0 5 1W * ? *":          "",
		"0 5 * * ? 2030":        "",
		"0 5 * 1-6 ? *":         "",
	} {
		e, err := cron.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := e.Words(); got != want || ok != (want != "") {
			t.Errorf("Words() of %q = %q, %t, want %q", text, got, ok, want)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{ // of those after Wednesday, 2026-01-07T05:00:00Z
		"0 5 * * ? *":            {"2026-01-08T05:00", "2026-01-09T05:00"},
		"*/20 * * * ? *":         {"2026-01-07T05:20", "2026-01-07T05:40", "2026-01-07T06:00"},
		"0 5 ? * MON-FRI *":      {"2026-01-08T05:00", "2026-01-09T05:00", "2026-01-12T05:00"},
		"0 5 L * ? *":            {"2026-01-31T05:00", "2026-02-28T05:00", "2026-03-31T05:00"},
		"0 5 31 * ? *":           {"2026-01-31T05:00", "2026-03-31T05:00", "2026-05-31T05:00"},
		"0 5 29 2 ? *":           {"2028-02-29T05:00", "2032-02-29T05:00"},
		"0 5 ? * L *":            {"2026-01-10T05:00", "2026-01-17T05:00"},
		"0 5 ? * 6L *":           {"2026-01-30T05:00", "2026-02-27T05:00"},
		"0 5 ? * 2#1 *":          {"2026-02-02T05:00", "2026-03-02T05:00"},
		"0 5 ? * 2#5 *":          {"2026-03-30T05:00", "2026-06-29T05:00"},
		"0 5 1W * ? *":           {"2026-02-02T05:00", "2026-03-02T05:00", "2026-04-01T05:00"}, // Sunday, Sunday, Wednesday
		"0 5 1W 8 ? *":           {"2026-08-03T05:00", "2027-08-02T05:00"},                     // Saturday the 1st: not in July
		"0 5 31W 1,5 ? *":        {"2026-01-30T05:00", "2026-05-29T05:00"},                     // Saturday; Sunday the last: not in June
		"0 5 15 JUL ? 2025-2027": {"2026-07-15T05:00", "2027-07-15T05:00", ""},
		"0 5 * * ? 2025":         {""},
		"0 0 1 1 ? 2199":         {"2199-01-01T00:00", ""},
	} {
		e, err := cron.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 1, 7, 5, 0, 0, 0, time.UTC)
		for _, want := range want {
			next, ok := e.Next(at, time.UTC)
			got := ""
			if ok {
				got = next.Format("2006-01-02T15:04")
			}
			if got != want {
				t.Errorf("%q after %s: %q, want %q", text, at, got, want)
			}
			at = next
		}
	}
}

// TestNextWhenTheClocksChange: in Zurich they go from 02:00 to 03:00 on 2026-03-29 and from 03:00 to 02:00 on 2026-10-25; on Lord Howe
// Island by half an hour, from 02:00 back to 01:30 on 2026-04-05 and on to 02:30 on 2026-10-04; in Beirut at midnight.
func TestNextWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		zone, text, after string
		want              []string
	}{
		"Zurich, spring, at a time that is left out": {"Europe/Zurich", "30 2 * * ? *", "2026-03-27T12:00:00Z",
			[]string{"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"}},
		"Zurich, spring, at the hour that comes instead": {"Europe/Zurich", "0 3 * * ? *", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"}},
		"Zurich, autumn, at a time that comes twice": {"Europe/Zurich", "30 2 * * ? *", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		"Zurich, autumn, asked between the two":  {"Europe/Zurich", "30 2 * * ? *", "2026-10-25T01:00:00Z", []string{"2026-10-26T01:30:00Z"}},
		"Zurich, autumn, at the end of the hour": {"Europe/Zurich", "0 3 * * ? *", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:00:00Z"}},
		"Zurich, 05:00 the whole year": {"Europe/Zurich", "0 5 * * ? *", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00Z", "2026-03-30T03:00:00Z"}},
		"Lord Howe, autumn": {"Australia/Lord_Howe", "45 1 * * ? *", "2026-04-03T20:00:00Z",
			[]string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}},
		"Lord Howe, spring": {"Australia/Lord_Howe", "15 2 * * ? *", "2026-10-02T20:00:00Z",
			[]string{"2026-10-04T15:15:00Z"}},
		"Beirut, spring, midnight": {"Asia/Beirut", "0 0 * * ? *", "2026-03-28T12:00:00Z", []string{"2026-03-29T21:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			e, err := cron.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				next, ok := e.Next(at, place)
				if got := next.UTC().Format(time.RFC3339); !ok || got != want {
					t.Errorf("%q after %s: %s, want %s", tt.text, at, got, want)
				}
				at = next
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"0 5 * * ? *", "0 5 ? * 6L 2030", "*/5 1-3 15W,L JAN ? *", "0 5 * * 1-5", "cron(0 5 * * ? *)", "0 5 ? * 2#1 2199",
		"0 5 * * 5-0", "0 5 ? * FRI-MON *", "50-10/3 22-2 28-3 NOV-FEB ? 2030-2026", "0 0 5 ? * MON-FRI", "0 0 5 * * ? *", "rate(5 minutes)",
		"0 5 ? * L,SUN,2L 1970/100", "1/10 */2 */3 1-12/3 ? *", "0 5 LW,L-3 * ? *", "0 5 29 2 ? 2027", "0 5 * * 0,7/2",
	} {
		f.Add(text, int64(1772323200))
	}
	place, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, after int64) {
		e, err := cron.Parse(text)
		if err != nil {
			var wrong *cron.Error
			if !errors.As(err, &wrong) || !strings.HasSuffix(wrong.Problem, ".") && !strings.HasSuffix(wrong.Problem, "?") {
				t.Errorf("Parse(%q) = %v", text, err)
			}
			return
		}
		again, err := cron.Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("Parse(%q), which came of %q: %v", e, text, err)
		}
		e.Words()
		at := time.Unix(after%(1<<32), 0)
		next, ok := e.Next(at, place)
		if !ok {
			return
		}
		if !next.After(at) || next.Second() != 0 {
			t.Errorf("%q after %s: %s", text, at, next)
		}
		// Whatever is later than the time before the next one, and not later than the next one, has the same next one.
		if same, ok := e.Next(next.Add(-time.Second), place); !ok || !same.Equal(next) {
			t.Errorf("%q after %s: %s, but a second before that: %s", text, at, next, same)
		}
	})
}
