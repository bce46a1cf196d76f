// Uses the page in a real Chromium as a patient would, and prints what was seen
// as one JSON object on stdout:
//   node browser.mjs URL CHROMIUM [PICTURES]
// The gateway's model has to take its time, so that the page can be reloaded in
// mid-answer. With PICTURES, a folder, it leaves pictures of the page there.
import { chromium } from 'playwright-core';
import { join } from 'node:path';

const [url, executablePath, pictures] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const result = { console: [] };
try {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  page.on('console', (message) => { if (message.type() === 'error') result.console.push(message.text()); });
  page.on('dialog', (dialog) => dialog.accept());
  page.on('pageerror', (error) => result.console.push(String(error)));
  const picture = (name) => (pictures ? page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true }) : undefined);
  const ask = async (question) => {
    await page.getByLabel('Your question').fill(question);
    await page.getByLabel('Your question').press('Enter');
  };
  const answer = page.locator('.answer').last();
  const text = async () => (await answer.locator('.text > span').allTextContents()).join(' ');

  await page.goto(url);
  await picture('1-start');
  await ask('how fast does it work?');
  await answer.locator('.text > span').first().waitFor();
  result.partly = await text();
  await page.reload();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
  await answer.locator('.sources details').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.ideas button').length > 0);
  result.whole = await text();
  result.answers = await page.locator('.answer').count();
  await answer.locator('.text button.mark').first().click();
  result.quote = await answer.locator('.sources details[open] blockquote').first().textContent();
  await picture('2-answer');

  await ask('i want to die');
  await page.locator('.help').waitFor({ state: 'visible' });
  result.helpLinks = await page.locator('.help a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
  await page.getByText('988lifeline.org').first().waitFor();
  result.crisis = await page.locator('.log').textContent();
  await page.waitForTimeout(500);
  await picture('3-crisis');

  await ask('<img src=x onerror="document.title=1"> how fast?');
  await page.waitForTimeout(300);
  result.title = await page.title();
  await page.getByRole('button', { name: 'Forget this conversation' }).click();
  await page.getByText('This conversation was forgotten.').first().waitFor();
  result.left = await page.locator('.answer').count();
} finally {
  await browser.close();
}
console.log(JSON.stringify(result));
