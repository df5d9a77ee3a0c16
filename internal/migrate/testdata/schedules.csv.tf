# Made from schedules.csv. Read it before it is applied.
# A time constraint has no effect on a task trigger with one rule, and is not carried over there: Time contstraint seconds, Time contstraint minutes, Time contstraint hours, Time contstraint days.
# A step has no attributes for these columns, and they are not carried over: Task status, Task started, Task ended, Task duration, Task executedon node, Event created date, Event modified date, Event modified by, Event name.
# The time zone is UTC. It decides which reloads belong to the same day: set timezone to yours.

resource "qlik_task_chain" "migrated" {
  name     = "migrated"
  timezone = "UTC"

  steps = {
    # a time zone of Windows' (task a0000000-0000-4000-8000-000000000039)
    # Note: "a time zone of Windows'" has a schedule, "windows": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in W. Europe Standard Time. "W. Europe Standard Time" is no IANA time zone, so it is left out: give the step a schedule.
    a_time_zone_of_windows = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c58"
    }

    # after a time zone of Windows' (task a0000000-0000-4000-8000-000000000040)
    after_a_time_zone_of_windows = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c59"
      after = { a_time_zone_of_windows = "success" }
    }

    # after begins later (task a0000000-0000-4000-8000-000000000028)
    after_begins_later = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c47"
      after = { begins_later = "success" }
    }

    # after disabled (task a0000000-0000-4000-8000-000000000048)
    after_disabled = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c67"
      after = { disabled = "success" }
    }

    # after every 12 hours (task a0000000-0000-4000-8000-000000000044)
    after_every_12_hours = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c63"
      after = { every_12_hours = "success" }
    }

    # after every 2 weeks (task a0000000-0000-4000-8000-000000000020)
    after_every_2_weeks = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c39"
      after = { every_2_weeks = "success" }
    }

    # after every 30 min (task a0000000-0000-4000-8000-000000000006)
    after_every_30_min = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c25"
      after = { every_30_min = "success" }
    }

    # after every 5 hours (task a0000000-0000-4000-8000-000000000032)
    after_every_5_hours = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c51"
      after = { every_5_hours = "success" }
    }

    # after every 90 minutes (task a0000000-0000-4000-8000-000000000034)
    after_every_90_minutes = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c53"
      after = { every_90_minutes = "success" }
    }

    # after expired (task a0000000-0000-4000-8000-000000000024)
    after_expired = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c43"
      after = { expired = "success" }
    }

    # after expires (task a0000000-0000-4000-8000-000000000026)
    after_expires = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c45"
      after = { expires = "success" }
    }

    # after half-hour zone (task a0000000-0000-4000-8000-000000000042)
    after_half_hour_zone = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c61"
      after = { half_hour_zone = "success" }
    }

    # after made in summer (task a0000000-0000-4000-8000-000000000022)
    after_made_in_summer = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c41"
      after = { made_in_summer = "success" }
    }

    # after monthly (task a0000000-0000-4000-8000-000000000014)
    after_monthly = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c33"
      after = { monthly = "success" }
    }

    # after New York (task a0000000-0000-4000-8000-000000000046)
    after_new_york = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c65"
      after = { new_york = "success" }
    }

    # after no time zone (task a0000000-0000-4000-8000-000000000038)
    after_no_time_zone = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c57"
      after = { no_time_zone = "success" }
    }

    # after no Z, as in files made for import (task a0000000-0000-4000-8000-000000000004)
    after_no_z_as_in_files_made_for_import = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c23"
      after = { no_z_as_in_files_made_for_import = "success" }
    }

    # after once, in the future (task a0000000-0000-4000-8000-000000000008)
    after_once_in_the_future = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c27"
      after = { once_in_the_future = "success" }
    }

    # after once, in the past (task a0000000-0000-4000-8000-000000000010)
    after_once_in_the_past = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c29"
      after = { once_in_the_past = "success" }
    }

    # after once with an increment (task a0000000-0000-4000-8000-000000000012)
    after_once_with_an_increment = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c31"
      after = { once_with_an_increment = "success" }
    }

    # after permanent standard time (task a0000000-0000-4000-8000-000000000030)
    after_permanent_standard_time = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c49"
      after = { permanent_standard_time = "success" }
    }

    # after seconds in the start (task a0000000-0000-4000-8000-000000000002)
    after_seconds_in_the_start = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c21"
      after = { seconds_in_the_start = "success" }
    }

    # after UTC (task a0000000-0000-4000-8000-000000000036)
    after_utc = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c55"
      after = { utc = "success" }
    }

    # after weekly in Tokyo (task a0000000-0000-4000-8000-000000000018)
    after_weekly_in_tokyo = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c37"
      after = { weekly_in_tokyo = "success" }
    }

    # after weekly Mon-Fri (task a0000000-0000-4000-8000-000000000016)
    after_weekly_mon_fri = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c35"
      after = { weekly_mon_fri = "success" }
    }

    # begins later (task a0000000-0000-4000-8000-000000000027)
    # Note: "begins later" has a schedule, "later": daily, every 0 0 1 0, from 2027-06-01T02:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone. It begins on 2027-06-01T02:00:00.000Z, and the step's schedule begins when it is applied.
    begins_later = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c46"
      schedule = { cron = "0 4 * * ? *", timezone = "Europe/Stockholm" }
    }

    # disabled (task a0000000-0000-4000-8000-000000000047)
    # Note: "disabled" has a schedule, "disabled": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm, which is disabled. It is left out.
    disabled = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c66"
    }

    # every 12 hours (task a0000000-0000-4000-8000-000000000043)
    # Note: "every 12 hours" has a schedule, "half days": hourly, every 0 12 0 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Berlin. Check the time of day and its time zone.
    every_12_hours = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c62"
      schedule = { cron = "0 2/12 * * ? *", timezone = "Europe/Berlin" }
    }

    # every 2 weeks (task a0000000-0000-4000-8000-000000000019)
    # Note: "every 2 weeks" has a schedule, "fortnight": weekly, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - 1 2 * * *, in Europe/Stockholm. A cron expression cannot say this, so it is left out: give the step a schedule that is near to it.
    every_2_weeks = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c38"
    }

    # every 30 min (task a0000000-0000-4000-8000-000000000005)
    # Note: "every 30 min" has a schedule, "half hours": hourly, every 30 0 0 0, from 2021-12-08T14:21:49.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone. The start's seconds are left out: a schedule keeps to the minute.
    every_30_min = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c24"
      schedule = { cron = "21/30 * * * ? *", timezone = "Europe/Stockholm" }
    }

    # every 5 hours (task a0000000-0000-4000-8000-000000000031)
    # Note: "every 5 hours" has a schedule, "hours": hourly, every 0 5 0 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. A cron expression cannot say this, so it is left out: give the step a schedule that is near to it.
    every_5_hours = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c50"
    }

    # every 90 minutes (task a0000000-0000-4000-8000-000000000033)
    # Note: "every 90 minutes" has a schedule, "custom": custom, every 30 1 0 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. A cron expression cannot say this, so it is left out: give the step a schedule that is near to it.
    every_90_minutes = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c52"
    }

    # expired (task a0000000-0000-4000-8000-000000000023)
    # Note: "expired" has a schedule, "expired": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 2025-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. It has ended and starts nothing, so it is left out: the step needs no schedule.
    expired = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c42"
    }

    # expires (task a0000000-0000-4000-8000-000000000025)
    # Note: "expires" has a schedule, "expires": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 2027-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone. It ends on 2027-01-01T00:00:00.000Z, and the step's schedule does not: remove it then.
    expires = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c44"
      schedule = { cron = "0 2 * * ? *", timezone = "Europe/Stockholm" }
    }

    # half-hour zone (task a0000000-0000-4000-8000-000000000041)
    # Note: "half-hour zone" has a schedule, "kolkata": hourly, every 0 1 0 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Asia/Kolkata. Check the time of day and its time zone.
    half_hour_zone = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c60"
      schedule = { cron = "30 * * * ? *", timezone = "Asia/Kolkata" }
    }

    # made in summer (task a0000000-0000-4000-8000-000000000021)
    # Note: "made in summer" has a schedule, "summer": daily, every 0 0 1 0, from 2021-07-08T02:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    made_in_summer = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c40"
      schedule = { cron = "0 4 * * ? *", timezone = "Europe/Stockholm" }
    }

    # monthly (task a0000000-0000-4000-8000-000000000013)
    # Note: "monthly" has a schedule, "monthly": monthly, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * 1 * *, in Europe/Stockholm. Check the time of day and its time zone.
    monthly = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c32"
      schedule = { cron = "0 2 1 * ? *", timezone = "Europe/Stockholm" }
    }

    # New York (task a0000000-0000-4000-8000-000000000045)
    # Note: "New York" has a schedule, "new york": daily, every 0 0 1 0, from 2021-01-08T14:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in America/New_York. Check the time of day and its time zone.
    new_york = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c64"
      schedule = { cron = "0 9 * * ? *", timezone = "America/New_York" }
    }

    # no time zone (task a0000000-0000-4000-8000-000000000037)
    # Note: "no time zone" has a schedule, "nowhere": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *. Check the time of day and its time zone. It has no time zone: UTC is taken.
    no_time_zone = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c56"
      schedule = { cron = "0 1 * * ? *" }
    }

    # no Z, as in files made for import (task a0000000-0000-4000-8000-000000000003)
    # Note: "no Z, as in files made for import" has a schedule, "import": daily, every 0 0 1 0, from 2022-10-19T10:19:00.000, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone. Its start says no time zone, and is taken as UTC.
    no_z_as_in_files_made_for_import = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c22"
      schedule = { cron = "19 12 * * ? *", timezone = "Europe/Stockholm" }
    }

    # once, in the future (task a0000000-0000-4000-8000-000000000007)
    # Note: "once, in the future" has a schedule, "once": once, every 0 0 0 0, from 2026-12-08T14:21:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone. It starts once.
    once_in_the_future = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c26"
      schedule = { cron = "21 15 8 12 ? 2026", timezone = "Europe/Stockholm" }
    }

    # once, in the past (task a0000000-0000-4000-8000-000000000009)
    # Note: "once, in the past" has a schedule, "past": once, every 0 0 0 0, from 2021-12-08T14:21:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. It was to start once, and that time is past, so it is left out: the step needs no schedule.
    once_in_the_past = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c28"
    }

    # once with an increment (task a0000000-0000-4000-8000-000000000011)
    # Note: "once with an increment" has a schedule, "odd": once, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. It says once and has an increment, so it is left out: look in the QMC whether it still starts the task.
    once_with_an_increment = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c30"
    }

    # permanent standard time (task a0000000-0000-4000-8000-000000000029)
    # Note: "permanent standard time" has a schedule, "standard": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm, with daylight saving time "PermanentStandardTime". A cron expression cannot say this, so it is left out: give the step a schedule that is near to it.
    permanent_standard_time = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c48"
    }

    # seconds in the start (task a0000000-0000-4000-8000-000000000001)
    # Note: "seconds in the start" has a schedule, "api": weekly, every 0 0 1 0, from 2022-10-19T10:19:30.000Z, to 9999-01-01T00:00:00.000Z, filter * * - 3 1 * * *, in Europe/Stockholm. Check the time of day and its time zone. The start's seconds are left out: a schedule keeps to the minute.
    seconds_in_the_start = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c20"
      schedule = { cron = "19 12 ? * WED *", timezone = "Europe/Stockholm" }
    }

    # UTC (task a0000000-0000-4000-8000-000000000035)
    # Note: "UTC" has a schedule, "utc": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in UTC. Check the time of day and its time zone.
    utc = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c54"
      schedule = { cron = "0 1 * * ? *" }
    }

    # weekly in Tokyo (task a0000000-0000-4000-8000-000000000017)
    # Note: "weekly in Tokyo" has a schedule, "tokyo": weekly, every 0 0 1 0, from 2021-12-08T20:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - 0 1 * * *, in Asia/Tokyo. Check the time of day and its time zone.
    weekly_in_tokyo = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c36"
      schedule = { cron = "0 5 ? * SUN *", timezone = "Asia/Tokyo" }
    }

    # weekly Mon-Fri (task a0000000-0000-4000-8000-000000000015)
    # Note: "weekly Mon-Fri" has a schedule, "weekdays": weekly, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - 1,2,3,4,5 1 * * *, in Europe/Stockholm. Check the time of day and its time zone.
    weekly_mon_fri = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c34"
      schedule = { cron = "0 2 ? * MON,TUE,WED,THU,FRI *", timezone = "Europe/Stockholm" }
    }
  }
}
