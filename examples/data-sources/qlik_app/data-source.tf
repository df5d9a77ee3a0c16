data "qlik_app" "transform" {
  name  = "Transform"
  space = "Sales"
}

resource "qlik_task_chain" "nightly" {
  name = "nightly"
  steps = {
    transform = { app = data.qlik_app.transform.id }
  }
}
