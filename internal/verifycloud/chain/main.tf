# The chain that `make verify-cloud` plays the life of. Its variables are in terraform.tfvars.json, which the command writes.

terraform {
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

provider "qlik" {}

variable "name" {
  type = string
}

variable "architecture" {
  type = string
}

variable "webhook_level" {
  type = string
}

variable "apps" {
  type = map(string)
}

variable "paused" {
  type = bool
}

variable "rotation" {
  type = string
}

resource "qlik_task_chain" "verify" {
  name                    = var.name
  architecture            = var.architecture
  webhook_level           = var.webhook_level
  log_retention_in_days   = 1
  paused                  = var.paused
  api_key_rotation        = var.rotation
  signing_secret_rotation = var.rotation
  timezone                = "UTC"

  steps = {
    first  = { app = var.apps["first"] }
    broken = { app = var.apps["broken"], after = { first = "success" } }
    join   = { app = var.apps["join"], after = { first = "success", broken = "failure" } }
  }
}

output "chain" {
  value = {
    invoke_url = qlik_task_chain.verify.invoke_url
    api_key_id = qlik_task_chain.verify.api_key_id
    webhook_id = qlik_task_chain.verify.webhook_id
  }
}
