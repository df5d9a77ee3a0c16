# Made from apps.json. Read it before it is applied.
# "Alone" starts after no other step, and no other starts after it: it is left out (app: "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c99", enabled: true, partial: false).
# The time zone is UTC. It decides which reloads belong to the same day: set timezone to yours.

data "qlik_app" "archive_2026_year" {
  name = "Archive \"2026\" $${year}"
}

resource "qlik_task_chain" "migrated" {
  name     = "migrated"
  timezone = "UTC"

  steps = {
    # Archive "2026" ${year}
    # Note: "Archive \"2026\" ${year}" starts after "Transform" and stands nowhere else in the file.
    # Note: There is no app id. The app is looked up by the name "Archive \"2026\" ${year}": check that name.
    archive_2026_year = {
      app   = data.qlik_app.archive_2026_year.id
      after = { transform = "success" }
    }

    # Dashboard
    # Note: The condition "sometimes" of "Dashboard" is not one that a chain knows. It is taken as success. If it decides on something else, write it as when of the steps.
    # Note: It started after the success of itself. That link is missing.
    dashboard = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after = { transform = "success" }
    }

    # Extract HR
    extract_hr = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
    }

    # Extract Sales
    # Note: It started after the success of dashboard, which closes a circle. That link is missing.
    extract_sales = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
    }

    # Transform
    transform = {
      app      = "7B0A3A52-3A0C-4E0E-9D3F-0C6F1A2B3C02"
      after    = { extract_hr = "success", extract_sales = "success" }
      wait_for = "any"
    }

    # Yesterday's figures
    yesterday_s_figures = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04"
      after = { transform = "failure" }
    }
  }
}
