# Every app whose name begins with "Extract", each as a step that is retried.
data "qlik_apps" "extracts" {
  space      = "Sales"
  name_regex = "^Extract "
}

resource "qlik_task_chain" "extracts" {
  name  = "extracts"
  steps = { for name, id in data.qlik_apps.extracts.ids : name => { app = id, retry = { max_attempts = 3 } } }
}
