// SPDX-License-Identifier: MPL-2.0

package migrate

import "testing"

func TestCtrlQSchedule(t *testing.T) {
	t.Parallel()
	const every = "* * - * * * * *"
	for name, tt := range map[string]struct {
		increment, filter, start, zone string
		cron                           string // "" for none
	}{
		"daily":                       {"0 0 1 0", every, "2026-01-01T01:30:00.000Z", "Europe/Stockholm", "30 2 * * ? *"},
		"daily, made in summer":       {"0 0 1 0", every, "2026-07-01T01:30:00.000Z", "Europe/Stockholm", "30 3 * * ? *"},
		"every other day":             {"0 0 2 0", every, "2026-01-01T01:00:00.000Z", "Europe/Stockholm", ""},
		"hourly":                      {"0 1 0 0", every, "2026-01-01T01:05:00.000Z", "UTC", "5 * * * ? *"},
		"every six hours":             {"0 6 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", "0 2/6 * * ? *"},
		"every 24 hours":              {"0 24 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", "0 8 * * ? *"},
		"every five hours":            {"0 5 0 0", every, "2026-01-01T08:00:00.000Z", "UTC", ""},
		"every 15 minutes":            {"15 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", "5/15 * * * ? *"},
		"every minute":                {"1 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", "* * * * ? *"},
		"every 25 minutes":            {"25 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", ""},
		"once":                        {"0 0 0 0", every, "2026-01-01T08:20:00.000Z", "UTC", ""},
		"weekly":                      {"0 0 1 0", "* * - 1,3,6 1 * * *", "2026-01-01T01:00:00.000Z", "UTC", "0 1 ? * MON,WED,SAT *"},
		"every second week":           {"0 0 1 0", "* * - 1 2 * * *", "2026-01-01T01:00:00.000Z", "UTC", ""},
		"a day that is none":          {"0 0 1 0", "* * - 7 1 * * *", "2026-01-01T01:00:00.000Z", "UTC", ""},
		"monthly":                     {"0 0 1 0", "* * - * * 1,15 * *", "2026-01-01T01:00:00.000Z", "UTC", "0 1 1,15 * ? *"},
		"monthly, a day that is none": {"0 0 1 0", "* * - * * 32 * *", "2026-01-01T01:00:00.000Z", "UTC", ""},
		"another filter":              {"0 0 1 0", "* 5 - * * * * *", "2026-01-01T01:00:00.000Z", "UTC", ""},
		"a short filter":              {"0 0 1 0", "* * -", "2026-01-01T01:00:00.000Z", "UTC", ""},
		"seconds":                     {"0 0 1 0", every, "2026-01-01T01:00:30.000Z", "UTC", ""},
		"no time":                     {"0 0 1 0", every, "tomorrow", "UTC", ""},
		"no zone":                     {"0 0 1 0", every, "2026-01-01T01:00:00.000Z", "W. Europe Standard Time", ""},
		"no increment":                {"daily", every, "2026-01-01T01:00:00.000Z", "UTC", ""},
	} {
		columns := map[string]string{
			"Schema increment description": tt.increment, "Schema filter description": tt.filter, "Schema start": tt.start, "Schema time zone": tt.zone,
			"Schema expiration": "9999-12-30T23:59:59.999Z", "Daylight savings time": "ObserveDaylightSavingTime",
		}
		get := func(column string) string { return columns[column] }
		s, ok := ctrlQSchedule(get)
		if ok != (tt.cron != "") || ok && (s.Cron != tt.cron || s.Timezone != tt.zone) {
			t.Errorf("%s became %+v, %t, want %q", name, s, ok, tt.cron)
		}
		for column, other := range map[string]string{"Schema expiration": "2027-01-01T00:00:00.000Z", "Daylight savings time": "PermanentStandardTime"} {
			was := columns[column]
			columns[column] = other
			if s, ok := ctrlQSchedule(get); ok {
				t.Errorf("%s with %s %s became %+v", name, column, other, s)
			}
			columns[column] = was
		}
	}
}
