resource "qlik_task_chain" "nightly" {
  name = "nightly"

  apps = {
    extract   = { id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    transform = { id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { extract = "success" } }
    dashboard = { id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03", after = { transform = "success" } }
    fallback  = { id = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04", after = { transform = "failure" } }
  }
}
