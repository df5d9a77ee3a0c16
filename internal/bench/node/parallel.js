// SPDX-License-Identifier: MPL-2.0

// The same function with all requests at once.
'use strict';

const { serve } = require('./runtime.js');
const { next, reload } = require('./reload.js');

serve(async (event) => (await Promise.all(next(event).map(reload))).length);
