// Uses the widget in a real Chromium as patients do, and prints one JSON list on
// stdout: for each scenario its name, how long it took, and what was wrong.
//   node main.mjs SETTINGS
// SETTINGS is JSON: clinic (the address of a clinic's page under a strict policy,
// whose /cut and /mend take the gateway away and bring it back), gateway (its
// address), chromium (the browser's path), pictures (a folder for pictures; may be
// empty), only (a part of the scenarios' names; may be empty).
import { chromium } from 'playwright-core';
import { Visit } from './visit.mjs';
import * as talk from './talk.mjs';
import * as reach from './reach.mjs';
import * as away from './away.mjs';
import * as checked from './checked.mjs';

const settings = JSON.parse(process.argv[2]);
const browser = await chromium.launch({
  executablePath: settings.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
// What takes the gateway away comes after everything else, one by one.
const together = Object.entries({ ...talk, ...reach, ...checked });
const apart = Object.entries(away);
const results = [];

async function run([name, scenario]) {
  if (settings.only && !name.includes(settings.only)) return;
  const visit = new Visit(browser, settings);
  const began = performance.now();
  let problem = '';
  try {
    await scenario(visit);
    await visit.end();
  } catch (error) {
    problem = `${error.stack ?? error}`.split('\n').slice(0, 14).join('\n');
    await visit.abandon(name);
  }
  results.push({ name, ms: Math.round(performance.now() - began), problem });
}

async function worker() {
  for (let next = together.shift(); next; next = together.shift()) await run(next);
}

try {
  await Promise.all([worker(), worker(), worker()]);
  for (const scenario of apart) await run(scenario);
} finally {
  await browser.close();
}
console.log(JSON.stringify(results));
