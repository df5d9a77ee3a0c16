# Dashboards that need a dbt job and two extracts: they are reloaded when dbt and both extracts have succeeded, in any order, once a day.
# dbt runs outside Qlik Cloud. Where it runs, the last line of the job puts an event on the account's default event bus, whatever has
# happened:
#
#   dbt build && status=success || status=error
#   aws events put-events --entries "[{\"Source\": \"acme.dbt\", \"DetailType\": \"dbt job ended\",
#     \"Detail\": \"{\\\"job\\\": \\\"nightly\\\", \\\"status\\\": \\\"$status\\\"}\"}]"
#
# Anything else that sends events to EventBridge works the same way: Glue, Step Functions, S3, and partners with an event bus of their own.
# What has no events can send a request: POST /signal/dbt.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

provider "qlik" {}

variable "architecture" {
  description = "Instruction set of the Lambda function: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

resource "qlik_task_chain" "dashboards" {
  name         = "dashboards"
  architecture = var.architecture
  timezone     = "Europe/Berlin"

  # The chain's schedule starts both extracts. dbt has a schedule of its own, elsewhere.
  schedule = { cron = "0 4 * * ? *" }

  steps = {
    dbt = {
      signal = {
        event_pattern = jsonencode({ source = ["acme.dbt"], detail = { job = ["nightly"] } })
        outcome       = "$.detail.status"
      }
    }

    extract_sales = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    extract_hr    = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06" }

    sales = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after = { dbt = "success", extract_sales = "success", extract_hr = "success" }
    }
    management = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after = { dbt = "success", extract_sales = "success", extract_hr = "success" }
    }

    # Says on the dashboards' landing page that the figures are yesterday's.
    banner = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { dbt = "failure" } }
  }
}

output "signal_url" {
  description = "Where a POST with the chain's API key reports the dbt job, if it cannot send events."
  value       = "${qlik_task_chain.dashboards.invoke_url}/signal/dbt"
}
