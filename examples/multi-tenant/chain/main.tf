# The chain, once for all tenants. Apps are looked up by their names, which are the same everywhere; ids are not.

terraform {
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

variable "space" {
  description = "Name of the space that the apps are in."
  type        = string
}

variable "apps" {
  description = "Names of the apps, by the chain's steps."
  type        = map(string)
}

variable "chain" {
  description = "The chain's name."
  type        = string
}

variable "notify" {
  description = "Whether the report is reloaded too: who tests a chain may not want it."
  type        = bool
}

variable "architecture" {
  description = "Instruction set of the Lambda function: arm64 or x86_64."
  type        = string
}

data "qlik_app" "step" {
  for_each = var.apps
  name     = each.value
  space    = var.space
}

resource "qlik_task_chain" "this" {
  name         = var.chain
  architecture = var.architecture

  steps = {
    extract   = { app = data.qlik_app.step["extract"].id, retry = { max_attempts = 2 } }
    transform = { app = data.qlik_app.step["transform"].id, after = { extract = "success" } }
    report    = { app = data.qlik_app.step["report"].id, after = { transform = "success" }, enabled = var.notify }
  }
}

output "invoke_url" {
  description = "Where a GET returns the chain."
  value       = qlik_task_chain.this.invoke_url
}

output "tenant_id" {
  description = "ID of the tenant that the chain belongs to."
  value       = qlik_task_chain.this.tenant_id
}
