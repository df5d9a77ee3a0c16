// SPDX-License-Identifier: MPL-2.0

// Makes tasks.csv, tasks.json, schedules.csv and schedules.json beside it: tables with Ctrl-Q's columns in Ctrl-Q's order, written with
// what Ctrl-Q writes with, csv-stringify 6.9.0 and JSON.stringify. Booleans are real booleans, as Ctrl-Q has them. No test needs this:
//
//	npm install --no-save --prefix /tmp/ctrlq csv-stringify@6.9.0 && node ctrlq.mjs /tmp/ctrlq
//
// The columns: https://github.com/ptarmiganlabs/ctrl-q, src/lib/cmd/qseow/gettask.js.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const library = path.resolve(process.argv[2], 'node_modules', 'csv-stringify', 'dist', 'cjs', 'sync.cjs');
const { stringify } = createRequire(import.meta.url)(library);
const here = import.meta.dirname;

const columns = [
  'Task counter', 'Task type', 'Task name', 'Task id', 'Task enabled', 'Task timeout', 'Task retries', 'App id', 'Partial reload',
  'Manually triggered', 'Ext program path', 'Ext program parameters', 'Task status', 'Task started', 'Task ended', 'Task duration',
  'Task executedon node', 'Tags', 'Custom properties', 'Event counter', 'Event type', 'Event name', 'Event enabled', 'Event created date',
  'Event modified date', 'Event modified by', 'Schema increment option', 'Schema increment description', 'Daylight savings time',
  'Schema start', 'Schema expiration', 'Schema filter description', 'Schema time zone', 'Time contstraint seconds',
  'Time contstraint minutes', 'Time contstraint hours', 'Time contstraint days', 'Rule counter', 'Rule state', 'Rule task name',
  'Rule task id',
];

