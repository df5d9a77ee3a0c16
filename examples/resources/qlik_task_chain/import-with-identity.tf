import {
  to = qlik_task_chain.nightly
  identity = {
    name = "nightly"

    # Optional: refuses a chain of the same name elsewhere.
    tenant_id  = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
    account_id = "123456789012"
    region     = "eu-central-1"
  }
}
