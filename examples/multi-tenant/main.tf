# One chain in three tenants, in one AWS account. Promoting a change means to apply the same files with another variables file, which says
# what each tenant is at:
#
#   terraform apply -var-file=release-1.tfvars
#
# Each tenant's API key comes from the environment: TF_VAR_api_keys='{"dev":"…","test":"…","prod":"…"}'.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

variable "tenants" {
  description = "The tenants, and how each one's chain differs."
  type = object({
    dev  = object({ url = string, space = string, notify = bool })
    test = object({ url = string, space = string, notify = bool })
    prod = object({ url = string, space = string, notify = bool })
  })
}

variable "api_keys" {
  description = "Qlik Cloud API keys: in the environment, not in a file."
  type        = object({ dev = string, test = string, prod = string })
  sensitive   = true
}

variable "apps" {
  description = "Names of the apps, by the chain's steps."
  type        = map(string)
}

variable "architecture" {
  description = "Instruction set of the Lambda functions: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

# Three AWS accounts instead of one: add `aws = { profile = "…" }` or `aws = { assume_role = { role_arn = "…" } }` to each.
provider "qlik" {
  alias      = "dev"
  tenant_url = var.tenants.dev.url
  api_key    = var.api_keys.dev
}

provider "qlik" {
  alias      = "test"
  tenant_url = var.tenants.test.url
  api_key    = var.api_keys.test
}

provider "qlik" {
  alias      = "prod"
  tenant_url = var.tenants.prod.url
  api_key    = var.api_keys.prod
}

# The names differ, since the three share an account and a region.
module "dev" {
  source       = "./chain"
  providers    = { qlik = qlik.dev }
  chain        = "nightly-dev"
  space        = var.tenants.dev.space
  notify       = var.tenants.dev.notify
  apps         = var.apps
  architecture = var.architecture
}

module "test" {
  source       = "./chain"
  providers    = { qlik = qlik.test }
  chain        = "nightly-test"
  space        = var.tenants.test.space
  notify       = var.tenants.test.notify
  apps         = var.apps
  architecture = var.architecture
}

module "prod" {
  source       = "./chain"
  providers    = { qlik = qlik.prod }
  chain        = "nightly-prod"
  space        = var.tenants.prod.space
  notify       = var.tenants.prod.notify
  apps         = var.apps
  architecture = var.architecture
}

output "invoke_urls" {
  description = "Where a GET returns each tenant's chain."
  value       = { dev = module.dev.invoke_url, test = module.test.invoke_url, prod = module.prod.invoke_url }
}

output "tenant_ids" {
  description = "IDs of the tenants."
  value       = { dev = module.dev.tenant_id, test = module.test.tenant_id, prod = module.prod.tenant_id }
}
