// SPDX-License-Identifier: MPL-2.0

// Reads every object of a deployed chain with the AWS SDK for JavaScript: check.mjs NAME SERVICE…
// check.sh installs the SDK and runs this.
import assert from "node:assert/strict";
import * as apigateway from "@aws-sdk/client-api-gateway";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";

const [chain, ...services] = process.argv.slice(2);
const name = `qlik-task-chain-${chain}`;
const role = `${name}-${process.env.AWS_REGION}`; // roles belong to all regions
const group = `/aws/lambda/${name}`;
const missing = `${name}-missing`;
const settings = { endpoint: process.env.AWS_ENDPOINT_URL, maxAttempts: 1 };
let failed = false;

// check runs one check: run returns what to print of it, or throws.
async function check(what, run) {
  try {
    const shown = await run();
    console.log(`ok    js   ${what}${shown === undefined ? "" : `: ${shown}`}`);
  } catch (error) {
    failed = true;
    console.log(`FAIL  js   ${what}: ${error.name}: ${error.message.replaceAll(/\s+/g, " ")}`);
  }
}

// refused checks that a call fails with an error of this name, and that the answer carries a request id.
function refused(what, code, call) {
  return check(what, async () => {
    let got;
    try {
      await call();
    } catch (error) {
      got = error;
    }
    assert.ok(got, `want the error ${code}, got an answer`);
    assert.equal(got.name, code, `want the error ${code}, got ${got.name}: ${got.message}`);
    assert.ok(got.$metadata.requestId, "the error carries no request id");
    return code;
  });
}

