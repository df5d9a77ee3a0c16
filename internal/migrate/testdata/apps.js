// SPDX-License-Identifier: MPL-2.0

// Shaped as the file of the white paper on task chaining with webhooks: the chain of an app is a function.
const getDay = () => new Date(0).getUTCDay();

const apps = {
  extractSales: {
    name: 'Extract Sales',
    appId: '7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01',
    chain: () => ['7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02'],
  },
  transform: {
    name: 'Transform',
    appId: '7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02',
    // Decides by the outcome, which a chain can say, and by the day, which needs a guard.
    chain: async function (event) {
      console.log('deciding for', this.name);
      if (event.data.status !== 'ok') {
        return [apps.fallback];
      }
      return getDay() === 0 ? [] : [{ appId: apps.dashboard.appId, name: 'Dashboard' }];
    },
  },
  dashboard: {
    name: 'Dashboard',
    appId: '7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03',
    // Starts the reload itself, with the key of the function's environment.
    chain: async () => {
      await fetch(`${process.env.QLIK_TENANT_URL}/api/v1/reloads`, { method: 'POST' });
    },
  },
  fallback: {
    name: 'Fallback',
    appId: '7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04',
    chain: () => [],
    enabled: false,
    weight: 3,
    when: () => true,
  },
};

module.exports = apps;
