# Made from qlik-tasks.json. Read it before it is applied.
# "Mail" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b10) runs "automation.run" for the app "80c6f35f-c9d7-4488-bb5a-ad973b13ec08". A chain reloads the task's app only: the task is left out (app: "80c6f35f-c9d7-4488-bb5a-ad973b13ec08", enabled: true, partial: false). It has an event: "event1" of system-events.task, id "6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b09", status "succeeded". It waits for the events ["event1"].
# alone: "Alone" has a schedule: RRULE:FREQ=HOURLY, from 2026-03-01T00:10:00, in UTC. Check the time of day and its time zone.
# A step has no attributes for these members of tasks, and they are not carried over: events.dataOnly, events.type, keepActive, metadata.createdAt, metadata.lastRun.status, metadata.ownerId, metadata.resourceName, metadata.resourceType, metadata.spaceId, metadata.tenantId, metadata.updatedAt, metadata.usage, specVersion, states.end, states.name, states.onEvents.actions.name, states.type, version.
# "Alone" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b11) starts after no other step, and no other starts after it: it is left out (app: "80c6f35f-c9d7-4488-bb5a-ad973b13ec09", enabled: true, partial: false).
# The time zone is UTC. It decides which reloads belong to the same day: set timezone to yours.
# Disable these tasks in Qlik Cloud when you apply the chain, or their apps are reloaded twice: "Extract ERP nightly" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b01), "Extract CRM" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b02), "Transform" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b03), "Dashboard" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b04), "Dashboard every second week" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b05), "Alarm" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b06), "Archive" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b07), "After the copy" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b09), "First of all" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b12), "Second of all" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b13), "Third of all" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b14).

resource "qlik_task_chain" "migrated" {
  name     = "migrated"
  timezone = "UTC"

  steps = {
    # After the copy (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b09)
    # Note: "After the copy" starts after a task that is left out, "event2" of system-events.task, id "6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b10", status "succeeded". That link is missing.
    # Note: "After the copy" has several events and no exclusive, which says whether one is enough. The step waits for all: check that.
    # Note: "After the copy" starts when all of its events have come. The step does not wait for those that are left out.
    # Note: It started after the success of "6720a7f0-51f1-4c1b-9a53-0d1f2e3c4bff", which is not in the file. That link is missing.
    # Note: It started after the success of itself. That link is missing.
    after_the_copy = {
      app   = "80c6f35f-c9d7-4488-bb5a-ad973b13ec07"
      after = { old_copy = "success" }
    }

    # Alarm (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b06)
    alarm = {
      app      = "80c6f35f-c9d7-4488-bb5a-ad973b13ec04"
      after    = { extract_crm = "failure", extract_erp_nightly = "failure", transform = "completion" }
      wait_for = "any"
    }

    # Archive (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b07)
    # Note: "Archive" has a schedule: RRULE:FREQ=MONTHLY;BYDAY=-1FR and RRULE:FREQ=DAILY;COUNT=3, from 2026-03-01T20:00:00. Check the time of day and its time zone. It has no time zone: UTC is taken. Its line "RRULE:FREQ=DAILY;COUNT=3" has ended and is left out.
    # Note: "Archive" waits for "Dashboard" with the status "finished", which is taken as any end.
    # Note: "Archive" starts after an event, "event2" of dataset.updated, datasetId "65fd3c1b2a", that no app of the chain has. It is left out: a step with signal can wait for what causes it.
    # Note: "Archive" starts when all of its events have come. The step does not wait for those that are left out.
    # Note: It starts after others and has a schedule, "RRULE:FREQ=MONTHLY;BYDAY=-1FR" (cron(0 20 ? * 6L *) UTC). A step has one of the two: the schedule is left out. A reload task in Qlik Cloud can start the app then: its reload begins a run of the chain, too.
    archive = {
      app   = "80c6f35f-c9d7-4488-bb5a-ad973b13ec05"
      after = { dashboard = "completion" }
    }

    # Dashboard (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b04)
    # Note: "Dashboard every second week" has a schedule: RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA, from 2026-03-07T06:00:00, in Europe/Zurich. A cron expression cannot say this, so it is left out: give the step a schedule that is near to it.
    # Note: "Dashboard" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b04) and "Dashboard every second week" (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b05) reload the same app, 80c6f35f-c9d7-4488-bb5a-ad973b13ec03. They are one step: what started after one of them starts after each reload of the app.
    dashboard = {
      app     = "80c6f35f-c9d7-4488-bb5a-ad973b13ec03"
      after   = { transform = "success" }
      partial = true
    }

    # Extract CRM (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b02)
    # Note: "Extract CRM" has a schedule: RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR, from 2026-03-01T23:30:15Z, to 2027-12-31T00:00:00, in Europe/Zurich. Check the time of day and its time zone. It ends on 2027-12-31T00:00:00, and the step's schedule does not: remove it then. Its start has an offset from UTC, and is converted to Europe/Zurich. The start's seconds are left out: a schedule keeps to the minute.
    extract_crm = {
      app      = "80c6f35f-c9d7-4488-bb5a-ad973b13ec01"
      schedule = { cron = "30 0 ? * MON,TUE,WED,THU,FRI *", timezone = "Europe/Zurich" }
    }

    # Extract ERP nightly (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b01)
    # Note: "Extract ERP nightly" has a schedule: RRULE:FREQ=DAILY;INTERVAL=1;BYHOUR=2;BYMINUTE=0;BYSECOND=0, from 2026-03-02T02:00:00, in Europe/Zurich. Check the time of day and its time zone.
    extract_erp_nightly = {
      app      = "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"
      schedule = { cron = "0 2 * * ? *", timezone = "Europe/Zurich" }
    }

    # First of all (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b12)
    # Note: "First of all" has a schedule: from 2027-02-03T04:05:00, in Asia/Tokyo. Check the time of day and its time zone. It starts once.
    first_of_all = {
      app      = "80c6f35f-c9d7-4488-bb5a-ad973b13ec10"
      schedule = { cron = "5 4 3 2 ? 2027", timezone = "Asia/Tokyo" }
    }

    # Old copy (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b08)
    # Note: "Old copy" is disabled in Qlik Cloud with the code "CONSECUTIVE-FAILURES".
    # Note: "Old copy" has a schedule: RRULE:FREQ=DAILY, from 2025-01-01T01:00:00, to 2025-06-01T00:00:00, in Europe/Zurich. It has ended and starts nothing, so it is left out: the step needs no schedule.
    # Note: "Old copy" is disabled.
    old_copy = {
      app     = "80c6f35f-c9d7-4488-bb5a-ad973b13ec06"
      enabled = false
    }

    # Second of all (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b13)
    # Note: "Second of all" waits for an event "event7", which it does not describe. It is left out.
    # Note: "Second of all" has an event, "event2" of system-events.task, id "6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b14", status "succeeded", that it does not wait for. It is left out.
    second_of_all = {
      app   = "80c6f35f-c9d7-4488-bb5a-ad973b13ec11"
      after = { first_of_all = "success" }
    }

    # Third of all (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b14)
    # Note: "Third of all" has a schedule: cron 0 2 * * *. Only a recurrence and a start can be carried over, so it is left out: give the step a schedule.
    third_of_all = {
      app   = "80c6f35f-c9d7-4488-bb5a-ad973b13ec12"
      after = { second_of_all = "success" }
    }

    # Transform (task 6720a7f0-51f1-4c1b-9a53-0d1f2e3c4b03)
    transform = {
      app   = "80c6f35f-c9d7-4488-bb5a-ad973b13ec02"
      after = { extract_crm = "success", extract_erp_nightly = "success" }
    }
  }
}
