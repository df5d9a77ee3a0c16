# The provider is a mock: nobody is asked for credentials, and nothing is called. Its functions are the real ones.
mock_provider "qlik" {}

run "if_transform_fails_fallback_reloads_and_dashboard_does_not" {
  command = plan

  assert {
    condition     = provider::qlik::simulate(local.steps, { transform = "failure" }).started == tolist(["extract", "transform", "fallback"])
    error_message = "After a failure of transform, fallback is to reload, and nothing else."
  }
  assert {
    condition = (provider::qlik::simulate(local.steps, { transform = "failure" }).not_started
    == tomap({ dashboard = "starts after transform = success; it ended with failure" }))
    error_message = "The record is to say why dashboard did not reload."
  }
}

run "a_second_attempt_that_succeeds_is_a_success" {
  command = plan

  assert {
    condition = ([for reload in provider::qlik::simulate(local.steps, { transform = ["failure", "success"] }).reloads : "${reload.step} ${reload.outcome}"]
    == ["extract success", "transform failure", "transform success", "dashboard success"])
    error_message = "Fallback is not to hear of a failure that a retry mends."
  }
}

run "no_dashboard_on_sundays" {
  command = plan

  assert {
    condition = startswith(provider::qlik::simulate(local.steps, {}, { at = "2026-11-22T02:00:00", timezone = local.timezone }).not_started["dashboard"],
    "guard `weekday in 1..5` was false on Sunday, 2026-11-22 at 02:02 (Europe/Berlin)")
    error_message = "The guard is to keep dashboard from reloading on a Sunday."
  }
}
