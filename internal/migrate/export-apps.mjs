#!/usr/bin/env node
// SPDX-License-Identifier: MPL-2.0

// Writes an apps.js as JSON, for the command beside it: node export-apps.mjs apps.js > apps.json
//
// JSON has no functions, and JSON.stringify drops them. This calls each function of the file, first for a reload that succeeded and then
// for one that failed, and writes what it returned. The functions run without environment variables and without TCP connections, so that
// none of them can start a reload by accident.
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// What a function may look at: the status in the event of either of Qlik Cloud's two webhooks, or the outcome alone.
const event = (status) => ({ status, data: { status } });
const outcomes = [
  [event('ok'), event('error')],
  [event('SUCCEEDED'), event('FAILED')],
  ['ok', 'error'],
  ['SUCCEEDED', 'FAILED'],
  ['success', 'failure'],
];

const file = process.argv[2];
if (!file) {
  console.error('Say which file to read: node export-apps.mjs apps.js > apps.json');
  process.exit(2);
}
for (const name of Object.keys(process.env)) {
  delete process.env[name];
}
net.Socket.prototype.connect = function () {
  process.nextTick(() => this.destroy(new Error('the export lets no function connect to anything')));
  return this;
};
// What the file starts and does not wait for may fail, and says so.
process.on('uncaughtException', (error) => console.error(error));
process.on('unhandledRejection', (error) => console.error(error));
console.log = console.info = console.debug = console.error; // standard output is for JSON

// plain is a value as JSON can say it. The objects that it stands in are its holders.
async function plain(value, holders) {
  if (typeof value === 'function') {
    return called(value, holders);
  }
  if (value instanceof Map) {
    value = Object.fromEntries(value);
  } else if (value instanceof Set) {
    value = [...value];
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (value instanceof RegExp || typeof value.toJSON === 'function') {
    return value.toJSON?.() ?? String(value);
  }
  if (holders.includes(value)) { // a chain that leads back
    return { appId: value.appId, id: value.id, name: value.name };
  }
  const within = [...holders, value];
  if (Array.isArray(value)) {
    return Promise.all(value.map((each) => plain(each, within)));
  }
  const members = [...Object.keys(value), ...methods(value)].map(async (key) => [key, await plain(value[key], within)]);
  return Object.fromEntries(await Promise.all(members));
}

// methods are the names of the functions that an object has from its class.
function methods(object) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) {
    return [];
  }
  const own = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !Object.hasOwn(object, name));
  return [...own, ...methods(prototype)];
}

const patience = 2; // seconds

// answered is what a function returns, or a failure when it returns a promise that stays open, as one that waits for an answer does. The
// timer also keeps Node.js from ending, without a word, before the export is written.
function answered(result) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not returned within ${patience} seconds`)), patience * 1000);
  });
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}

// attempt calls a function, and returns what it returned or why it failed.
async function attempt(f, holders, argument) {
  try {
    return { value: (await plain(await answered(f.call(holders.at(-1), argument)), holders)) ?? null };
  } catch (error) {
    return { error: String(error?.cause?.message ?? error?.message ?? error) };
  }
}

// called is what a function returns for a reload that succeeded and for one that failed, or its one result if both are the same. Of the
// arguments, those count that make a difference, or else the first with which the function does not fail.
async function called(f, holders) {
  const mark = { $function: f.name || 'function' };
  let same;
  let half;
  let none;
  for (const [good, bad] of outcomes) {
    const success = await attempt(f, holders, good);
    const failure = await attempt(f, holders, bad);
    const errors = [success.error, failure.error].filter((error) => error !== undefined);
    if (errors.length === 2) {
      none ??= { ...mark, error: errors[0] };
    } else if (errors.length === 1) {
      half ??= { ...mark, [success.error === undefined ? 'success' : 'failure']: success.value ?? failure.value ?? null, error: errors[0] };
    } else if (JSON.stringify(success) === JSON.stringify(failure)) {
      same ??= { ...mark, result: success.value };
    } else {
      return { ...mark, success: success.value, failure: failure.value };
    }
  }
  return same ?? half ?? none;
}

try {
  const module = await import(pathToFileURL(path.resolve(file)));
  const json = JSON.stringify(await plain(module.default ?? { ...module }, []), null, 2);
  // Plain ASCII: shells on Windows write other characters in other encodings.
  const ascii = json.replace(/[^\x20-\x7e\n]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  process.stdout.write(`${ascii}\n`, () => process.exit()); // even if the file has started a timer
} catch (error) {
  console.error(`Cannot export ${file}: ${error?.message ?? error}. Make sure that Node.js can load it: node ${file}`);
  process.exit(1);
}
