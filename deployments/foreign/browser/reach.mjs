// The widget on a clinic's own page, and whoever comes without a mouse, with a
// small screen, or with large letters.
import assert from 'node:assert/strict';
import { EN, ES } from './visit.mjs';

const clinic = (visit, query = '') => `${visit.settings.clinic}/${query}`;

export async function opensOnAClinicsPage(visit) {
  const page = await visit.go({}, clinic(visit));
  await page.waitForLoadState('load');
  const shifts = await page.evaluate(() => new Promise((tell) => {
    const seen = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ value }) => value))).observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => requestIdleCallback(() => tell(seen)));
  }));
  assert.deepEqual(shifts, [], 'the page moved as it loaded');
  assert.equal(await visit.part('.panel').count(), 0, 'the panel was made before anybody asked');
  assert.equal(visit.requests.filter((url) => url.startsWith('ws')).length, 0, 'connected before anybody asked');
  await page.getByLabel('Search this site').focus();
  await page.evaluate(() => {
    window.events = [];
    for (const name of ['open', 'question', 'answer', 'close']) Bedside.on(name, (detail) => window.events.push(`${name} ${detail.outcome ?? ''}`.trim()));
    Bedside.ask('how fast does it work?');
  });
  await visit.whole();
  assert.match(await visit.focused(), /^input/, 'the focus was stolen');
  await page.evaluate(() => Bedside.close());
  await visit.part('.panel').waitFor({ state: 'hidden' });
  await page.waitForFunction(() => window.events.length === 4);
  assert.deepEqual(await page.evaluate(() => window.events), ['open', 'question', 'answer answered', 'close']);
  await page.evaluate(() => Bedside.open());
  assert.match(await visit.focused(), /^textarea/);
  await page.goto(clinic(visit, '?page=2'));
  await visit.whole(); // open again, with what was said
  assert.match(await visit.focused(), /^body/, 'a page that was loaded moved the focus');
}

export async function worksWithTheKeyboardAlone(visit) {
  const page = await visit.go({}, clinic(visit));
  const until = async (wanted, key = 'Tab') => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press(key);
      if (wanted.test(await visit.focused())) return;
    }
    assert.fail(`${wanted} was not reached; the focus is on ${await visit.focused()}`);
  };
  await until(/button\.launcher/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('bedside-chat').shadowRoot.activeElement?.tagName === 'TEXTAREA');
  await page.keyboard.type(EN.question);
  await page.keyboard.press('Enter');
  await visit.whole();
  await until(/button\.mark/, 'Shift+Tab');
  const mark = await visit.focused();
  await page.keyboard.press('Enter');
  assert.match(await visit.focused(), /^button\.source/);
  await page.keyboard.press('Escape');
  assert.equal(await visit.focused(), mark);
  await until(/button\.plain Yes/);
  await page.keyboard.press('Enter');
  await visit.last.locator('[data-rating=up][aria-pressed=true]').waitFor();
  await until(/Conversation and language/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await visit.button('Copy').waitFor();
  await page.keyboard.press('Escape');
  assert.match(await visit.focused(), /Conversation and language/);
  await page.keyboard.press('Escape');
  await visit.part('.panel').waitFor({ state: 'hidden' });
  assert.match(await visit.focused(), /button\.launcher/);
}

export async function takesOverALauncher(visit) {
  const page = await visit.go({}, clinic(visit, '?launcher=1'));
  const ball = page.getByRole('button', { name: EN.open });
  await ball.waitFor();
  assert.equal(await page.getByAltText('wpChatIcon').count(), 0);
  assert.equal(await visit.part('.launcher').count(), 0);
  await ball.click();
  await visit.part('.panel').waitFor();
  assert.equal(await ball.getAttribute('aria-expanded'), 'true');
  assert.equal(await page.evaluate(() => window.theirs ?? 0), 0, 'the other chat opened as well');
  await page.keyboard.press('Escape');
  assert.match(await visit.focused(), /^div\.ball/);
  await page.keyboard.press('Enter');
  await visit.part('.panel').waitFor();
}

export async function worksOnAPhone(visit) {
  const page = await visit.go({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2, locale: 'es-US', colorScheme: 'dark' }, clinic(visit, '?es=1'));
  await visit.button(ES.open).tap();
  await visit.part('.panel').waitFor();
  assert.ok(await visit.part('dialog').evaluate((dialog) => dialog.matches(':modal')), 'what is under the panel can have the focus');
  assert.match(await visit.focused(), /^h2/, 'the keyboard of the phone covers the panel at once');
  await visit.answered(ES.question);
  await visit.picture('phone');
  await visit.fits();
  await visit.targets();
  await visit.answered(ES.crisis);
  await visit.fits();
  await visit.targets();
  await page.setViewportSize({ width: 390, height: 420 }); // the keyboard comes up
  const box = await visit.input.boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= 420, `the input is at ${box.y}`);
  await visit.button(ES.close).tap();
  await visit.part('.panel').waitFor({ state: 'hidden' });
}

async function narrow(visit, viewport, address, words) {
  const page = await visit.go({ viewport, locale: words === ES ? 'es-US' : 'en-US' }, address);
  if (address) await visit.button(words.open).click();
  await visit.answered(words.question);
  await visit.last.locator('.mark').first().click();
  await visit.last.locator('.passage').first().waitFor();
  await visit.fits();
  await visit.answered(words.crisis);
  await visit.button(words.more).click();
  await visit.fits();
  await visit.input.scrollIntoViewIfNeeded();
  const box = await visit.input.boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= viewport.height, `the input is at ${box.y}`);
  if (!address) return;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await visit.part('.panel').waitFor({ state: 'hidden' });
}

export const fits320Pixels = (visit) => narrow(visit, { width: 320, height: 640 }, clinic(visit), EN);
export const fits320PixelsOnItsPage = (visit) => narrow(visit, { width: 320, height: 640 }, undefined, ES);
export const fitsAt400Percent = (visit) => narrow(visit, { width: 320, height: 256 }, clinic(visit, '?es=1'), ES);
export const fitsAt400PercentOnItsPage = (visit) => narrow(visit, { width: 320, height: 256 }, undefined, EN);
export const fitsFromRightToLeft = (visit) => narrow(visit, { width: 360, height: 700 }, clinic(visit, '?rtl=1'), EN);

export async function followsTheWishesOfItsUser(visit) {
  const page = await visit.go({ reducedMotion: 'reduce' });
  await visit.answered(EN.question);
  assert.equal(await visit.part('.sentence').first().evaluate((node) => getComputedStyle(node).animationName), 'none');
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await visit.part('.panel').evaluate((node) => getComputedStyle(node).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  assert.notEqual(await visit.part('.panel').evaluate((node) => getComputedStyle(node).backgroundColor), dark);
  await page.emulateMedia({ forcedColors: 'active' });
  const border = await visit.part('.primary').evaluate((node) => getComputedStyle(node).borderTopWidth);
  assert.equal(border, '1px');
}
