# The chains that the workflow in .github/workflows/chains.yml plans, applies and checks. Keep the state where both jobs reach it: add a
# backend of your own here, for example "s3".

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source  = "qlik-task-chain/qlik"
      version = "~> 0.1"
    }
  }
}

provider "qlik" {
  allowed_tenant_ids  = var.tenant_ids
  allowed_account_ids = var.account_ids
}

variable "tenant_ids" {
  description = "The only tenants in which a job may work. Set TF_VAR_tenant_ids to a list."
  type        = list(string)
}

variable "account_ids" {
  description = "The only AWS accounts in which a job may work. Set TF_VAR_account_ids to a list."
  type        = list(string)
}

variable "reload_key" {
  description = "Qlik Cloud API key of the function. Set TF_VAR_reload_key. Terraform neither plans nor stores it."
  type        = string
  ephemeral   = true
}

resource "qlik_task_chain" "nightly" {
  name = "nightly"

  # The function has a key of its own, so that the plan job and the apply job may have other keys.
  credentials_wo         = { api_key = var.reload_key }
  credentials_wo_version = 1

  steps = {
    sales     = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { sales = "success" } }
  }
}
