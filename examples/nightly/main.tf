# A night's reloads: two extracts, each started by its own schedule in Qlik Cloud; when both have succeeded, transform; then the
# dashboard and the archive. A failed transformation brings yesterday's figures back. Where to, and as whom, is said by environment
# variables alone, so the same files go to every tenant.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source  = "qlik-task-chain/qlik"
      version = "~> 0.1"
    }
  }
}

provider "qlik" {}

variable "architecture" {
  description = "Instruction set of the Lambda function: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

resource "qlik_task_chain" "nightly" {
  name         = "nightly"
  architecture = var.architecture

  timezone = "Europe/Berlin"

  steps = {
    extract_sales = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }

    extract_hr = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
      retry = { max_attempts = 2, interval = "1m" }
    }

    transform = {
      app       = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
      after     = { extract_sales = "success", extract_hr = "success" }
      wait_for  = "all" # the default
      variables = { mode = "full" }
    }

    dashboard = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { transform = "success" }, weight = 5 }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }

    # Not after a reload of transform by hand: the archive has one state a night. It starts when a failed transform was rerun.
    archive = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05"
      after = { transform = "success" }
      when  = "not (by_reload and origin == 'transform')"
    }
  }
}

output "invoke_url" {
  description = "Where a GET returns the chain, and below it its runs."
  value       = qlik_task_chain.nightly.invoke_url
}
