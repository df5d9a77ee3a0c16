# Made from tasks.csv. Read it before it is applied.
# "Send mail" (task a0000000-0000-4000-8000-000000000007) runs a program, powershell.exe -File \\server\c$\mail.ps1. A chain reloads apps only: it is left out (enabled: true, retries: 0, timeout: 1440 minutes). It was started by a task trigger, "Done" (success of "Dashboard" (a0000000-0000-4000-8000-000000000004)) within 6h.
# alone: "Alone" has a schedule, "Weekly": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
# A time constraint has no effect on a task trigger with one rule, and is not carried over there: Time contstraint seconds, Time contstraint minutes, Time contstraint hours, Time contstraint days.
# A step has no attributes for these columns, and they are not carried over: Manually triggered, Task status, Task started, Task ended, Task duration, Task executedon node, Tags, Custom properties, Event created date, Event modified date, Event modified by, Event name.
# "Alone" (task a0000000-0000-4000-8000-000000000012) starts after no other step, and no other starts after it: it is left out (app: "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c12", enabled: true, partial: false).

resource "qlik_task_chain" "migrated" {
  name     = "migrated"
  timezone = "Europe/Stockholm"

  steps = {
    # After old sales (task a0000000-0000-4000-8000-000000000014)
    # Note: Its trigger "Never" (success of "Old sales" (a0000000-0000-4000-8000-000000000013)) waits for "Old sales", a disabled task of an app that another task reloads. It never fired, and is left out.
    after_old_sales = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c14"
      after = { yesterday_s_figures = "success" }
    }

    # After the mail (task a0000000-0000-4000-8000-000000000008)
    # Note: "After the mail" starts after the success of "Send mail", which is left out. That link is missing: let this step start after what starts that task.
    # Note: The trigger "Mailed" (success of "Send mail" (a0000000-0000-4000-8000-000000000007) and success of "Archive" (a0000000-0000-4000-8000-000000000006)) within 6h waits for one step only now, so its time constraint is left out.
    after_the_mail = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c99"
      after = { archive = "success" }
    }

    # After twice (task a0000000-0000-4000-8000-000000000016)
    after_twice = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c16"
      after = { twice_a_day = "success" }
    }

    # Archive (task a0000000-0000-4000-8000-000000000006)
    # Note: "Archive" is disabled.
    archive = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05"
      after    = { dashboard = "success", yesterday_s_figures = "success" }
      wait_for = "any"
      enabled  = false
    }

    # Dashboard (task a0000000-0000-4000-8000-000000000004)
    # Note: "Dashboard" ends after 60 minutes. Qlik Cloud's own limit applies instead.
    # Note: "Dashboard" (task a0000000-0000-4000-8000-000000000004) and "Partial dashboard" (task a0000000-0000-4000-8000-000000000009) reload the same app, 7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03. They are one step: what started after one of them starts after each reload of the app.
    # Note: Of "Dashboard" and "Partial dashboard" one reloads partially, the other one fully. The step reloads fully.
    # Note: "Dashboard" and "Partial dashboard" have 0 and 1 retries. The step has the larger number.
    # Note: It started after the success of "Deleted" (a0000000-0000-4000-8000-000000009999), which is not in the file. That link is missing.
    dashboard = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after = { transform_all = "success" }
      retry = { max_attempts = 2 }
    }

    # Reload task of Extract HR 🏆 (task a0000000-0000-4000-8000-000000000002)
    # Note: "Reload task of Extract HR 🏆" has a schedule, "Nightly HR": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm, which is disabled. It is left out.
    reload_task_of_extract_hr = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
    }

    # Reload task of Extract sales (task a0000000-0000-4000-8000-000000000001)
    # Note: "Reload task of Extract sales" has a schedule, "Nightly": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    # Note: "Old sales" has a schedule, "Noon": daily, every 0 0 1 0, from 2026-01-01T11:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    # Note: "Old sales" (task a0000000-0000-4000-8000-000000000013) reloads the same app as "Reload task of Extract sales" (task a0000000-0000-4000-8000-000000000001), 7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01, and is disabled: nothing of it is in the step. Left out: its trigger "After HR" (success of "Reload task of Extract HR 🏆" (a0000000-0000-4000-8000-000000000002)). Left out: its schedule "Noon" (cron(0 12 * * ? *) Europe/Stockholm). Left out: its retries, 5. Left out: that it reloads partially.
    reload_task_of_extract_sales = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
      schedule = { cron = "0 2 * * ? *" }
      retry    = { max_attempts = 3 }
    }

    # Ring 1 (task a0000000-0000-4000-8000-000000000010)
    # Note: It started after the success of ring_2, which closes a circle. That link is missing.
    ring_1 = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c10"
    }

    # Ring 2 (task a0000000-0000-4000-8000-000000000011)
    ring_2 = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c11"
      after = { ring_1 = "success" }
    }

    # Transform, "all" (task a0000000-0000-4000-8000-000000000003)
    # Note: Its time constraint, 6h, is left out: a chain takes the results of one cycle together, from 18:00 to 18:00 unless cycle says otherwise.
    transform_all = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after = { reload_task_of_extract_hr = "success", reload_task_of_extract_sales = "success" }
    }

    # Twice a day (task a0000000-0000-4000-8000-000000000015)
    # Note: "Twice a day" has a schedule, "Night": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    # Note: "Twice a day" has a schedule, "Evening": daily, every 0 0 1 0, from 2026-01-01T17:00:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    # Note: "Twice a day" has a schedule, "Odd": daily, every 0 0 1 0, from 2026-01-01T17:30:00.000Z, to 9999-01-01T00:00:00.000Z, filter * * - * * * * *, in Europe/Stockholm. Check the time of day and its time zone.
    # Note: Its schedules "Night" and "Evening" are one, cron(0 2,18 * * ? *).
    # Note: A step has one schedule, and no cron expression says both: the schedule "Odd" (cron(30 18 * * ? *) Europe/Stockholm) is left out. A reload task in Qlik Cloud can start the app then: its reload begins a run of the chain, too.
    twice_a_day = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c15"
      schedule = { cron = "0 2,18 * * ? *" }
    }

    # Yesterday's figures (task a0000000-0000-4000-8000-000000000005)
    # Note: "Yesterday's figures" has a task trigger, "Old" (success of "Dashboard" (a0000000-0000-4000-8000-000000000004)) within 6h, which is disabled. It is left out.
    yesterday_s_figures = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04"
      after = { transform_all = "failure" }
    }
  }
}
