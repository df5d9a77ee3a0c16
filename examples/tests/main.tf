# A chain with tests of what it does: `terraform test` runs them without Qlik Cloud, AWS or credentials.

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

locals {
  timezone = "Europe/Berlin"

  # A local value, so that the tests can play it.
  steps = {
    extract   = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { extract = "success" }, retry = { max_attempts = 2 } }
    dashboard = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { transform = "success" }, when = "weekday in 1..5" }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }
  }
}

resource "qlik_task_chain" "nightly" {
  name         = "nightly"
  architecture = var.architecture
  timezone     = local.timezone
  steps        = local.steps
}
