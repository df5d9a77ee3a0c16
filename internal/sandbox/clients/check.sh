#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0

# Reads every object of a deployed chain with clients that know nothing of this project: Debian's awscli and the AWS SDK for
# JavaScript. Asserts what they get, and the error for an object that is missing. One line per check; exit status 1 when one
# of them failed, 2 when the checks could not run.
#
#   check.sh NAME [SERVICE…]     services: sts iam lambda ssm apigateway logs dynamodb; all of them without one
#
# Needs the sandbox's environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION. The chain must have
# handled an event, so that there are log lines. Needs node and npm; installs awscli when it runs as root.
set -uo pipefail

SDK=(iam@3.1169.0 lambda@3.1164.0 ssm@3.1169.0 api-gateway@3.1142.0 cloudwatch-logs@3.1169.0 sts@3.1173.0
  dynamodb@3.1164.0)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stop() { echo "check.sh: $*" >&2; exit 2; }

[ $# -ge 1 ] || stop "usage: check.sh NAME [SERVICE…]"
chain=$1
shift
services=("$@")
[ ${#services[@]} -gt 0 ] || services=(sts iam lambda ssm apigateway logs dynamodb)
for variable in AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION; do
  [ -n "${!variable:-}" ] || stop "$variable is not set: export the environment that the sandbox printed"
done
unset AWS_PROFILE AWS_SESSION_TOKEN
export AWS_DEFAULT_REGION=$AWS_REGION AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_EC2_METADATA_DISABLED=true AWS_PAGER="" AWS_MAX_ATTEMPTS=1

# Debian's own, not one that pip put before it in PATH.
aws=/usr/bin/aws
if [ ! -x $aws ]; then
  [ "$(id -u)" = 0 ] || stop "Debian's awscli is not installed: apt-get install awscli"
  apt-get install -y awscli >/dev/null 2>&1 || stop "apt-get install awscli failed"
fi
command -v node >/dev/null && command -v npm >/dev/null || stop "node and npm are needed"

# Debian 12's awscli is older than the variable AWS_ENDPOINT_URL.
cli() { $aws --endpoint-url "$AWS_ENDPOINT_URL" --no-cli-pager --output text "$@" 2>&1; }

failed=0
good() { echo "ok    cli  $1"; }
bad() { echo "FAIL  cli  $1: ${2//$'\n'/ }"; failed=1; }

# equal WHAT WANT COMMAND…: the command prints WANT.
equal() {
  local what=$1 want=$2 got
  shift 2
  if got=$(cli "$@") && [ "$got" = "$want" ]; then good "$what: $want"; else bad "$what" "want $want, got $got"; fi
}
# like WHAT PATTERN COMMAND…: the command prints something that fits the extended regular expression.
like() {
  local what=$1 pattern=$2 got
  shift 2
  if got=$(cli "$@") && [[ $got =~ $pattern ]]; then good "$what"; else bad "$what" "want a match of $pattern, got $got"; fi
}
# show is like, and the line has what was printed: for what is short and no secret.
show() {
  local what=$1 pattern=$2 got
  shift 2
  if got=$(cli "$@") && [[ $got =~ $pattern ]]; then good "$what: $got"; else bad "$what" "want a match of $pattern, got $got"; fi
}
# refused WHAT CODE COMMAND…: the command fails with this error code.
refused() {
  local what=$1 code=$2 got
  shift 2
  if got=$(cli "$@"); then
    bad "$what" "want the error $code, got $got"
  elif [[ $got == *"($code)"* ]]; then
    good "$what: $code"
  else
    bad "$what" "want the error $code, got $got"
  fi
}

name=qlik-task-chain-$chain
role=$name-$AWS_REGION # roles belong to all regions
group=/aws/lambda/$name
missing=$name-missing

check_sts() {
  show "caller" '^arn:aws[a-z-]*:iam::[0-9]{12}:user/' sts get-caller-identity --query Arn
  refused "unsigned call" MissingAuthenticationToken sts get-caller-identity --no-sign-request
  AWS_SECRET_ACCESS_KEY=wrong refused "wrong secret key" SignatureDoesNotMatch sts get-caller-identity
  AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE refused "unknown access key" InvalidClientTokenId sts get-caller-identity
  refused "role that is missing" AccessDenied sts assume-role --role-arn "arn:aws:iam::123456789012:role/$missing" --role-session-name check
}

check_iam() {
  equal "role" "$role" iam get-role --role-name "$role" --query Role.RoleName
  equal "role's trust policy" lambda.amazonaws.com iam get-role --role-name "$role" \
    --query 'Role.AssumeRolePolicyDocument.Statement[0].Principal.Service'
  equal "role's tag" "$chain" iam list-role-tags --role-name "$role" --query "Tags[?Key=='qlik-task-chain'].Value | [0]"
  local policies policy
  policies=$(cli iam list-role-policies --role-name "$role" --query 'PolicyNames[]')
  if [ -n "$policies" ]; then good "role's inline policies: $policies"; else bad "role's inline policies" "there are none"; fi
  for policy in $policies; do
    like "inline policy $policy" 'Allow' iam get-role-policy --role-name "$role" --policy-name "$policy" --query 'PolicyDocument.Statement[].Effect'
  done
  refused "role that is missing" NoSuchEntity iam get-role --role-name "$missing"
  refused "inline policy that is missing" NoSuchEntity iam get-role-policy --role-name "$role" --policy-name "$missing"
}

check_lambda() {
  local function=(--function-name "$name")
  equal "function" "$name" lambda get-function "${function[@]}" --query Configuration.FunctionName
  equal "function's state" Active lambda get-function "${function[@]}" --query Configuration.State
  show "function's code size" '^[1-9][0-9]{5,}$' lambda get-function "${function[@]}" --query Configuration.CodeSize
  show "function's code hash" '^[A-Za-z0-9+/]{43}=$' lambda get-function-configuration "${function[@]}" --query CodeSha256
  equal "function's environment" "$chain" lambda get-function-configuration "${function[@]}" --query Environment.Variables.CHAIN_NAME
  like "function's resource policy" 'apigateway\.amazonaws\.com' lambda get-policy "${function[@]}" --query Policy
  like "functions" "$name" lambda list-functions --query 'Functions[].FunctionName'
  refused "function that is missing" ResourceNotFoundException lambda get-function --function-name "$missing"
  refused "configuration that is missing" ResourceNotFoundException lambda get-function-configuration --function-name "$missing"
  refused "resource policy that is missing" ResourceNotFoundException lambda get-policy --function-name "$missing"
}

check_ssm() {
  local path=/qlik-task-chain/$chain secret
  equal "definition" String ssm get-parameter --name "$path/definition" --query Parameter.Type
  like "definition's name" "\"name\": *\"$chain\"" ssm get-parameter --name "$path/definition" --query Parameter.Value
  for secret in credentials signing-secret; do
    equal "$secret" SecureString ssm get-parameter --name "$path/$secret" --query Parameter.Type
    like "$secret, not decrypted" '^AQICAHi' ssm get-parameter --name "$path/$secret" --query Parameter.Value
  done
  like "credentials, decrypted" '^\{.*"(api_key|client_id)"' ssm get-parameter --with-decryption --name "$path/credentials" --query Parameter.Value
  like "signing-secret, decrypted" '^\{"current":"[0-9a-f]{32}' ssm get-parameter --with-decryption --name "$path/signing-secret" --query Parameter.Value
  show "parameters under $path" '^([3-9]|[1-9][0-9]+)$' ssm get-parameters-by-path --path "$path" --query 'length(Parameters)'
  equal "definition's tag" "$chain" ssm list-tags-for-resource --resource-type Parameter --resource-id "$path/definition" \
    --query "TagList[?Key=='qlik-task-chain'].Value | [0]"
  refused "parameter that is missing" ParameterNotFound ssm get-parameter --name "$path/missing"
  equal "parameter that is missing among others" "$path/missing" ssm get-parameters --names "$path/missing" "$path/definition" --query InvalidParameters
}

check_apigateway() {
  local api key plan stage=live resource path method
  api=$(cli apigateway get-rest-apis --query "items[?name=='$name'].id | [0]")
  equal "REST API" "$name" apigateway get-rest-api --rest-api-id "$api" --query name
  local resources methods=0
  resources=$(cli apigateway get-resources --rest-api-id "$api" --query 'items[].[id,path]')
  while read -r resource path; do
    equal "resource $path" "$path" apigateway get-resource --rest-api-id "$api" --resource-id "$resource" --query path
    for method in $(cli apigateway get-resources --rest-api-id "$api" --embed methods --query "items[?id=='$resource'].keys(resourceMethods || \`{}\`) | [0]"); do
      [ "$method" != None ] || continue
      methods=$((methods + 1))
      local on=(--rest-api-id "$api" --resource-id "$resource" --http-method "$method")
      local needed=True
      [ "$method $path" != "GET /page" ] || needed=False # the page asks for the key itself
      equal "method $method $path needs the API key" $needed apigateway get-method "${on[@]}" --query apiKeyRequired
      show "integration of $method $path" '^AWS(_PROXY)?$' apigateway get-integration "${on[@]}" --query type
      like "integration of $method $path, function" ":function:$name(:|/)" apigateway get-integration "${on[@]}" --query uri
    done
  done <<<"$resources"
  if [ $methods -gt 1 ]; then good "methods: $methods"; else bad "methods" "want POST and GET at least, got $methods"; fi
  equal "stage" $stage apigateway get-stage --rest-api-id "$api" --stage-name $stage --query stageName
  show "stage's deployment" '^[a-z0-9]+$' apigateway get-stage --rest-api-id "$api" --stage-name $stage --query deploymentId

  key=$(cli apigateway get-api-keys --name-query "$name" --query "items[?name=='$name'].id | [0]")
  equal "API key" "$name" apigateway get-api-key --api-key "$key" --query name
  equal "API key, without its value" None apigateway get-api-key --api-key "$key" --no-include-value --query value
  like "API key, with its value" '^.{20,}$' apigateway get-api-key --api-key "$key" --include-value --query value
  like "API keys, with their values" '^.{20,}$' apigateway get-api-keys --name-query "$name" --include-values --query 'items[0].value'

  plan=$(cli apigateway get-usage-plans --query "items[?name=='$name'].id | [0]")
  equal "usage plan" "$name" apigateway get-usage-plan --usage-plan-id "$plan" --query name
  equal "usage plan's stage" "$api	$stage" apigateway get-usage-plan --usage-plan-id "$plan" --query 'apiStages[0].[apiId,stage]'
  like "usage plan's keys" "$key" apigateway get-usage-plan-keys --usage-plan-id "$plan" --query 'items[].id'
  equal "usage plan's key" "$key" apigateway get-usage-plan-key --usage-plan-id "$plan" --key-id "$key" --query id

  local root
  root=$(cli apigateway get-resources --rest-api-id "$api" --query "items[?path=='/'].id | [0]")
  refused "REST API that is missing" NotFoundException apigateway get-rest-api --rest-api-id missing123
  refused "resource that is missing" NotFoundException apigateway get-resource --rest-api-id "$api" --resource-id missing
  refused "method that is missing" NotFoundException apigateway get-method --rest-api-id "$api" --resource-id "$root" --http-method PATCH
  refused "integration that is missing" NotFoundException apigateway get-integration --rest-api-id "$api" --resource-id "$root" --http-method PATCH
  refused "stage that is missing" NotFoundException apigateway get-stage --rest-api-id "$api" --stage-name missing
  refused "API key that is missing" NotFoundException apigateway get-api-key --api-key missing123
  refused "usage plan that is missing" NotFoundException apigateway get-usage-plan --usage-plan-id missing
  refused "usage plan's key that is missing" NotFoundException apigateway get-usage-plan-key --usage-plan-id "$plan" --key-id missing123
}

check_logs() {
  local arn stream
  equal "log group" "$group" logs describe-log-groups --log-group-name-prefix "$group" --query "logGroups[?logGroupName=='$group'].logGroupName | [0]"
  show "log group's retention" '^[1-9][0-9]*$' logs describe-log-groups --log-group-name-prefix "$group" --query "logGroups[?logGroupName=='$group'].retentionInDays | [0]"
  arn=$(cli logs describe-log-groups --log-group-name-prefix "$group" --query "logGroups[?logGroupName=='$group'].arn | [0]")
  equal "log group's tag" "$chain" logs list-tags-for-resource --resource-arn "${arn%:\*}" --query 'tags."qlik-task-chain"'
  stream=$(cli logs describe-log-streams --log-group-name "$group" --order-by LastEventTime --descending --query 'logStreams[0].logStreamName')
  like "log lines of $stream" '.' logs get-log-events --log-group-name "$group" --log-stream-name "$stream" --start-from-head --query 'events[].message'
  like "log lines of the group" '.' logs filter-log-events --log-group-name "$group" --query 'events[].message'
  refused "log group that is missing" ResourceNotFoundException logs describe-log-streams --log-group-name "$group-missing"
  refused "log stream that is missing" ResourceNotFoundException logs get-log-events --log-group-name "$group" --log-stream-name missing
}

check_dynamodb() {
  local table=(--table-name "$name") item arn
  # A key that no run has; the item is gone at the end.
  item='{"pk":{"S":"CHECK"},"sk":{"S":"cli"},"version":{"N":"1"}}'
  equal "table" "ACTIVE PAY_PER_REQUEST" dynamodb describe-table "${table[@]}" --query "join(' ', [Table.TableStatus, Table.BillingModeSummary.BillingMode])"
  equal "table's key" "pk HASH sk RANGE" dynamodb describe-table "${table[@]}" --query "join(' ', Table.KeySchema[].[AttributeName, KeyType][])"
  equal "table's time to live" "ENABLED expires" dynamodb describe-time-to-live "${table[@]}" \
    --query "join(' ', [TimeToLiveDescription.TimeToLiveStatus, TimeToLiveDescription.AttributeName])"
  show "table's point-in-time recovery" '^(EN|DIS)ABLED$' dynamodb describe-continuous-backups "${table[@]}" \
    --query ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
  arn=$(cli dynamodb describe-table "${table[@]}" --query Table.TableArn)
  equal "table's tag" "$chain" dynamodb list-tags-of-resource --resource-arn "$arn" --query "Tags[?Key=='qlik-task-chain'].Value | [0]"
  like "tables" "$name" dynamodb list-tables --query TableNames
  show "items in the table" '^[0-9]+$' dynamodb scan "${table[@]}" --select COUNT --query Count
  like "item that is put" '' dynamodb put-item "${table[@]}" --item "$item" --condition-expression 'attribute_not_exists(pk)'
  refused "item that is there already" ConditionalCheckFailedException dynamodb put-item "${table[@]}" --item "$item" --condition-expression 'attribute_not_exists(pk)'
  equal "item's version, one more" 2 dynamodb update-item "${table[@]}" --key '{"pk":{"S":"CHECK"},"sk":{"S":"cli"}}' \
    --update-expression 'ADD version :one' --expression-attribute-values '{":one":{"N":"1"}}' --return-values UPDATED_NEW --query Attributes.version.N
  equal "item by its key's beginning" cli dynamodb query "${table[@]}" --key-condition-expression 'pk = :pk AND begins_with(sk, :sk)' \
    --expression-attribute-values '{":pk":{"S":"CHECK"},":sk":{"S":"cl"}}' --query 'Items[].sk.S'
  equal "item that is deleted" 2 dynamodb delete-item "${table[@]}" --key '{"pk":{"S":"CHECK"},"sk":{"S":"cli"}}' --return-values ALL_OLD --query Attributes.version.N
  equal "item that is missing" None dynamodb get-item "${table[@]}" --key '{"pk":{"S":"CHECK"},"sk":{"S":"cli"}}' --query Item
  refused "key that does not fit" ValidationException dynamodb get-item "${table[@]}" --key '{"pk":{"S":"CHECK"}}'
  refused "table that is missing" ResourceNotFoundException dynamodb describe-table --table-name "$missing"
}

for service in "${services[@]}"; do
  declare -F "check_$service" >/dev/null || stop "there is no service $service"
  "check_$service"
done

folder=$(mktemp -d) || stop "no temporary folder"
trap 'rm -rf "$folder"' EXIT
cp "$here/check.mjs" "$folder/"
if ! (cd "$folder" && npm install --silent --no-audit --no-fund --no-package-lock "${SDK[@]/#/@aws-sdk/client-}" >npm.log 2>&1); then
  cat "$folder/npm.log" >&2
  stop "npm install failed"
fi
(cd "$folder" && NODE_NO_WARNINGS=1 node check.mjs "$chain" "${services[@]}") || failed=1

if [ $failed = 0 ]; then echo "every check passed"; else echo "at least one check failed"; fi
exit $failed
