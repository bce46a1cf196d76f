// One patient's visit: a browser context of its own, with what must hold of every
// page watched all the time.
import assert from 'node:assert/strict';
import { join } from 'node:path';

export const EN = {
  question: 'how fast does it work?', other: 'what is ketamine?', crisis: 'i want to die', emergency: 'i cant breathe and my chest hurts',
  label: 'Your question', stop: 'Stop', open: 'Ask a question', close: 'Close the chat', more: 'Conversation and language',
};
export const ES = {
  question: '¿qué tan rápido actúa?', other: '¿qué es la ketamina?', crisis: 'me quiero morir', emergency: 'no puedo respirar y me duele el pecho',
  label: 'Su pregunta', stop: 'Detener', open: 'Haga una pregunta', close: 'Cerrar el chat', more: 'Conversación e idioma',
};

export class Visit {
  requests = [];
  told = [];
  expected = /(?!)/; // what the console may say where the gateway is away

  constructor(browser, settings) {
    this.browser = browser;
    this.settings = settings;
  }

  /** Opens a page, of the gateway unless another address is given. */
  async go(options = {}, address = this.settings.gateway) {
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-US', ...options });
    this.context.setDefaultTimeout(30_000); // a busy machine is slow
    this.page = await this.context.newPage();
    this.page.on('request', (request) => this.requests.push(request.url()));
    this.page.on('websocket', (socket) => this.requests.push(socket.url()));
    this.page.on('pageerror', (error) => this.told.push(`${error}`));
    this.page.on('console', (message) => ['error', 'warning'].includes(message.type()) && this.told.push(message.text()));
    await this.page.addInitScript(() => {
      window.violations = [];
      window.said = [];
      document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    });
    await this.page.goto(address);
    await this.page.waitForFunction(() => customElements.get('bedside-chat') && document.querySelector('bedside-chat')?.shadowRoot);
    return this.page;
  }

  get chat() { return this.page.locator('bedside-chat'); }
  get input() { return this.chat.locator('textarea'); }
  get last() { return this.chat.locator('.exchange').last(); }
  part(selector) { return this.chat.locator(selector); }
  button(name) { return this.chat.getByRole('button', { name, exact: true }); }

  /** Keeps all that screen readers are told from now on. */
  listen() {
    return this.page.evaluate(() => {
      for (const region of document.querySelector('bedside-chat').shadowRoot.querySelectorAll('[role=status], [role=alert]')) {
        new MutationObserver(() => window.said.push([region.getAttribute('role'), region.textContent])).observe(region, { childList: true });
      }
    });
  }
  said() { return this.page.evaluate(() => window.said); }

  async ask(question) {
    await this.input.fill(question);
    await this.input.press('Enter');
  }

  /** Asks, and waits until the answer has ended. */
  async answered(question) {
    const before = await this.part('.exchange').count();
    await this.ask(question);
    await this.part('.exchange').nth(before).waitFor();
    await this.whole();
  }

  /** Waits until the last exchange has its text and nothing runs. */
  async whole() {
    await this.last.locator('.sentence').first().waitFor();
    await this.part('form.ask button:not([type=submit])').waitFor({ state: 'hidden' });
  }

  /** The text of the last answer, without the numbers of its sources. */
  text() {
    return this.last.locator('.text').evaluate((node) => {
      const copy = node.cloneNode(true);
      for (const mark of copy.querySelectorAll('.mark')) mark.remove();
      return copy.textContent;
    });
  }

  focused() {
    return this.page.evaluate(() => {
      let node = document.activeElement;
      while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
      return `${node?.tagName.toLowerCase()}.${node?.className} ${node?.getAttribute('aria-label') ?? node?.textContent?.trim().slice(0, 60)}`;
    });
  }

  async picture(name, options = {}) {
    if (this.settings.pictures) await (options.of ?? this.page).screenshot({ path: join(this.settings.pictures, `${name}.png`), animations: 'disabled', scale: 'css' });
  }

  /** Asks what is answered with one sentence, and with the rest after goOn. */
  async askAndPause(mark, words = EN) {
    await this.ask(`${words.question} (${mark})`);
    await this.last.locator('.mark').first().waitFor();
  }

