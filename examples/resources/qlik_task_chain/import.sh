# By the chain's name.
terraform import qlik_task_chain.nightly nightly
