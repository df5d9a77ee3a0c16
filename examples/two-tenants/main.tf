# Two tenants: finance prepares the figures in one, and the reports in the other start when finance's run has ended, however it was started.
# Each tenant has a chain of its own. Both are in one AWS account and region, and meet on its event bus: finance's chain reports there what
# has ended, and an EventBridge rule of the reports' chain waits for that.
#
# Each tenant's API key comes from the environment: TF_VAR_finance_api_key and TF_VAR_reports_api_key.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

variable "finance_url" {
  description = "URL of the tenant with the figures."
  type        = string
}

variable "reports_url" {
  description = "URL of the tenant with the reports."
  type        = string
}

variable "finance_api_key" {
  description = "API key of the tenant with the figures: in the environment, not in a file."
  type        = string
  sensitive   = true
}

variable "reports_api_key" {
  description = "API key of the tenant with the reports: in the environment, not in a file."
  type        = string
  sensitive   = true
}

variable "bus" {
  description = "Name of the event bus on which the chains meet. Each account has the one named default."
  type        = string
  default     = "default"
}

variable "architecture" {
  description = "Instruction set of the Lambda functions: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

provider "qlik" {
  alias      = "finance"
  tenant_url = var.finance_url
  api_key    = var.finance_api_key
}

provider "qlik" {
  alias      = "reports"
  tenant_url = var.reports_url
  api_key    = var.reports_api_key
}

data "qlik_app" "finance" {
  for_each = toset(["Extract ledger", "Figures"])
  provider = qlik.finance
  name     = each.key
  space    = "Finance"
}

data "qlik_app" "reports" {
  for_each = toset(["Sales report", "Management report", "Yesterday's figures"])
  provider = qlik.reports
  name     = each.key
  space    = "Reports"
}

resource "qlik_task_chain" "finance" {
  provider     = qlik.finance
  name         = "finance"
  architecture = var.architecture
  timezone     = "Europe/Berlin"
  schedule     = { cron = "0 2 * * ? *" }
  events       = { bus = var.bus }

  steps = {
    ledger  = { app = data.qlik_app.finance["Extract ledger"].id }
    figures = { app = data.qlik_app.finance["Figures"].id, after = { ledger = "success" } }
  }
}

resource "qlik_task_chain" "reports" {
  provider     = qlik.reports
  name         = "reports"
  architecture = var.architecture

  steps = {
    # The end of a run of finance's chain, and of no other chain on the bus.
    finance = {
      signal = {
        event_bus = var.bus
        event_pattern = jsonencode({
          source        = ["qlik-task-chain"]
          "detail-type" = ["RunEnded"]
          detail        = { chain = [qlik_task_chain.finance.name], tenant_id = [qlik_task_chain.finance.tenant_id] }
        })
        outcome = "$.detail.status"
      }
    }

    sales      = { app = data.qlik_app.reports["Sales report"].id, after = { finance = "success" } }
    management = { app = data.qlik_app.reports["Management report"].id, after = { finance = "success" } }

    # Says on the reports' landing page that the figures are yesterday's.
    banner = { app = data.qlik_app.reports["Yesterday's figures"].id, after = { finance = "failure" } }
  }
}

output "invoke_urls" {
  description = "Where a GET returns each chain."
  value       = { finance = qlik_task_chain.finance.invoke_url, reports = qlik_task_chain.reports.invoke_url }
}
