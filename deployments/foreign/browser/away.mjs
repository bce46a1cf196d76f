// The network or the gateway is gone.
import assert from 'node:assert/strict';
import { EN } from './visit.mjs';

const refused = /WebSocket connection|ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)/;

async function standing(visit) {
  const text = await visit.part('.panel').innerText();
  for (const part of ['In danger: 911. In crisis: call or text 988.', '(312) 555-0100', 'Nobody watches this chat', 'cannot be reached']) {
    assert.ok(text.includes(part), `${part} does not stand in ${text}`);
  }
}

export async function losesTheNetworkAndGetsItBack(visit) {
  visit.expected = refused;
  await visit.go();
  await visit.answered(EN.question);
  await visit.listen();
  await visit.context.setOffline(true);
  await visit.part('.state').getByText('cannot be reached').waitFor();
  await standing(visit);
  await visit.last.locator('.mark').first().click(); // the passage cannot be asked for: its words are there
  await visit.last.locator('.passage mark.here').first().waitFor();
  await visit.last.getByText('rests on these words').first().waitFor();
  await visit.ask(EN.other);
  await visit.last.getByText('Not sent yet').waitFor();
  await visit.page.reload().catch(() => {}); // there is no page to reload: the question has to outlive it
  await visit.context.setOffline(false);
  await visit.page.goto(visit.settings.gateway);
  await visit.whole();
  assert.equal(await visit.part('.exchange').count(), 2);
  assert.equal(await visit.last.locator('.question [lang]').textContent(), EN.other);
}

export async function losesTheGatewayInMidAnswer(visit) {
  visit.expected = refused;
  await visit.go();
  await visit.listen();
  await visit.askAndPause('d');
  await visit.control('cut');
  try {
    await visit.part('.state').getByText('cannot be reached').waitFor();
    await visit.picture('away', { of: visit.chat });
    await visit.ask('i want to die');
    await visit.last.locator('.card.crisis a[href="tel:988"]').waitFor();
    await visit.last.getByText('nobody reads what you write here').waitFor();
    assert.equal((await visit.said()).filter(([role]) => role === 'alert').length, 1);
  } finally {
    await visit.control('mend');
    await visit.goOn('d');
  }
  await visit.part('.state').waitFor({ state: 'hidden', timeout: 20_000 });
  await visit.last.getByText('988lifeline.org').first().waitFor();
  assert.equal(await visit.last.locator('.card').count(), 1, 'two cards for one question');
  assert.equal(await visit.part('.exchange').count(), 2);
  const first = await visit.part('.exchange').first().locator('.text').textContent();
  assert.equal(new Set(first.split('. ')).size, first.split('. ').length, `a sentence twice: ${first}`);
}

export async function opensThoughTheGatewayIsGone(visit) {
  visit.expected = refused;
  const page = await visit.go({}, visit.settings.clinic);
  await visit.control('cut');
  try {
    await visit.button(EN.open).click();
    await visit.part('.state').waitFor();
    await standing(visit);
    for (const link of ['tel:911', 'tel:988', 'tel:3125550100']) assert.ok(await visit.part(`a[href="${link}"]`).first().isVisible(), link);
    await page.goto(visit.settings.clinic + '/?page=2'); // the script comes from the cache
    await visit.part('.state').waitFor();
    await standing(visit);
    for (const [question, first] of [[EN.emergency, 'tel:911'], ['mi hijo se trago una pastilla', 'tel:911'], ['quiero acabar con mi vida', 'tel:988'], [EN.other, null]]) {
      await visit.ask(question);
      await visit.last.getByText(question).waitFor();
      await visit.last.getByText('Not sent yet').waitFor();
      if (first) await visit.last.locator('.card a').first().waitFor();
      const links = await visit.last.locator('.card a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      assert.equal(links[0] ?? null, first, question);
    }
  } finally {
    await visit.control('mend');
  }
}
