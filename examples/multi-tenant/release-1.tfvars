# The report is still tried out in dev.
apps = { extract = "Extract sales", transform = "Transform", report = "Report" }

tenants = {
  dev  = { url = "https://acme-dev.eu.qlikcloud.com", space = "Sales", notify = true }
  test = { url = "https://acme-test.eu.qlikcloud.com", space = "Sales", notify = false }
  prod = { url = "https://acme.eu.qlikcloud.com", space = "Sales", notify = false }
}
