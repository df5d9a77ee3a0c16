# Made from members.json. Read it before it is applied.
# The file exports a function. What it returned is read; decisions in its code are not carried over.
# The file has members beside its apps that are not carried over: tenant.
# The time zone is UTC. It decides which reloads belong to the same day: set timezone to yours.

data "qlik_app" "clean_up" {
  name = "Clean up"
}

data "qlik_app" "last" {
  name = "Last"
}

resource "qlik_task_chain" "migrated" {
  name     = "migrated"
  timezone = "UTC"

  steps = {
    # 7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c27
    # Note: "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c27" starts after "Last" and stands nowhere else in the file.
    app_7b0a3a52_3a0c_4e0e_9d3f_0c6f1a2b3c27 = {
      app   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c27"
      after = { last = "completion" }
    }

    # Clean up
    # Note: There is no app id. The app is looked up by the name "Clean up": check that name.
    # Note: It starts after others and has a schedule, rate(90 minutes). A step has one of the two: the schedule is left out. A reload task in Qlik Cloud can start the app then: its reload begins a run of the chain, too.
    clean_up = {
      app      = data.qlik_app.clean_up.id
      after    = { extract = "failure", twin_2 = "failure" }
      wait_for = "any"
      weight   = 2
    }

    # Extract
    # Note: "Extract" decides in code what starts after it. What it returned after a success is carried over. Write what else the code decides, such as the day, as when of the steps.
    # Note: "Extract" decides in code what starts after it. What it returned after a failure is carried over. Write what else the code decides, such as the day, as when of the steps.
    # Note: "Extract" has members that are not carried over: owner.
    extract = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c21"
      schedule = { cron = "0 2 * * ? *" }
    }

    # Last
    # Note: "Last" decides in code what starts after it. What it returned whatever the outcome is carried over. An entry without an outcome of its own starts after completion. Write what else the code decides, such as the day, as when of the steps.
    # Note: There is no app id. The app is looked up by the name "Last": check that name.
    last = {
      app    = data.qlik_app.last.id
      after  = { clean_up = "success" }
      weight = 1
    }

    # Load
    # Note: "Load" has functions, which decide in code: when. They are not carried over: write what they decide as when of the steps.
    # Note: "Load" names "Twin" in its chain, which is the name of 2 apps. That link is missing: add the one that is meant.
    # Note: "Load" is disabled.
    load = {
      app     = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c22"
      after   = { extract = "success" }
      delay   = "5m"
      retry   = { max_attempts = 3 }
      enabled = false
      partial = true
      variables = {
        "v$${x}" = "true"
        "vDays"  = "3"
        "vMode"  = "full"
      }
      weight = 5
    }

    # Nothing
    # Note: "Nothing" decides in code what starts after it. It returned nothing: it may start reloads itself. What it starts is missing: add it.
    nothing = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c26"
    }

    # Report
    # Note: "Report" has members that are not carried over: note.
    # Note: "Report" decides in code what starts after it. The code failed in the export: boom. What it starts then is missing: add it.
    # Note: "Report" has a value of delay that a step cannot have. It is not carried over: see delay in the documentation.
    # Note: "Report" has a value of weight that a step cannot have. It is not carried over: see weight in the documentation.
    # Note: It starts after others and has a schedule, rate(90 minutes). A step has one of the two: the schedule is left out. A reload task in Qlik Cloud can start the app then: its reload begins a run of the chain, too.
    report = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c25"
      after    = { load = "success", nothing = "success", twin = "success" }
      wait_for = "any"
    }

    # Twin
    twin = {
      app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c23"
    }

    # Twin
    twin_2 = {
      app      = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c24"
      schedule = { cron = "0 3 * * ? *", timezone = "Europe/Zurich" }
    }
  }
}
