data "qlik_automation" "report" {
  name  = "Send report"
  space = "Sales"
}

output "automation" {
  value = data.qlik_automation.report.id
}
