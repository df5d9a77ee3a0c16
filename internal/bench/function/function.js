// SPDX-License-Identifier: MPL-2.0

// The function as the white paper on task chaining with webhooks describes it: it reads a list, and starts what comes next, one after
// another, or with the argument "parallel" all at once. Below it is a client of AWS Lambda's Runtime API, without dependencies.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');

const list = JSON.parse(fs.readFileSync(process.env.LIST, 'utf8'));
const tenant = new URL(process.env.QLIK_TENANT_URL);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agents = new Map([http, https].map((client) => [client, new client.Agent({ keepAlive: true })]));

function call(client, options, body) {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers };
    if (body !== undefined) {
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    }
    const request = client.request({ agent: agents.get(client), ...options, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ response, text: Buffer.concat(pieces).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function reload(appId) {
  const headers = { authorization: `Bearer ${process.env.QLIK_API_KEY}` };
  const options = { host: tenant.hostname, port: tenant.port, method: 'POST', path: '/api/v1/reloads', headers };
  const { response, text } = await call(https, options, JSON.stringify({ appId }));
  if (response.statusCode !== 201) {
    throw new Error(`POST /api/v1/reloads was answered ${response.statusCode}: ${text}`);
  }
  return JSON.parse(text).id;
}

async function handle(event) {
  const apps = list[JSON.parse(Buffer.from(event.body, 'base64').toString()).data.appId] ?? [];
  if (process.argv[2] === 'parallel') {
    return Promise.all(apps.map(reload));
  }
  const started = [];
  for (const app of apps) {
    started.push(await reload(app));
  }
  return started;
}

const invocation = (method, path, body) => call(http, { host, port, method, path: `/2018-06-01/runtime/invocation/${path}` }, body);

(async () => {
  for (;;) {
    const { response, text } = await invocation('GET', 'next');
    const id = response.headers['lambda-runtime-aws-request-id'];
    try {
      await invocation('POST', `${id}/response`, JSON.stringify(await handle(JSON.parse(text))));
    } catch (error) {
      await invocation('POST', `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
})();
