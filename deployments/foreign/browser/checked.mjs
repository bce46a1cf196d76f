// What tools check: axe in every state, theme and language, and answers that
// would be something else than text.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { EN, ES } from './visit.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { colorScheme: 'light', forcedColors: 'active' }];

/** Runs every rule of axe in each theme. */
async function clean(visit, state) {
  for (const theme of themes) {
    await visit.page.emulateMedia({ forcedColors: 'none', ...theme, reducedMotion: 'reduce' });
    if (!(await visit.page.evaluate(() => 'axe' in window))) await visit.page.evaluate(axe);
    const found = await visit.page.evaluate(async () => {
      const { violations } = await axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`));
    });
    assert.deepEqual(found, [], `${state}, ${JSON.stringify(theme)}`);
  }
}

async function states(visit, words, options = {}, address = undefined) {
  await visit.go({ locale: words === ES ? 'es-US' : 'en-US', ...options }, address);
  if (address) {
    await clean(visit, 'closed');
    await visit.button(words.open).click();
  }
  await visit.part('.ideas button').first().waitFor();
  await clean(visit, 'start');
  await visit.answered(words.question);
  await visit.last.locator('.mark').first().click();
  await visit.last.locator('[data-rating=down]').click();
  await visit.last.locator('.rating form').waitFor();
  await visit.button(words.more).click();
  await clean(visit, 'answered, a source open, rated, the menu open');
  await visit.answered(words.crisis);
  await visit.answered(words.emergency);
  await visit.part('.menu button').nth(3).click();
  await clean(visit, 'crisis, emergency, about to be deleted');
}

export const axeInEnglish = (visit) => states(visit, EN);
export const axeInSpanish = (visit) => states(visit, ES, { viewport: { width: 390, height: 844 } });
export const axeOnAClinicsPage = (visit) => states(visit, EN, {}, `${visit.settings.clinic}/?color=%23ffd400`);

export async function axeWhileItAnswersAndWhenItIsLost(visit) {
  for (const [mark, words] of [['e', EN], ['f', ES]]) {
    await visit.context?.close();
    await visit.go({ locale: words === ES ? 'es-US' : 'en-US' });
    await visit.askAndPause(mark, words);
    await clean(visit, 'in mid-answer');
    await visit.context.setOffline(true);
    await visit.part('.state a').waitFor();
    await clean(visit, 'lost in mid-answer');
    await visit.goOn(mark);
    await visit.context.setOffline(false);
  }
  visit.expected = /WebSocket connection/;
}

const hostile = [
  '<img src=x onerror="document.title=1"> ', '<script>document.title=2</script> ', '![a picture](https://evil.example/x.png) ',
  '[a link](javascript:document.title=3) ', 'From \u202eright to left\u202c. ', '<a href="https://evil.example">here</a> &amp; ',
];

export async function showsHostileAnswersAsText(visit) {
  const frames = (id, question) => {
    const frame = (type, more) => ({ type, response_id: 'r1', sequence_number: n++, cursor: `${n}-1`, ...more });
    let n = 0;
    return [
      frame('bedside:message.accepted', { client_message_id: id, text: question }),
      frame('bedside:triage', { level: 'topic', category: 'suicide_topic', card: { lines: [], links: [{ label: 'Call <b>988</b>', url: 'tel:988' }, { label: 'No', url: 'javascript:document.title=4' }] } }),
      ...hostile.flatMap((delta, i) => [
        frame('response.output_text.delta', { delta }),
        frame('response.output_text.annotation.added', { annotation: { title: `<b>Title ${i}</b>`, url: i ? 'javascript:document.title=5' : 'https://clinic.example/', passage_id: `p${i}`, quote: delta } }),
      ]),
      frame('bedside:suggestions', { questions: ['<img src=x onerror="document.title=6">'] }),
      frame('response.completed', { response: { status: 'completed', metadata: { outcome: 'answered' } } }),
    ];
  };
  const take = (socket) => socket.onMessage((data) => {
    const message = JSON.parse(data);
    const send = (frame) => socket.send(JSON.stringify(frame));
    if (message.type === 'bedside:session.start') {
      send({ type: 'bedside:session.ready', token: 'bst_x', cursor: '0-0', recovered: true, durable: true, expires_at: Date.now() / 1000 + 1800, disclosure: '', starters: [], clinic: {}, help_bar: false });
    } else if (message.type === 'response.create') {
      for (const frame of frames(message.metadata.client_message_id, message.input)) send(frame);
    } else if (message.type === 'bedside:passage') {
      send({ type: 'bedside:passage', passage_id: message.passage_id, heading: '<b>Heading</b>', language: 'en', text: hostile.join('\n') });
    }
  });
  const page = await visit.go({}, visit.settings.clinic);
  await page.routeWebSocket(/./, take);
  await page.reload();
  const title = await page.title();
  await visit.button(EN.open).click();
  await visit.answered('<b>what</b> is it?');
  await visit.last.locator('.mark').first().click();
  await visit.last.locator('.passage').first().getByText('<b>Heading</b>').waitFor();
  const passage = await visit.last.locator('.passage blockquote').first().innerText();
  for (const text of hostile.slice(0, 3)) assert.ok(passage.includes(text.trim()), `${text} is not in ${passage}`);
  const shown = await visit.text();
  for (const text of hostile) assert.ok(shown.includes(text.replace(/[\u202c\u202e]/g, '').trim()), `${text} is not in ${shown}`);
  assert.doesNotMatch(shown, /[\u202a-\u202e\u2066-\u2069]/);
  const made = await visit.chat.evaluate((chat) => [...chat.shadowRoot.querySelectorAll('img, script, iframe, b, a[href^="javascript"], a[href*="evil"]')].map((n) => n.outerHTML));
  assert.deepEqual(made, []);
  assert.equal(await visit.last.locator('.passage a').count(), 1);
  assert.equal(await visit.last.locator('.card a').count(), 1);
  assert.equal(await page.title(), title);
}