  goOn(mark) { return this.control(`goon?mark=${mark}`); }

  control(what) { return fetch(`${this.settings.clinic}/${what}`, { method: 'POST' }); }

  /** Nothing runs out of its place to the side, and nothing is cut off. */
  async fits() {
    const wide = await this.page.evaluate(() => {
      const found = [];
      if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
      const root = document.querySelector('bedside-chat').shadowRoot;
      for (const node of root.querySelectorAll('.panel, .scroll, .head, .ask, .menu, .help, .card, .exchange')) {
        if (node.scrollWidth > node.clientWidth + 1) found.push(`${node.className}: ${node.scrollWidth} in ${node.clientWidth}`);
      }
      for (const node of root.querySelectorAll('button, a, textarea')) {
        const box = node.getBoundingClientRect();
        if (box.width && (box.left < -1 || box.right > innerWidth + 1)) found.push(`${node.textContent}: ${box.left} to ${box.right}`);
      }
      return found;
    });
    assert.deepEqual(wide, []);
  }

  /**
   * Whatever can be tapped is 44 px in both directions; the numbers of sources, which
   * stand in lines of text, are 24 px at least. No two areas to tap meet, and each is
   * hit where it is.
   */
  async targets() {
    const wrong = await this.page.evaluate(() => {
      const found = [];
      const root = document.querySelector('bedside-chat').shadowRoot;
      const areas = [...root.querySelectorAll('button, a, textarea, input')].filter((node) => node.checkVisibility()).map((node) => {
        const box = node.getBoundingClientRect();
        const after = getComputedStyle(node, '::after');
        const inset = (side) => (node.matches('.mark') && after.content !== 'none' ? parseFloat(after[side]) : 0);
        return { node, name: `${node.className} ${node.textContent}`, left: box.left + inset('left'), right: box.right - inset('right'), top: box.top + inset('top'), bottom: box.bottom - inset('bottom') };
      });
      for (const { node, name, left, right, top, bottom } of areas) {
        const least = node.matches('.mark') ? 28 : 44;
        if (right - left < least - 0.5 || bottom - top < least - 0.5) found.push(`${name}: ${right - left} × ${bottom - top}`);
        node.scrollIntoView({ block: 'center' });
        const now = node.getBoundingClientRect();
        for (const [x, y] of [[left + 1, (top + bottom) / 2], [right - 1, (top + bottom) / 2], [(left + right) / 2, top + 1], [(left + right) / 2, bottom - 1]]) {
          const hit = root.elementFromPoint(x + now.left - left, y + now.top - top);
          if (!node.matches('.mark') && hit && !node.contains(hit)) found.push(`${name}: a tap at its edge meets ${hit.className} ${hit.textContent.slice(0, 40)}`);
        }
      }
      for (const [i, a] of areas.entries()) {
        for (const b of areas.slice(i + 1)) {
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 0.5 && high > 0.5 && a.node.closest('.scroll') === b.node.closest('.scroll')) found.push(`${a.name} and ${b.name} overlap by ${wide} × ${high}`);
        }
      }
      return found;
    });
    assert.deepEqual(wrong, []);
  }

  /** What holds of every visit: no violation, no stranger, no cookie, no token in an address. */
  async end() {
    const { clinic, gateway } = this.settings;
    const own = [clinic, gateway].map((url) => new URL(url).host);
    assert.deepEqual(await this.page.evaluate(() => window.violations), []);
    assert.deepEqual(this.told.filter((text) => !this.expected.test(text)), []);
    assert.deepEqual(this.requests.filter((url) => /^(https?|wss?):/.test(url) && !own.includes(new URL(url).host)), []);
    assert.deepEqual(this.requests.filter((url) => url.includes('bst_')), []);
    assert.deepEqual(await this.context.cookies(), []);
    const kept = await this.page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]);
    assert.deepEqual(kept, [[], ['bedside']]);
    await this.context.close();
  }

  async abandon(name) {
    if (!this.context) return;
    if (this.settings.pictures) await this.page.screenshot({ path: join(this.settings.pictures, `failed-${name}.png`) }).catch(() => {});
    await this.context.close();
  }
}
