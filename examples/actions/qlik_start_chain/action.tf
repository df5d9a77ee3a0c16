# terraform apply -invoke=action.qlik_start_chain.nightly
action "qlik_start_chain" "nightly" {
  config {
    name = qlik_task_chain.nightly.name
    step = "extract_sales"
  }
}
