data "qlik_space" "sales" {
  name = "Sales"
}

check "rights" {
  assert {
    condition     = length(setintersection(data.qlik_space.sales.roles, ["facilitator", "operator", "producer", "codeveloper"])) > 0
    error_message = "The provider's credentials have no role in the space Sales that may reload its apps."
  }
}
