plugin "terraform" {
  enabled = true
  preset  = "recommended" # has terraform_map_duplicate_keys
}
