# A chain as a diagram without deploying it, for instance of what a module was given.
variable "steps" {
  description = "The steps of a chain, as in the argument steps of qlik_task_chain."
  type        = any
}

output "diagram" {
  value = provider::qlik::diagram(var.steps)
}
