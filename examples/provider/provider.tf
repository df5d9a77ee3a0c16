terraform {
  required_providers {
    qlik = {
      source  = "qlik-task-chain/qlik"
      version = "~> 0.1"
    }
  }
}

# Credentials come from the environment: QLIK_API_KEY for Qlik Cloud, and what AWS's own tools use for AWS.
provider "qlik" {
  tenant_url = "https://acme.eu.qlikcloud.com"

  aws = {
    region = "eu-central-1"
    default_tags = {
      team = "bi-platform"
    }
  }
}