const checks = {
  async sts() {
    const identity = (credentials) =>
      new sts.STSClient({ ...settings, ...credentials }).send(new sts.GetCallerIdentityCommand({}));
    const keys = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
    await check("caller", async () => {
      const { Arn } = await identity();
      assert.match(Arn, /:user\//);
      return Arn;
    });
    await refused("wrong secret key", "SignatureDoesNotMatch", () =>
      identity({ credentials: { ...keys, secretAccessKey: "wrong" } }));
    await refused("unknown access key", "InvalidClientTokenId", () =>
      identity({ credentials: { ...keys, accessKeyId: "AKIAIOSFODNN7EXAMPLE" } }));
  },

  async iam() {
    const client = new iam.IAMClient(settings);
    await check("role", async () => {
      const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: role }));
      const trust = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument));
      assert.equal(JSON.stringify(trust).includes("lambda.amazonaws.com"), true);
      assert.ok(Role.CreateDate instanceof Date);
      assert.equal(Role.Tags.find((tag) => tag.Key === "qlik-task-chain").Value, chain);
      return Role.Arn;
    });
    await check("role's inline policies", async () => {
      const { PolicyNames } = await client.send(new iam.ListRolePoliciesCommand({ RoleName: role }));
      assert.ok(PolicyNames.length > 0, "there are none");
      for (const PolicyName of PolicyNames) {
        const policy = await client.send(new iam.GetRolePolicyCommand({ RoleName: role, PolicyName }));
        assert.ok([].concat(JSON.parse(decodeURIComponent(policy.PolicyDocument)).Statement).length > 0);
      }
      return PolicyNames.join(" ");
    });
    await refused("role that is missing", "NoSuchEntityException", () => client.send(new iam.GetRoleCommand({ RoleName: missing })));
    await refused("inline policy that is missing", "NoSuchEntityException", () =>
      client.send(new iam.GetRolePolicyCommand({ RoleName: role, PolicyName: missing })));
  },

  async lambda() {
    const client = new lambda.LambdaClient(settings);
    await check("function", async () => {
      const { Configuration } = await client.send(new lambda.GetFunctionCommand({ FunctionName: name }));
      assert.equal(Configuration.State, "Active");
      assert.ok(Configuration.CodeSize > 100_000, `code size ${Configuration.CodeSize}`);
      assert.equal(Configuration.Environment.Variables.CHAIN_NAME, chain);
      return `${Configuration.FunctionArn}, ${Configuration.CodeSize} bytes of code`;
    });
    await check("function's resource policy", async () => {
      const { Policy } = await client.send(new lambda.GetPolicyCommand({ FunctionName: name }));
      assert.ok(JSON.parse(Policy).Statement.some((s) => s.Principal.Service === "apigateway.amazonaws.com"));
    });
    await refused("function that is missing", "ResourceNotFoundException", () =>
      client.send(new lambda.GetFunctionCommand({ FunctionName: missing })));
    await refused("resource policy that is missing", "ResourceNotFoundException", () =>
      client.send(new lambda.GetPolicyCommand({ FunctionName: missing })));
  },

  async ssm() {
    const client = new ssm.SSMClient(settings);
    const path = `/qlik-task-chain/${chain}`;
    const get = async (Name, WithDecryption) =>
      (await client.send(new ssm.GetParameterCommand({ Name, WithDecryption }))).Parameter;
    await check("definition", async () => {
      const parameter = await get(`${path}/definition`);
      const definition = JSON.parse(parameter.Value);
      assert.equal(definition.name, chain);
      assert.ok(parameter.LastModifiedDate instanceof Date);
      return `version ${parameter.Version}, steps ${Object.keys(definition.steps).join(" ")}`;
    });
    for (const secret of ["credentials", "signing-secret"]) {
      await check(secret, async () => {
        const [clear, cipher] = [await get(`${path}/${secret}`, true), await get(`${path}/${secret}`, false)];
        assert.equal(clear.Type, "SecureString");
        assert.notEqual(clear.Value, cipher.Value);
        return `version ${clear.Version}, ${clear.Value.length} characters`;
      });
    }
    await refused("parameter that is missing", "ParameterNotFound", () => get(`${path}/missing`));
    await check("parameter that is missing among others", async () => {
      const answer = await client.send(new ssm.GetParametersCommand({ Names: [`${path}/missing`, `${path}/definition`] }));
      assert.deepEqual(answer.InvalidParameters, [`${path}/missing`]);
      assert.equal(answer.Parameters.length, 1);
    });
  },

  async apigateway() {
    const client = new apigateway.APIGatewayClient(settings);
    const send = (command, input) => client.send(new apigateway[`${command}Command`](input));
    const named = (items) => items.find((item) => item.name === name);
    let restApiId, root, key, plan;
    await check("REST API", async () => {
      restApiId = named((await send("GetRestApis", { limit: 500 })).items).id;
      assert.equal((await send("GetRestApi", { restApiId })).name, name);
      return restApiId;
    });
    await check("resources, methods and integrations", async () => {
      const { items } = await send("GetResources", { restApiId, embed: ["methods"] });
      root = items.find((resource) => resource.path === "/").id;
      const seen = [];
      for (const { id: resourceId, path, resourceMethods } of items) {
        for (const httpMethod of Object.keys(resourceMethods ?? {})) {
          const method = await send("GetMethod", { restApiId, resourceId, httpMethod });
          const integration = await send("GetIntegration", { restApiId, resourceId, httpMethod });
          const open = `${httpMethod} ${path}` === "GET /page"; // the page asks for the key itself
          assert.equal(method.apiKeyRequired, !open, `${httpMethod} ${path}`);
          assert.match(integration.type, /^AWS(_PROXY)?$/);
          assert.ok(integration.uri.includes(`:function:${name}`), integration.uri);
          seen.push(`${httpMethod} ${path} ${integration.type}`);
        }
      }
      assert.ok(seen.some((line) => line === "POST / AWS"), `there is no POST /: ${seen}`);
      return seen.join(", ");
    });
    await check("stage", async () => {
      const stage = await send("GetStage", { restApiId, stageName: "live" });
      await send("GetDeployment", { restApiId, deploymentId: stage.deploymentId });
      return `${stage.stageName}, deployment ${stage.deploymentId}`;
    });
    await check("API key", async () => {
      key = named((await send("GetApiKeys", { nameQuery: name })).items).id;
      assert.equal((await send("GetApiKey", { apiKey: key })).value, undefined);
      const { value } = await send("GetApiKey", { apiKey: key, includeValue: true });
      assert.ok(value.length >= 20, "the value is shorter than 20 characters");
      return `${key}, a value of ${value.length} characters`;
    });
    await check("usage plan", async () => {
      plan = named((await send("GetUsagePlans", { limit: 500 })).items).id;
      const { apiStages } = await send("GetUsagePlan", { usagePlanId: plan });
      assert.ok(apiStages.some((stage) => stage.apiId === restApiId && stage.stage === "live"));
      const keys = (await send("GetUsagePlanKeys", { usagePlanId: plan })).items.map((item) => item.id);
      assert.ok(keys.includes(key), `${key} is not among ${keys}`); // the webhook has another one
      return plan;
    });
    for (const [what, command, input] of [
      ["REST API", "GetRestApi", { restApiId: "missing123" }],
      ["resource", "GetResource", { restApiId, resourceId: "missing" }],
      ["method", "GetMethod", { restApiId, resourceId: root, httpMethod: "PATCH" }],
      ["integration", "GetIntegration", { restApiId, resourceId: root, httpMethod: "PATCH" }],
      ["stage", "GetStage", { restApiId, stageName: "missing" }],
      ["API key", "GetApiKey", { apiKey: "missing123" }],
      ["usage plan", "GetUsagePlan", { usagePlanId: "missing" }],
      ["usage plan's key", "GetUsagePlanKey", { usagePlanId: plan, keyId: "missing123" }],
    ]) {
      await refused(`${what} that is missing`, "NotFoundException", () => send(command, input));
    }
  },

  async logs() {
    const client = new logs.CloudWatchLogsClient(settings);
    await check("log group", async () => {
      const { logGroups } = await client.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: group }));
      const found = logGroups.find((g) => g.logGroupName === group);
      assert.ok(found.retentionInDays > 0, "its events never expire");
      const { tags } = await client.send(new logs.ListTagsForResourceCommand({ resourceArn: found.logGroupArn }));
      assert.equal(tags["qlik-task-chain"], chain);
      return `${found.arn}, ${found.retentionInDays} days`;
    });
    await check("log lines", async () => {
      const { events } = await client.send(new logs.FilterLogEventsCommand({ logGroupName: group }));
      assert.ok(events.length > 0, "there are none: let the chain handle an event first");
      const { events: same } = await client.send(
        new logs.GetLogEventsCommand({ logGroupName: group, logStreamName: events[0].logStreamName, startFromHead: true }));
      assert.equal(same[0].message, events.find((e) => e.logStreamName === events[0].logStreamName).message);
      return events.length;
    });
    await refused("log group that is missing", "ResourceNotFoundException", () =>
      client.send(new logs.DescribeLogStreamsCommand({ logGroupName: `${group}-missing` })));
    await refused("log stream that is missing", "ResourceNotFoundException", () =>
      client.send(new logs.GetLogEventsCommand({ logGroupName: group, logStreamName: "missing" })));
  },

  async dynamodb() {
    const client = new dynamodb.DynamoDBClient(settings);
    const TableName = name;
    const Key = { pk: { S: "CHECK" }, sk: { S: "js" } }; // no run has such a key; the item is gone at the end
    const put = () =>
      client.send(new dynamodb.PutItemCommand({ TableName, Item: { ...Key, doc: { S: "ü" } }, ConditionExpression: "attribute_not_exists(pk)" }));
    await check("table", async () => {
      const { Table } = await client.send(new dynamodb.DescribeTableCommand({ TableName }));
      assert.equal(Table.TableStatus, "ACTIVE");
      assert.equal(Table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
      assert.ok(Table.CreationDateTime instanceof Date);
      const { Tags } = await client.send(new dynamodb.ListTagsOfResourceCommand({ ResourceArn: Table.TableArn }));
      assert.equal(Tags.find((tag) => tag.Key === "qlik-task-chain").Value, chain);
      return Table.TableArn;
    });
    await check("table's time to live", async () => {
      const { TimeToLiveDescription: setting } = await client.send(new dynamodb.DescribeTimeToLiveCommand({ TableName }));
      assert.equal(setting.AttributeName, "expires");
      return setting.TimeToLiveStatus;
    });
    await check("items", async () => {
      let count = 0;
      for await (const page of dynamodb.paginateScan({ client, pageSize: 10 }, { TableName })) count += page.Items.length;
      return count;
    });
    await check("item that is put", async () => void (await put()));
    await refused("item that is there already", "ConditionalCheckFailedException", put);
    await check("item that is read", async () => {
      const { Item } = await client.send(new dynamodb.GetItemCommand({ TableName, Key }));
      assert.deepEqual(Item, { ...Key, doc: { S: "ü" } });
    });
    await refused("transaction whose condition fails", "TransactionCanceledException", () =>
      client.send(new dynamodb.TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName, Item: Key, ConditionExpression: "attribute_not_exists(pk)" } }, { Delete: { TableName, Key: { ...Key, sk: { S: "other" } } } }],
      })));
    await check("item that is deleted", async () => {
      const { Attributes } = await client.send(new dynamodb.DeleteItemCommand({ TableName, Key, ReturnValues: "ALL_OLD" }));
      assert.equal(Attributes.doc.S, "ü");
    });
    await refused("table that is missing", "ResourceNotFoundException", () =>
      client.send(new dynamodb.DescribeTableCommand({ TableName: missing })));
  },
};

for (const service of services) {
  await checks[service]();
}
process.exit(failed ? 1 : 0);
