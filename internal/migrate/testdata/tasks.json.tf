# Made from tasks.json. Read it before it is applied.

resource "qlik_task_chain" "migrated" {
  name = "migrated"

  apps = {
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

    # Transform, "all"
    transform_all = {
      id     = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after  = { reload_task_of_extract_hr = "success", reload_task_of_extract_sales = "success" }
      window = "6h"
    }
  }
}
