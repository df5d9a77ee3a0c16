data "qlik_app" "transform" {
  name  = "Transform"
  space = "Sales"
}

resource "qlik_task_chain" "nightly" {
  name = "nightly"
  apps = {
    transform = { id = data.qlik_app.transform.id }
  }
}
