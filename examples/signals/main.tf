# Dashboards that need a dbt job and two extracts: they are reloaded when dbt and both extracts have succeeded, in any order, once a day.
# dbt runs outside Qlik Cloud. Where it runs, the last line of the job puts an event on the account's default event bus, whatever has
# happened:
#
#   dbt build && status=success || status=error
#   aws events put-events --entries "[{\"Source\": \"acme.dbt\", \"DetailType\": \"dbt job ended\",
#     \"Detail\": \"{\\\"job\\\": \\\"nightly\\\", \\\"status\\\": \\\"$status\\\"}\"}]"
#
# Anything else that sends events to EventBridge works the same way: Glue, Step Functions, S3, and partners with an event bus of their own.
# What has no events can send a request: POST /signal/dbt. It gets the key for signals, which does nothing else.
#
# The suppliers' files come into an S3 bucket, one after the other, which sends its events to EventBridge. They are loaded once, when no
# further one has come for ten minutes.

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

  signal_key = true

  # The chain's schedule starts both extracts. dbt has a schedule of its own, elsewhere.
  schedule = { cron = "0 4 * * ? *" }

  steps = {
    dbt = {
      signal = {
        event_pattern = jsonencode({ source = ["acme.dbt"], detail = { job = ["nightly"] } })
        outcome       = "$.detail.status"
      }
    }

    files = {
      signal = {
        event_pattern = jsonencode({
          source        = ["aws.s3"]
          "detail-type" = ["Object Created"]
          detail        = { bucket = { name = ["acme-suppliers"] } }
        })
        quiet_for = "10m"
      }
    }
    suppliers = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05", after = { files = "success" } }

    extract_sales = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    extract_hr    = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06" }

    sales = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after = { dbt = "success", extract_sales = "success", extract_hr = "success" }
    }
    management = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after = { dbt = "success", extract_sales = "success", extract_hr = "success", suppliers = "success" }
    }

    # Says on the dashboards' landing page that the figures are yesterday's.
    banner = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { dbt = "failure" } }
  }
}

output "signal_url" {
  description = "Where a POST with the key signal_key_id reports the dbt job, if it cannot send events."
  value       = "${qlik_task_chain.dashboards.invoke_url}/signal/dbt"
}
