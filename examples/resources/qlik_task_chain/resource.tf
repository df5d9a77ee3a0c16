resource "qlik_task_chain" "nightly" {
  name     = "nightly"
  timezone = "Europe/Berlin"

  # One run at 05:00 in Berlin, Monday to Friday but for holidays, also after the clocks have changed. It begins at extract_sales.
  schedule = { cron = "0 5 ? * MON-FRI *", except = ["2026-12-25", "2027-01-01"] }
  overlap  = "skip"

  steps = {
    extract_sales = {
      app          = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
      retry        = { max_attempts = 3, interval = "5m" }
      max_duration = { after = "1h" }
    }

    # On the first of the month, by a schedule of its own.
    extract_hr = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
      schedule = { cron = "0 4 1 * ? *" }
    }

    # Once both have succeeded in the same business day, from 18:00 to 18:00. On most days, HR's figures of the month count.
    transform = {
      app        = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after      = { extract_sales = "success", extract_hr = "success" }
      carry_over = { extract_hr = "35d" }
    }

    dashboard = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { transform = "success" } }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }

    # On workdays only, and half an hour later.
    archive = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05"
      after = { transform = "success" }
      when  = "weekday in 1..5"
      delay = "30m"
    }
  }
}
