# Made from tasks.csv. Read it before it is applied.
# "Send mail" runs a program, powershell.exe -File \\server\c$\mail.ps1. A chain reloads apps only: it is left out.
# alone: "Alone" is started by a schedule, "Weekly": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-12-30T23:59:59.999Z, filter * * - * * * * *, in Europe/Stockholm. Look whether the time of day is meant in that time zone.
# "Alone" starts after nothing, and nothing starts after it: it is left out.

resource "qlik_task_chain" "migrated" {
  name = "migrated"

  apps = {
    # After the mail
    # Note: "After the mail" starts after the program "Send mail". That link is missing: what leads to the program has to lead to this step, or to start it.
    after_the_mail = {
      id    = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c99"
      after = { archive = "success" }
    }

    # Archive
    # Note: "Archive" is disabled, and so is its step.
    archive = {
      id       = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05"
      after    = { dashboard = "success", yesterday_s_figures = "success" }
      wait_for = "any"
      enabled  = false
    }

    # Dashboard
    # Note: "Dashboard" ends after 60 minutes. Qlik Cloud's own limit applies instead.
    # Note: "Dashboard" and "Partial dashboard" reload the same app, 7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03. They are one step, which starts after what either of them started after.
    # Note: It started after "a0000000-0000-4000-8000-00000000dead", which is not in the file. That link is missing.
    dashboard = {
      id      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after   = { transform_all = "success" }
      partial = true
    }

    # Reload task of Extract HR 🏆
    # Note: "Reload task of Extract HR 🏆" is started by a schedule, "Nightly HR", which is disabled: daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-12-30T23:59:59.999Z, filter * * - * * * * *, in Europe/Stockholm. It is left out.
    reload_task_of_extract_hr = {
      id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
    }

    # Reload task of Extract sales
    # Note: "Reload task of Extract sales" is started by a schedule, "Nightly": daily, every 0 0 1 0, from 2026-01-01T01:00:00.000Z, to 9999-12-30T23:59:59.999Z, filter * * - * * * * *, in Europe/Stockholm. Look whether the time of day is meant in that time zone.
    reload_task_of_extract_sales = {
      id       = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
      schedule = { cron = "0 2 * * ? *", timezone = "Europe/Stockholm" }
      retry    = { max_attempts = 3 }
    }

    # Ring 1
    # Note: It started after ring_2, on success, which closes a circle. That link is missing.
    ring_1 = {
      id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c10"
    }

    # Ring 2
    ring_2 = {
      id    = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c11"
      after = { ring_1 = "success" }
    }

    # Transform, "all"
    transform_all = {
      id     = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after  = { reload_task_of_extract_hr = "success", reload_task_of_extract_sales = "success" }
      window = "6h"
    }

    # Yesterday's figures
    # Note: "Yesterday's figures" has a task trigger, "Old", which is disabled. It is left out.
    yesterday_s_figures = {
      id    = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04"
      after = { transform_all = "failure" }
    }
  }
}
