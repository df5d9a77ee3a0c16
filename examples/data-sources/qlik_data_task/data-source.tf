data "qlik_data_task" "transform" {
  name    = "Transform orders"
  project = "Orders"
  space   = "Landing"
}

output "data_task" {
  value = {
    project = data.qlik_data_task.transform.project_id
    task    = data.qlik_data_task.transform.id
  }
}
