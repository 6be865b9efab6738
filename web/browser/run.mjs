// Drives the console in Debian's Chromium against a real server, and prints what became of each scenario as JSON.
// Its one argument is JSON: { base, tenant, operator, password, agentToken, output, readme }.
import { chromium } from 'playwright-core';
import { Fleet } from './fleet.mjs';
import { scenarios } from './scenarios.mjs';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

const settings = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const fleet = await Fleet.open(settings);
const results = [];
const shared = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  const started = Date.now();
  let error = null;
  try {
    await scenario({ browser, fleet, settings, shared });
  } catch (cause) {
    error = cause.stack ?? String(cause);
  }
  results.push({ name, error, ms: Date.now() - started });
  process.stderr.write(`${error ? 'FAILED' : 'ok'} ${name} ${Date.now() - started} ms\n`);
}
await browser.close();
process.stdout.write(JSON.stringify(results));
