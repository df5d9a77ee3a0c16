locals {
  steps = {
    sales     = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    hr        = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02" }
    transform = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { sales = "success", hr = "success" } }
    fallback  = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }
  }

  # A night on which transform fails.
  night = provider::qlik::simulate(local.steps, { transform = "failure" })

  # A night on which hr fails. It is reloaded by hand at 15:00, with success.
  repaired = provider::qlik::simulate(local.steps, { hr = ["failure", "success"] }, {
    at     = "2026-01-05T02:00:00"
    events = [{ at = "15:00", reload = "hr" }]
  })
}

output "started" {
  value = local.night.started # ["hr", "sales", "transform", "fallback"]
}

output "not_started" {
  value = local.repaired.not_started # { fallback = "is not needed: starts after transform = failure; transform succeeded" }
}

output "runs" {
  value = [for run in local.repaired.runs : "${run.begin} ${run.status}"] # ["2026-01-05T02:00:00Z failed", "2026-01-05T15:00:00Z succeeded"]
}
