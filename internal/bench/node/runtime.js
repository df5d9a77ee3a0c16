// SPDX-License-Identifier: MPL-2.0

// The least that a function in Node.js needs to be run by AWS Lambda: a client of the Runtime API, without dependencies.
'use strict';

const http = require('node:http');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request({ agent, host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ id: response.headers['lambda-runtime-aws-request-id'], text: Buffer.concat(pieces).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

// serve hands every invocation to the handler.
exports.serve = async (handler) => {
  for (;;) {
    const { id, text } = await call('GET', 'next');
    try {
      await call('POST', `${id}/response`, JSON.stringify((await handler(JSON.parse(text))) ?? null));
    } catch (error) {
      await call('POST', `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
};
