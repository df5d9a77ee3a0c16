// SPDX-License-Identifier: MPL-2.0

// What the two functions share: the list of what comes next, and a reload's request.
'use strict';

const fs = require('node:fs');
const https = require('node:https');

const list = JSON.parse(fs.readFileSync(process.env.LIST, 'utf8'));
const tenant = new URL(process.env.QLIK_TENANT_URL);
const agent = new https.Agent({ keepAlive: true });

// next tells which apps come after the one that an event is about.
exports.next = (event) => {
  const app = JSON.parse(Buffer.from(event.body, 'base64').toString()).data.appId;
  return list[app] ?? [];
};

// reload asks Qlik Cloud for the reload of an app and returns its id.
exports.reload = (appId) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ appId });
    const request = https.request(
      {
        agent,
        host: tenant.hostname,
        port: tenant.port,
        method: 'POST',
        path: '/api/v1/reloads',
        headers: {
          authorization: `Bearer ${process.env.QLIK_API_KEY}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          if (response.statusCode === 201) {
            resolve(JSON.parse(text).id);
          } else {
            reject(new Error(`POST /api/v1/reloads was answered ${response.statusCode}: ${text}`));
          }
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
