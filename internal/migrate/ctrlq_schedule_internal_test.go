// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestSchemaEvent(t *testing.T) {
	t.Parallel()
	const every, one, stockholm = "* * - * * * * *", "2026-01-01T01:00:00.000Z", "Europe/Stockholm"
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		option, increment, filter, start, zone string
		cron                                   string // "" for none
		advice                                 string
	}{
		"daily":                       {"daily", "0 0 1 0", every, "2026-01-01T01:30:00.000Z", stockholm, "30 2 * * ? *", "Check the time"},
		"daily, made in summer":       {"daily", "0 0 1 0", every, "2026-07-01T01:30:00.000Z", stockholm, "30 3 * * ? *", ""},
		"a short filter for all":      {"daily", "0 0 1 0", "* * - * * * *", "2026-01-01T01:30:00.000Z", "UTC", "30 1 * * ? *", ""},
		"every other day":             {"daily", "0 0 2 0", every, one, stockholm, "", "give the step a schedule that is near to it"},
		"hourly":                      {"hourly", "0 1 0 0", every, "2026-01-01T01:05:00.000Z", "UTC", "5 * * * ? *", ""},
		"every six hours":             {"hourly", "0 6 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", "0 2/6 * * ? *", ""},
		"every 24 hours":              {"hourly", "0 24 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", "0 8 * * ? *", ""},
		"every five hours":            {"hourly", "0 5 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", "", ""},
		"every 15 minutes":            {"custom", "15 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", "5/15 * * * ? *", ""},
		"every minute":                {"custom", "1 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", "* * * * ? *", ""},
		"every 25 minutes":            {"custom", "25 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", "", ""},
		"once, past":                  {"once", "0 0 0 0", every, "2026-11-30T11:59:00.000Z", "UTC", "", "the step needs no schedule"},
		"once, to come":               {"once", "0 0 0 0", every, "2026-11-30T23:59:30.000Z", stockholm, "59 0 1 12 ? 2026", "It starts once."},
		"once and daily":              {"once", "0 0 1 0", every, "2026-11-30T23:59:30.000Z", stockholm, "", "look in the QMC"},
		"daily and never":             {"daily", "0 0 0 0", every, "2026-11-30T23:59:30.000Z", stockholm, "", ""},
		"weekly":                      {"weekly", "0 0 1 0", "* * - 1,3,6 1 * * *", one, "UTC", "0 1 ? * MON,WED,SAT *", ""},
		"every second week":           {"weekly", "0 0 1 0", "* * - 1 2 * * *", one, "UTC", "", ""},
		"a day that is none":          {"weekly", "0 0 1 0", "* * - 7 1 * * *", one, "UTC", "", ""},
		"monthly":                     {"monthly", "0 0 1 0", "* * - * * 1,15 * *", one, "UTC", "0 1 1,15 * ? *", ""},
		"monthly, a day that is none": {"monthly", "0 0 1 0", "* * - * * 32 * *", one, "UTC", "", ""},
		"another filter":              {"daily", "0 0 1 0", "* 5 - * * * * *", one, "UTC", "", ""},
		"a filter without a dash":     {"daily", "0 0 1 0", "* * * * * * * *", one, "UTC", "", ""},
		"a short filter":              {"daily", "0 0 1 0", "* * - 1", one, "UTC", "", ""},
		"seconds":                     {"daily", "0 0 1 0", every, "2026-01-01T01:00:30.000Z", "UTC", "0 1 * * ? *", "seconds are left out"},
		"no Z":                        {"daily", "0 0 1 0", every, "2026-01-01T01:00:00.000", "UTC", "0 1 * * ? *", "is taken as UTC"},
		"of Excel":                    {"daily", "0 0 1 0", every, "2026-01-01 01:00:00", "UTC", "0 1 * * ? *", "is taken as UTC"},
		"begins later":                {"daily", "0 0 1 0", every, "2027-01-01T01:00:00.000Z", "UTC", "0 1 * * ? *", "It begins on 2027-01-01"},
		"no time":                     {"daily", "0 0 1 0", every, "tomorrow", "UTC", "", "Its start is no date that can be read"},
		"no zone":                     {"daily", "0 0 1 0", every, one, "", "0 1 * * ? *", "It has no time zone: UTC is taken."},
		"Windows' zone":               {"daily", "0 0 1 0", every, one, "W. Europe Standard Time", "", "is no IANA time zone"},
		"the machine's zone":          {"daily", "0 0 1 0", every, one, "Local", "", "is no IANA time zone"},
		"no increment":                {"daily", "daily", every, one, "UTC", "", ""},
		"a long increment":            {"daily", "0 0 1 0 0", every, one, "UTC", "", ""},
	} {
		e := schemaEvent{
			option: tt.option, increment: tt.increment, filter: tt.filter, start: tt.start, timezone: tt.zone,
			expiration: "9999-12-30T23:59:59.999Z", daylight: "ObserveDaylightSavingTime",
		}
		s, advice := e.schedule(now)
		if (s != nil) != (tt.cron != "") || s != nil && (s.Cron != tt.cron || !valid(s)) || !strings.Contains(advice, tt.advice) {
			t.Errorf("%s became %+v, %s, want %q, %s", name, s, advice, tt.cron, tt.advice)
		}
		e.expiration = "2026-11-30T12:00:00.000Z"
		if s, advice := e.schedule(now); s != nil || !strings.Contains(advice, "the step needs no schedule") {
			t.Errorf("%s that has ended became %+v, %s", name, s, advice)
		}
		e.expiration = "soon"
		if s, advice := e.schedule(now); s != nil || !strings.Contains(advice, "Its expiration is no date") {
			t.Errorf("%s that ends soon became %+v, %s", name, s, advice)
		}
		e.expiration, e.daylight = "", "PermanentStandardTime"
		if s, _ := e.schedule(now); s != nil && !e.once() {
			t.Errorf("%s in standard time became %+v", name, s)
		}
	}
}

func TestMergeSchedules(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ one, other, zone, want string }{
		"two hours":       {"0 2 * * ? *", "0 14 * * ? *", "UTC", "0 2,14 * * ? *"},
		"the same":        {"0 2 * * ? *", "0 2 * * ? *", "UTC", "0 2 * * ? *"},
		"two minutes":     {"0 2 * * ? *", "30 2 * * ? *", "UTC", "0,30 2 * * ? *"},
		"days":            {"0 2 ? * MON,TUE *", "0 2 ? * TUE,SAT *", "UTC", "0 2 ? * MON,TUE,SAT *"},
		"hours and steps": {"0 2/6 * * ? *", "0 3 * * ? *", "UTC", "0 2/6,3 * * ? *"},
		"two fields":      {"0 2 * * ? *", "30 14 * * ? *", "UTC", ""},
		"all and some":    {"0 * * * ? *", "0 14 * * ? *", "UTC", ""},
		"other days":      {"0 2 1 * ? *", "0 2 ? * MON *", "UTC", ""},
		"other zones":     {"0 2 * * ? *", "0 14 * * ? *", "Asia/Tokyo", ""},
		"a rate":          {"0 2 * * ? *", "", "UTC", ""},
	} {
		got, ok := mergeSchedules(&chain.Schedule{Cron: tt.one, Timezone: "UTC"}, &chain.Schedule{Cron: tt.other, Timezone: tt.zone})
		if ok != (tt.want != "") || ok && got.Cron != tt.want {
			t.Errorf("%s: %+v, %t, want %q", name, got, ok, tt.want)
		}
	}
}
