# The chain that the workflow in .github/workflows/explain.yml comments on: what each pull request changes in it.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source = "qlik-task-chain/qlik"
    }
  }
}

provider "qlik" {}

resource "qlik_task_chain" "nightly" {
  name = "nightly"
  steps = {
    sales     = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { sales = "success" } }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }
  }
}
