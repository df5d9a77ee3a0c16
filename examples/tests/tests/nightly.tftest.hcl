# The provider is a mock: it needs no credentials, and calls nothing. Its functions are the real ones.
mock_provider "qlik" {}

run "if_transform_fails_fallback_reloads_and_dashboard_does_not" {
  command = plan

  assert {
    condition     = provider::qlik::simulate(local.steps, { transform = "failure" }).started == tolist(["extract", "transform", "fallback"])
    error_message = "After a failure of transform, fallback is to reload, and nothing else."
  }
  assert {
    condition = (provider::qlik::simulate(local.steps, { transform = "failure" }).not_started
    == tomap({ dashboard = "is blocked: transform failed" }))
    error_message = "The record is to say why dashboard did not reload."
  }
}

run "a_second_attempt_that_succeeds_is_a_success" {
  command = plan

  assert {
    condition = ([for reload in provider::qlik::simulate(local.steps, { transform = ["failure", "success"] }).reloads : "${reload.step} ${reload.outcome}"]
    == ["extract success", "transform failure", "transform success", "dashboard success"])
    error_message = "Fallback does not start after a failure that a retry repairs."
  }
}

run "what_failed_is_repaired_by_a_rerun_in_the_morning" {
  command = plan

  # Both attempts of the night fail. The rerun at 07:00 succeeds.
  assert {
    condition = ([for run in provider::qlik::simulate(local.steps, { transform = ["failure", "failure", "success"] }, {
      at = "2026-11-24T02:00:00", timezone = local.timezone, events = [{ at = "07:00", rerun = "1" }]
    }).runs : run.status] == ["failed", "succeeded"])
    error_message = "The rerun repairs the night: it succeeds, and dashboard with it."
  }
}

run "no_dashboard_on_sundays" {
  command = plan

  assert {
    condition = startswith(provider::qlik::simulate(local.steps, {}, { at = "2026-11-22T02:00:00", timezone = local.timezone }).not_started["dashboard"],
    "is skipped: guard `weekday in 1..5` was false in the cycle of Sunday, 2026-11-22")
    error_message = "The guard is to keep dashboard from reloading on a Sunday."
  }
}
