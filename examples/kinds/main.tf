# A night with three kinds of steps: a data task lands the orders, apps transform and show them, and an automation mails the report. When
# the landing fails twice, another automation opens a ticket. The ids are looked up by name, so the same file goes to every tenant.

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

data "qlik_data_task" "orders" {
  name    = "Land orders"
  project = "Orders"
  space   = "Landing"
}

data "qlik_app" "prepare" { # a script, a data flow or a table recipe would be looked up in the same way: each is an app
  name  = "Prepare orders"
  space = "Sales"
}

data "qlik_app" "dashboard" {
  name  = "Orders"
  space = "Sales"
}

data "qlik_automation" "report" {
  name  = "Mail the report"
  space = "Sales"
}

data "qlik_automation" "ticket" {
  name  = "Open a ticket"
  space = "Sales"
}

resource "qlik_task_chain" "orders" {
  name         = "orders"
  architecture = var.architecture
  timezone     = "Europe/Berlin"
  schedule     = { cron = "0 4 ? * MON-FRI *" }

  steps = {
    land = {
      data_task = { project = data.qlik_data_task.orders.project_id, task = data.qlik_data_task.orders.id }
      retry     = { max_attempts = 2, interval = "10m" }
    }

    prepare   = { app = data.qlik_app.prepare.id, after = { land = "success" } }
    dashboard = { app = data.qlik_app.dashboard.id, after = { prepare = "success" } }
    report    = { automation = data.qlik_automation.report.id, after = { dashboard = "success" } }
    ticket    = { automation = data.qlik_automation.ticket.id, after = { land = "failure" } }
  }
}
