locals {
  steps = {
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02" }
    dashboard = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { transform = "success" } }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }
  }

  night = provider::qlik::simulate(local.steps, { transform = "failure" })
}

output "started" {
  value = local.night.started # ["transform", "fallback"]
}

output "not_started" {
  value = local.night.not_started # { dashboard = "starts after transform = success; it ended with failure" }
}