const taskId = (n) => `a0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const app = (n) => `7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c${String(n).padStart(2, '0')}`;

// schema, composite, success and failure are a task's triggers and their rules.
const schema = (name, values = {}) => ({
  type: 'Schema', name, enabled: true, option: 'daily', increment: '0 0 1 0', daylight: 'ObserveDaylightSavingTime',
  start: '2026-01-01T01:00:00.000Z',
  expiration: '9999-01-01T00:00:00.000Z', filter: '* * - * * * * *', timezone: 'Europe/Stockholm', ...values,
});
const composite = (name, rules, values = {}) => ({ type: 'Composite', name, enabled: true, constraint: [0, 360, 0, 0], rules, ...values });
const success = (id, name) => ['TaskSuccessful', name, taskId(id)];
const failure = (id, name) => ['TaskFail', name, taskId(id)];

// rows are what Ctrl-Q makes of tasks: a row for the task, one for each trigger, one for each rule.
function rows(tasks) {
  const all = [columns];
  const add = (values) => all.push(columns.map((column) => values[column] ?? ''));
  tasks.forEach((task, i) => {
    const counter = { 'Task counter': i + 1 };
    add({
      ...counter, 'Task type': task.program ? 'External program' : 'Reload', 'Task name': task.name, 'Task id': taskId(i + 1),
      'Task enabled': task.enabled ?? true, 'Task timeout': task.timeout ?? 1440, 'Task retries': task.retries ?? 0,
      'App id': task.app ? app(task.app) : '', 'Partial reload': task.partial ? task.partial : '',
      'Manually triggered': task.manual ? task.manual : '',
      'Ext program path': task.program?.[0], 'Ext program parameters': task.program?.[1], 'Task status': '✅ FinishedSuccess',
      'Task started': '2026-11-29T01:00:03.120Z', 'Task ended': '2026-11-29T01:00:10.120Z', 'Task duration': '0:00:07',
      'Task executedon node': 'pro2-win1', Tags: task.tags, 'Custom properties': task.properties,
    });
    (task.events ?? []).forEach((event, j) => {
      const at = { ...counter, 'Event counter': j + 1 };
      const [seconds, minutes, hours, days] = event.constraint ?? [];
      add({
        ...at, 'Event type': event.type, 'Event name': event.name, 'Event enabled': event.enabled,
        'Event created date': '2025-05-01T08:00:00.000Z',
        'Event modified date': '2025-05-02T08:00:00.000Z', 'Event modified by': 'LAB\\goran', 'Schema increment option': event.option,
        'Schema increment description': event.increment, 'Daylight savings time': event.daylight, 'Schema start': event.start,
        'Schema expiration': event.expiration, 'Schema filter description': event.filter, 'Schema time zone': event.timezone,
        'Time contstraint seconds': seconds, 'Time contstraint minutes': minutes, 'Time contstraint hours': hours,
        'Time contstraint days': days,
      });
      (event.rules ?? []).forEach(([state, name, id], k) => {
        add({ ...at, 'Rule counter': k + 1, 'Rule state': state, 'Rule task name': name, 'Rule task id': id });
      });
    });
  });
  return all;
}

function write(name, tasks) {
  const table = rows(tasks);
  fs.writeFileSync(path.join(here, `${name}.csv`), stringify(table));
  fs.writeFileSync(path.join(here, `${name}.json`), JSON.stringify(table, null, 4));
}

write('tasks', [
  {
    name: 'Reload task of Extract sales', app: 1, retries: 2, tags: 'nightly / sales', properties: 'team=bi', // 1
    events: [schema('Nightly')],
  },
  { name: 'Reload task of Extract HR 🏆', app: 6, events: [schema('Nightly HR', { enabled: false })] }, // 2
  {
    name: 'Transform, "all"', app: 2, // 3
    events: [composite('Both extracts', [success(1, 'Reload task of Extract sales'), success(2, 'Reload task of Extract HR 🏆')])],
  },
  { name: 'Dashboard', app: 3, timeout: 60, partial: true, events: [composite('Transformed', [success(3, 'Transform, "all"')])] }, // 4
  {
    name: "Yesterday's figures", app: 4, // 5
    events: [
      composite('Failed', [failure(3, 'Transform, "all"')]),
      composite('Old', [success(4, 'Dashboard')], { enabled: false }),
    ],
  },
  {
    name: 'Archive', app: 5, enabled: false, // 6
    events: [composite('Any', [success(4, 'Dashboard')]), composite('Or', [success(5, "Yesterday's figures")])],
  },
  {
    name: 'Send mail', program: ['powershell.exe', '-File \\\\server\\c$\\mail.ps1'], // 7
    events: [composite('Done', [success(4, 'Dashboard')])],
  },
  { name: 'After the mail', app: 99, events: [composite('Mailed', [success(7, 'Send mail'), success(6, 'Archive')])] }, // 8
  { name: 'Partial dashboard', app: 3, retries: 1, events: [composite('Gone', [success(9999, 'Deleted')])] }, // 9: the twin of 4
  { name: 'Ring 1', app: 10, events: [composite('Ring', [success(11, 'Ring 2')], { constraint: [0, 0, 0, 0] })] }, // 10
  { name: 'Ring 2', app: 11, events: [composite('Ring', [success(10, 'Ring 1')])] }, // 11
  { name: 'Alone', app: 12, manual: true, events: [schema('Weekly')] }, // 12
  {
    name: 'Old sales', app: 1, enabled: false, partial: true, retries: 5, // 13: the disabled twin of 1
    events: [schema('Noon', { start: '2026-01-01T11:00:00.000Z' }), composite('After HR', [success(2, 'Reload task of Extract HR 🏆')])],
  },
  {
    name: 'After old sales', app: 14, // 14
    events: [composite('Never', [success(13, 'Old sales')]), composite('Also', [success(5, "Yesterday's figures")])],
  },
  {
    name: 'Twice a day', app: 15, // 15
    events: [
      schema('Night'), schema('Evening', { start: '2026-01-01T17:00:00.000Z' }), schema('Odd', { start: '2026-01-01T17:30:00.000Z' }),
    ],
  },
  { name: 'After twice', app: 16, events: [composite('x', [success(15, 'Twice a day')])] }, // 16
]);

// Schedules as in bug reports of tools like this, each of a task with another one after it.
const schedules = [
  ['seconds in the start', schema('api', { option: 'weekly', start: '2022-10-19T10:19:30.000Z', filter: '* * - 3 1 * * *' })],
  ['no Z, as in files made for import', schema('import', { start: '2022-10-19T10:19:00.000' })],
  ['every 30 min', schema('half hours', { option: 'hourly', increment: '30 0 0 0', start: '2021-12-08T14:21:49.000Z' })],
  ['once, in the future', schema('once', { option: 'once', increment: '0 0 0 0', start: '2026-12-08T14:21:00.000Z' })],
  ['once, in the past', schema('past', { option: 'once', increment: '0 0 0 0', start: '2021-12-08T14:21:00.000Z' })],
  ['once with an increment', schema('odd', { option: 'once' })],
  ['monthly', schema('monthly', { option: 'monthly', filter: '* * - * * 1 * *' })],
  ['weekly Mon-Fri', schema('weekdays', { option: 'weekly', filter: '* * - 1,2,3,4,5 1 * * *' })],
  [
    'weekly in Tokyo',
    schema('tokyo', { option: 'weekly', start: '2021-12-08T20:00:00.000Z', filter: '* * - 0 1 * * *', timezone: 'Asia/Tokyo' }),
  ],
  ['every 2 weeks', schema('fortnight', { option: 'weekly', filter: '* * - 1 2 * * *' })],
  ['made in summer', schema('summer', { start: '2021-07-08T02:00:00.000Z' })],
  ['expired', schema('expired', { expiration: '2025-01-01T00:00:00.000Z' })],
  ['expires', schema('expires', { expiration: '2027-01-01T00:00:00.000Z' })],
  ['begins later', schema('later', { start: '2027-06-01T02:00:00.000Z' })],
  ['permanent standard time', schema('standard', { daylight: 'PermanentStandardTime' })],
  ['every 5 hours', schema('hours', { option: 'hourly', increment: '0 5 0 0' })],
  ['every 90 minutes', schema('custom', { option: 'custom', increment: '30 1 0 0' })],
  ['UTC', schema('utc', { timezone: 'UTC' })],
  ['no time zone', schema('nowhere', { timezone: '' })],
  ["a time zone of Windows'", schema('windows', { timezone: 'W. Europe Standard Time' })],
  ['half-hour zone', schema('kolkata', { option: 'hourly', increment: '0 1 0 0', timezone: 'Asia/Kolkata' })],
  ['every 12 hours', schema('half days', { option: 'hourly', increment: '0 12 0 0', timezone: 'Europe/Berlin' })],
  ['New York', schema('new york', { start: '2021-01-08T14:00:00.000Z', timezone: 'America/New_York' })],
  ['disabled', schema('disabled', { enabled: false })],
];
write('schedules', schedules.flatMap(([name, event], i) => [
  { name, app: 20 + 2 * i, events: [event] },
  { name: `after ${name}`, app: 21 + 2 * i, events: [composite('x', [success(2 * i + 1, name)])] },
]));
