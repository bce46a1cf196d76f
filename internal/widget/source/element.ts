// <bedside-chat>: the launcher and the panel, in an open shadow root. A page that was
// just loaded gets the launcher; the panel is made when it is first needed.
import { h, later, sheet } from './dom';
import launcherStyle from './launcher.css';
import { Memory } from './memory';
import { Panel } from './panel';
import panelStyle from './panel.css';
import { served } from './served';
import { known, WORDS, type Language } from './words';

const EVENTS = ['open', 'close', 'ready', 'question', 'answer', 'offline', 'forgotten'] as const;
type Name = (typeof EVENTS)[number];

export class BedsideChat extends HTMLElement {
  static observedAttributes = ['color', 'lang', 'theme'];
  static server = '';

  private panel: Panel | undefined;
  private launcher: HTMLElement | undefined;
  private recalled = false;
  private cameFrom: HTMLElement | undefined; // where the focus comes back to
  private readonly narrow = matchMedia('(max-width: 30rem), (max-height: 30rem)');
  private readonly memory = new Memory(() => (this.hasAttribute('remember') ? localStorage : sessionStorage));

  connectedCallback(): void {
    if (!this.shadowRoot) this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet(launcherStyle)];
    this.narrow.addEventListener('change', this.turned);
    window.visualViewport?.addEventListener('resize', this.fit);
    this.build();
    if (this.inline) this.furnish();
    later(() => {
      if (!this.isConnected) return;
      this.recall();
      const before = this.memory.get('open') && !this.narrow.matches; // on the page before this one
      if (this.inline || this.hasAttribute('open') || before) this.show(false);
    });
  }

  disconnectedCallback(): void {
    this.narrow.removeEventListener('change', this.turned);
    this.panel?.end();
    window.visualViewport?.removeEventListener('resize', this.fit);
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (name === 'color') this.paint();
    else if (name === 'lang' && this.shadowRoot && before !== now) this.build();
  }

  /** Opens the panel and moves the focus into it, as whoever asked for it expects. */
  open(): void {
    this.show(true);
  }

  close(): void {
    const panel = this.panel;
    if (!panel || this.inline || !this.opened) return;
    const inside = this.shadowRoot?.activeElement;
    (panel.node as HTMLDialogElement).close();
    this.mark(false);
    if (inside) (this.cameFrom?.isConnected ? this.cameFrom : this.launcher)?.focus();
    this.emit('close');
  }

  ask(text: string): void {
    this.show(false);
    if (text.trim()) this.panel?.ask(text.trim().slice(0, 4000));
  }

  on(name: Name, listener: (detail: unknown) => void): () => void {
    const heard = (event: Event) => listener((event as CustomEvent).detail);
    this.addEventListener(`bedside:${name}`, heard);
    return () => this.removeEventListener(`bedside:${name}`, heard);
  }

  private get inline(): boolean {
    return this.getAttribute('position') === 'inline';
  }

  private get opened(): boolean {
    return this.inline || !!(this.panel?.node as HTMLDialogElement | undefined)?.open;
  }

  private get language(): Language {
    return known((this.recalled && this.memory.get('language')) || this.getAttribute('lang') || this.closest('[lang]')?.getAttribute('lang') || navigator.language);
  }

  /** Takes up what the tab kept, which a page that loads does not wait for. */
  private recall(): void {
    if (this.recalled) return;
    const before = this.language;
    this.recalled = true;
    if (this.language !== before) this.build();
  }

  /** Makes the parts that are shown, anew where the language changed. */
  private build(): void {
    const { panel, language } = this;
    const opened = panel && this.opened;
    const focused = !!this.shadowRoot?.activeElement;
    const shown = panel?.end();
    this.panel = undefined;
    const parts: Node[] = [];
    if (this.getAttribute('launcher')) this.adopt(this.getAttribute('launcher')!);
    else if (!this.inline) {
      const text = this.getAttribute('label') ?? WORDS[language].launcher;
      this.launcher = h('button', { type: 'button', class: 'launcher', lang: language, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', click: () => (this.opened ? this.close() : this.open()) },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, '?'), text);
      parts.push(h('section', { class: 'corner', 'aria-label': text }, this.launcher));
    }
    this.shadowRoot?.replaceChildren(...parts);
    this.paint();
    if (shown) this.furnish().inherit(shown);
    if (opened) this.show(focused);
  }

  /** Returns the panel, and makes it at its first use. */
  private furnish(): Panel {
    if (this.panel) return this.panel;
    this.recall();
    const panel = this.panel = new Panel({
      server: this.getAttribute('server') || BedsideChat.server,
      language: this.language, inline: this.inline, memory: this.memory,
      title: this.getAttribute('heading'), greeting: this.getAttribute('greeting'),
      emit: (name, detail) => this.emit(name as Name, detail),
      close: () => this.close(),
      turn: (other) => {
        this.memory.set('language', other);
        this.build();
      },
    });
    panel.node.addEventListener('cancel', (event) => { // a phone's way back
      event.preventDefault();
      this.close();
    });
    panel.node.addEventListener('close', () => this.mark(this.opened));
    const root = this.shadowRoot!;
    if (root.adoptedStyleSheets.length < 2) root.adoptedStyleSheets.push(sheet(panelStyle));
    root.prepend(panel.node);
    return panel;
  }

  private show(focus: boolean): void {
    if (!this.shadowRoot) return;
    const panel = this.furnish();
    const was = this.opened && !this.inline;
    if (!was && focus) this.cameFrom = deepest(document.activeElement);
    if (!this.inline && !was) {
      if (this.narrow.matches && focus) (panel.node as HTMLDialogElement).showModal();
      else (panel.node as HTMLDialogElement).open = true; // without moving the focus
      this.fit();
    }
    this.mark(true);
    panel.start();
    if (focus) (matchMedia('(pointer: coarse)').matches ? panel.heading : panel.input).focus();
    if (!was) this.emit('open');
  }

  private mark(open: boolean): void {
    if (!this.inline) this.memory.set('open', open);
    this.toggleAttribute('data-open', open && !this.inline);
    this.launcher?.setAttribute('aria-expanded', `${open}`);
  }

  /** A panel that fills the screen is modal: nothing under it can have the focus. */
  private readonly turned = (): void => {
    const node = this.panel?.node as HTMLDialogElement | undefined;
    if (this.inline || !node?.open) return;
    const focused = this.shadowRoot?.activeElement as HTMLElement | null;
    node.close();
    if (this.narrow.matches) node.showModal();
    else node.open = true;
    focused?.focus();
    this.fit();
  };

  /** Keeps a panel that fills the screen above the keyboard of a phone. */
  private readonly fit = (): void => {
    const view = window.visualViewport;
    const node = this.panel?.node;
    if (!view || !node || this.inline) return;
    node.style.setProperty('--seen', this.narrow.matches && view.scale === 1 ? `${view.height}px` : '100dvh');
  };

  private paint(): void {
    const color = this.getAttribute('color') || served.clinic.color;
    if (color && CSS.supports('color', color)) this.style.setProperty('--brand', color);
  }

  /** Takes over a launcher that the page has already, and gives it a proper name. */
  private adopt(selector: string): void {
    const take = (): boolean => {
      let found: HTMLElement | null = null;
      try {
        found = document.querySelector(selector);
      } catch {
        return true; // no selector: there is nothing to wait for
      }
      if (!found) return false;
      this.launcher = found;
      found.setAttribute('aria-label', WORDS[this.language].launcher);
      found.setAttribute('aria-expanded', `${this.opened}`);
      if (!(found instanceof HTMLButtonElement)) {
        found.setAttribute('role', 'button');
        found.tabIndex = 0;
        if (found instanceof HTMLAnchorElement) found.removeAttribute('href');
      }
      for (const picture of found.querySelectorAll('img')) picture.alt = '';
      const act = (event: Event) => {
        if (event instanceof KeyboardEvent && event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (event.type === 'keydown' || event.type === 'click') this.opened ? this.close() : this.open();
      };
      if (!found.dataset['bedside']) for (const type of ['click', 'keydown']) found.addEventListener(type, act, true);
      found.dataset['bedside'] = 'launcher';
      return true;
    };
    if (take()) return;
    const observer = new MutationObserver(() => take() && observer.disconnect());
    observer.observe(document.documentElement, { childList: true, subtree: true });
  }

  private emit(name: Name, detail: object = {}): void {
    this.dispatchEvent(new CustomEvent(`bedside:${name}`, { bubbles: true, composed: true, detail }));
  }
}

/** The element that has the focus, inside of open shadow roots too. */
function deepest(element: Element | null): HTMLElement | undefined {
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && element !== document.body ? element : undefined;
}
