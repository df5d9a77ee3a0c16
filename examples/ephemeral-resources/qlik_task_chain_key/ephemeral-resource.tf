# The key for Qlik's REST connector. Hand ephemeral.qlik_task_chain_key.nightly.value to a write-only argument, such as secret_string_wo of
# aws_secretsmanager_secret_version, or to another provider's configuration: it is kept nowhere.
ephemeral "qlik_task_chain_key" "nightly" {
  api_key_id = qlik_task_chain.nightly.api_key_id
}
