// A conversation, from the first question to forgetting it.
import assert from 'node:assert/strict';
import { EN, ES } from './visit.mjs';

export async function asksStreamsAndOpensASource(visit) {
  const page = await visit.go();
  await visit.part('.ideas button').first().waitFor();
  await visit.listen();
  await visit.askAndPause('a');
  const first = await visit.text();
  const node = await visit.last.locator('.sentence').first().elementHandle();
  await visit.goOn('a');
  await visit.whole();
  const all = await visit.text();
  assert.ok(all.startsWith(first.trimEnd()) && all.length > first.length, `first ${first}, then ${all}`);
  assert.ok(await node.evaluate((sentence) => sentence.isConnected), 'a sentence that was shown was made anew');
  const said = await visit.said();
  assert.equal(said.filter(([role, text]) => role === 'status' && text.startsWith('Answer ready: ')).length, 1);
  assert.equal(said.filter(([role]) => role === 'alert').length, 0, 'an answer interrupted');
  assert.equal(await visit.part('[role=log]').getAttribute('aria-live'), 'off');

  const mark = visit.last.locator('.mark').first();
  assert.match(await mark.getAttribute('aria-label'), /^Source 1: ./);
  await mark.click();
  const passage = visit.last.locator('.passage').first();
  await passage.waitFor();
  await passage.getByText('rests on the marked words').waitFor();
  const marked = await passage.locator('mark.here').textContent();
  assert.ok(all.includes(marked), 'the words of the source are others');
  const whole = await passage.locator('blockquote').innerText();
  assert.ok(whole.includes(marked) && whole.length > marked.length + 40, `the passage is not there in full: ${whole}`);
  assert.match(await passage.getByRole('link', { name: 'Open the page' }).getAttribute('href'), /^https:/);
  await page.keyboard.press('Escape');
  await passage.waitFor({ state: 'hidden' });
  assert.match(await visit.focused(), /^button\.mark Source 1/);
  await visit.fits();
  await visit.targets();
}

export async function takesFeedback(visit) {
  await visit.go({ viewport: { width: 1180, height: 800 } });
  await visit.answered(EN.question);
  await visit.last.locator('.mark').first().click();
  await visit.last.locator('.passage').first().waitFor();
  await visit.picture('page');
  await visit.last.getByRole('button', { name: 'No', exact: true }).click();
  await visit.last.getByLabel('What was missing?').fill('the cost');
  await visit.last.getByRole('button', { name: 'Send this' }).click();
  await visit.last.getByLabel('What was missing?').waitFor({ state: 'detached' });
  await visit.page.reload();
  await visit.whole();
  await visit.last.locator('[data-rating=down][aria-pressed=true]').waitFor();
}

export async function reloadsInMidAnswer(visit) {
  await visit.go();
  await visit.askAndPause('b');
  const partly = await visit.text();
  await visit.page.reload();
  await visit.last.locator('.mark').first().waitFor();
  assert.equal((await visit.text()).trim(), partly.trim());
  await visit.goOn('b');
  await visit.whole();
  await visit.part('.ideas button').first().waitFor();
  const whole = await visit.text();
  assert.ok(whole.startsWith(partly.trimEnd()) && whole.length > partly.length, `partly ${partly}, then ${whole}`);
  assert.equal(whole.split(partly.trim()).length, 2, 'shown twice');
  assert.equal(await visit.part('.exchange').count(), 1);
}

export async function stopsAnAnswer(visit) {
  await visit.go();
  await visit.askAndPause('c');
  await visit.button(EN.stop).click();
  await visit.last.getByText('You stopped this answer.').waitFor();
  assert.match(await visit.focused(), /^textarea/);
}

export async function seesTheCrisisCard(visit) {
  const page = await visit.go({ viewport: { width: 1280, height: 1000 } });
  await visit.listen();
  await visit.input.focus();
  await visit.answered(EN.crisis);
  const links = await visit.last.locator('.card a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  for (const link of ['tel:988', 'sms:988', 'tel:911']) assert.ok(links.includes(link), `${links}`);
  assert.match(await visit.focused(), /^textarea/, 'the focus was stolen');
  assert.equal((await visit.said()).filter(([role]) => role === 'alert').length, 1);
  await visit.picture('crisis', { of: visit.chat });
  await visit.answered(EN.emergency);
  assert.equal(await visit.last.locator('.card.emergency a').first().getAttribute('href'), 'tel:911');
  await visit.answered(EN.other);
  assert.deepEqual(await visit.part('.help a').evaluateAll((all) => all.map((a) => a.getAttribute('href'))), ['tel:988', 'sms:988', 'tel:911']);
  await page.reload();
  await visit.part('.help').waitFor();
  await visit.targets();
}

export async function forgets(visit) {
  await visit.go();
  await visit.answered(EN.question);
  await visit.button(EN.more).click();
  await visit.button('Delete').click();
  assert.match(await visit.focused(), /Keep it/, 'the dangerous choice comes first');
  await visit.button('Yes, delete it').click();
  await visit.part('.state').getByText('was deleted').waitFor();
  assert.equal(await visit.part('.exchange').count(), 0);
  await visit.page.reload();
  await visit.part('.ideas button').first().waitFor();
  assert.equal(await visit.part('.exchange').count(), 0);
  await visit.answered(EN.other);
}

export async function beginsANewConversation(visit) {
  await visit.go();
  await visit.answered(EN.question);
  await visit.button(EN.more).click();
  await visit.button('New conversation').click();
  await visit.part('.ideas button').first().waitFor();
  assert.equal(await visit.part('.exchange').count(), 0);
  await visit.part('.ideas button').first().click();
  await visit.whole();
  assert.equal(await visit.part('.exchange').count(), 1);
}

export async function copiesAndPrints(visit) {
  const page = await visit.go({ permissions: ['clipboard-read', 'clipboard-write'] });
  await visit.answered(EN.question);
  await visit.button(EN.more).click();
  await visit.button('Copy').click();
  await visit.part('.state').getByText('was copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of [EN.question, '[1]', 'Lakeside Ketamine Clinic', '988', 'not medical advice']) assert.ok(copied.includes(part), `${part} is not in ${copied}`);
  await page.evaluate(() => { window.print = () => { window.printed = true; }; });
  await visit.button('Print or save').click();
  assert.ok(await page.evaluate(() => window.printed));
  await page.emulateMedia({ media: 'print' });
  const paper = page.locator('.bedside-paper');
  assert.ok((await paper.innerText()).includes(EN.question));
  assert.ok(await visit.chat.isHidden(), 'the page is printed with it');
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  assert.equal(await paper.count(), 0);
}

export async function speaksSpanish(visit) {
  const page = await visit.go({ locale: 'es-MX' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'es');
  await visit.answered(ES.question);
  assert.equal(await visit.last.locator('.text').getAttribute('lang'), 'es');
  await visit.answered(EN.question);
  assert.equal(await visit.last.locator('.question [lang]').getAttribute('lang'), 'en');
  await visit.button(ES.more).click();
  await visit.button('English').click();
  await visit.button(EN.more).waitFor();
  await visit.whole();
  assert.equal(await visit.part('.exchange').count(), 2, 'the conversation was lost with the language');
}

export async function warnsBeforeTheSessionEnds(visit) {
  const page = await visit.go();
  await page.clock.install();
  await page.reload();
  await visit.answered(EN.question);
  await page.clock.fastForward('28:30');
  await visit.part('.state').getByText('ends in two minutes').waitFor();
  assert.equal(await visit.part('.exchange').count(), 1);
}
