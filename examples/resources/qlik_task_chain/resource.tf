resource "qlik_task_chain" "nightly" {
  name     = "nightly"
  timezone = "Europe/Berlin"

  steps = {
    # At 05:00 in Berlin, Monday to Friday, also after the clocks have changed.
    extract_sales = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
      schedule = { cron = "0 5 ? * MON-FRI *" }
    }

    # Started from elsewhere: by hand, by another tool, through Qlik Cloud's API.
    extract_hr = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
      retry = { max_attempts = 3, interval = "5m" }
    }

    # Once both have succeeded, the one within six hours of the other.
    transform = {
      app    = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after  = { extract_sales = "success", extract_hr = "success" }
      window = "6h"
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
