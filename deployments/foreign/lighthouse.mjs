// Measures pages with Lighthouse as a phone sees them, and prints the scores of
// each address as JSON:
//   node lighthouse.mjs CHROMIUM URL...
// Performance is simulated from what was loaded, but a busy machine still lowers it.
import { chromium } from 'playwright-core';
import lighthouse from 'lighthouse';

const [executablePath, ...urls] = process.argv.slice(2);
const cpuSlowdownMultiplier = Number(process.env.SLOWDOWN ?? 4); // lower on a machine that is slow or busy itself
const port = 9333;
const browser = await chromium.launch({
  executablePath,
  args: [`--remote-debugging-port=${port}`, '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const scores = {};
try {
  for (const url of urls) {
    const { lhr } = await lighthouse(url, { port, onlyCategories: ['performance', 'accessibility', 'best-practices'], maxWaitForLoad: 30_000, throttling: { rttMs: 150, throughputKbps: 1638.4, requestLatencyMs: 562.5, downloadThroughputKbps: 1474.56, uploadThroughputKbps: 675, cpuSlowdownMultiplier } });
    scores[url] = Object.fromEntries(Object.entries(lhr.categories).map(([name, { score }]) => [name, score]));
    scores[url].benchmark = lhr.environment.benchmarkIndex;
    scores[url].below = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9 && !['informative', 'notApplicable', 'manual'].includes(audit.scoreDisplayMode))
      .map((audit) => `${audit.id} ${audit.score} ${audit.displayValue ?? ''}`);
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(scores, null, 1));
