import {
  to = qlik_task_chain.nightly
  id = "nightly"
}
