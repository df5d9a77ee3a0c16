# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    qlik = { source = "qlik-task-chain/qlik" }
  }
}

variable "chains" { type = number }
variable "steps" { type = number }
variable "architecture" { type = string }

# The tenant has these apps. Further steps have others.
variable "apps" { type = list(string) }

resource "qlik_task_chain" "bench" {
  for_each     = toset([for n in range(var.chains) : format("bench-%03d", n)])
  name         = each.key
  architecture = var.architecture
  steps = {
    for i in range(var.steps) : format("app_%04d", i) => {
      app   = i < length(var.apps) ? var.apps[i] : format("7b0a3a52-3a0c-4e0e-9d3f-%012x", i)
      after = i == 0 ? null : { format("app_%04d", floor((i - 1) / 3)) = "success" }
    }
  }
}
