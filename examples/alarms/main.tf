# A chain that notifies an SNS topic when a run has failed or recovered, when something is wrong with it, when a run takes too long, and when it is not
# done by 06:00.

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

variable "topic_arn" {
  description = "ARN of the SNS topic that those on call have subscribed to, in the chain's region."
  type        = string
}

resource "qlik_task_chain" "nightly" {
  name         = "nightly"
  architecture = var.architecture
  timezone     = "Europe/Zurich"

  alarm_actions = [var.topic_arn]
  expect_by     = { time = "06:00", days = ["MON", "TUE", "WED", "THU", "FRI"] }
  notify_on     = ["failure", "recovered"]
  max_duration  = { after = "3h" }

  steps = {
    extract   = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { extract = "success" } }

    # People open it at half past five. A reload that hangs is canceled.
    dashboard = {
      app          = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
      after        = { transform = "success" }
      expect_by    = { time = "05:30" }
      max_duration = { after = "45m", on_exceeded = "cancel" }
    }
  }
}

output "runs" {
  description = "The page that draws the chain's runs."
  value       = qlik_task_chain.nightly.page_url
}
