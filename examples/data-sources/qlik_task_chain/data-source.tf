# A chain that another configuration has deployed.
data "qlik_task_chain" "nightly" {
  name = "nightly"
}

output "invoke_url" {
  value = data.qlik_task_chain.nightly.invoke_url
}
