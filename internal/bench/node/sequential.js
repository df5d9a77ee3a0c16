// SPDX-License-Identifier: MPL-2.0

// The function as the white paper on task chaining with webhooks describes it: it starts what comes next, one after another.
'use strict';

const { serve } = require('./runtime.js');
const { next, reload } = require('./reload.js');

serve(async (event) => {
  const started = [];
  for (const app of next(event)) {
    started.push(await reload(app));
  }
  return started.length;
});
