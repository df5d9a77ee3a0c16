# The report is promoted everywhere.
apps = { extract = "Extract sales", transform = "Transform", report = "Report" }

tenants = {
  dev  = { url = "https://acme-dev.eu.qlikcloud.com", space = "Sales", notify = true }
  test = { url = "https://acme-test.eu.qlikcloud.com", space = "Sales", notify = true }
  prod = { url = "https://acme.eu.qlikcloud.com", space = "Sales", notify = true }
}
