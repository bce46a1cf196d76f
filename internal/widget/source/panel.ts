// The chat's view: it makes nodes of what the conversation tells.
import { Announcer } from './announcer';
import { Conversation } from './conversation';
import { danger } from './danger';
import { h, link, telephone } from './dom';
import { Exchange, type Shown } from './exchange';
import type { Memory } from './memory';
import { copy, print, type Clinic } from './paper';
import type { AnswerFrame, Notice, Ready, Refusal } from './wire';
import { served } from './served';
import { WORDS, type Language, type Words } from './words';

const WARN_MS = 120_000; // before a session ends by itself
const LATER = ['busy', 'rate_limited', 'store_unavailable'];

export interface Setting {
  server: string;
  language: Language;
  title: string | null;
  greeting: string | null;
  inline: boolean;
  memory: Memory;
  emit(name: string, detail?: object): void;
  close(): void;
  turn(language: Language): void;
}

export class Panel {
  readonly node: HTMLElement;
  readonly input: HTMLTextAreaElement;
  readonly heading: HTMLElement;

  private readonly words: Words;
  private readonly clinic: Clinic = served.clinic;
  private readonly announcer = new Announcer();
  private readonly log: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly earlier = h('div', { class: 'log' });
  private readonly ideas = h('div', { class: 'ideas' });
  private readonly state = h('div', { class: 'state', hidden: true });
  private readonly help: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly conversation: Conversation;

  private exchanges: Exchange[] = [];
  private readonly byResponse = new Map<string, Exchange>();
  private readonly byQuestion = new Map<string, Exchange>();
  private running = '';
  private rating = ''; // the response that was just rated here
  private lost = false;
  private life = 0;
  private warning = 0;
  private started = false;
  private follows = true; // the view follows what comes, until the patient scrolls

  constructor(private readonly setting: Setting) {
    const words = (this.words = WORDS[setting.language]);
    const { clinic } = this;
    this.heading = h('h2', { id: 'title', tabindex: '-1' }, setting.title ?? words.title);
    this.more = h('button', { type: 'button', class: 'icon more', 'aria-label': words.more, 'aria-expanded': 'false', 'aria-controls': 'menu', click: () => this.unfold(this.menu.hidden) });
    this.menu = h('div', { class: 'menu', id: 'menu', hidden: true });
    this.help = h('section', { class: 'help', 'aria-label': words.helpTitle, hidden: !setting.memory.get('help') },
      link('tel:988', words.call988, ['tel:']), link(setting.language === 'es' ? 'sms:988?body=AYUDA' : 'sms:988', words.text988, ['sms:']), link('tel:911', words.call911, ['tel:']));
    this.log = h('div', { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': words.log });
    const greeting = h('div', { class: 'welcome' },
      setting.greeting && h('p', { class: 'greeting', dir: 'auto' }, setting.greeting),
      h('p', { class: 'disclosure' }, served.disclosure[setting.language] || words.disclosure));
    this.scroller = h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': words.log, scroll: () => this.scrolled() }, greeting, this.earlier, this.log, this.ideas);
    this.input = h('textarea', {
      id: 'question', rows: 1, maxlength: 4000, enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'hint', placeholder: words.label,
      keydown: (event) => this.typed(event as KeyboardEvent), input: () => this.grow(),
    });
    this.sendButton = h('button', { type: 'submit', class: 'primary' }, words.send);
    this.stopButton = h('button', { type: 'button', hidden: true, click: () => this.stop() }, words.stop);
    const form = h('form', { class: 'ask', submit: (event) => this.submit(event) },
      h('label', { for: 'question', class: 'unseen' }, words.label), this.input, this.stopButton, this.sendButton,
      h('p', { class: 'unseen', id: 'hint' }, words.hint));
    const phone = clinic.phone && telephone(clinic.phone, `${words.callClinic}: ${clinic.phone}`);
    const foot = h('p', { class: 'foot' }, h('span', {}, words.foot), phone || null, clinic.hours && h('span', {}, clinic.hours));
    const head = h('div', { class: 'head' },
      h('div', { class: 'names' }, clinic.name && h('p', { class: 'clinic' }, clinic.name), this.heading),
      this.more,
      !setting.inline && h('button', { type: 'button', class: 'icon close', 'aria-label': words.close, click: () => setting.close() }));
    const line = h('p', { class: 'danger' }, words.dangerBefore, link('tel:911', '911', ['tel:']), words.dangerBetween, link('tel:988', '988', ['tel:']), words.dangerAfter);
    this.node = h(setting.inline ? 'section' : 'dialog', { class: 'panel', 'aria-labelledby': 'title', lang: setting.language },
      head, line, this.help, this.menu, this.scroller, this.state, form, foot, ...this.announcer.nodes);
    this.node.addEventListener('keydown', (event) => this.escape(event));
    this.fillMenu();
    this.conversation = new Conversation(`${setting.server.replace(/^http/, 'ws')}/v1/responses`, setting.memory, () => setting.language, (notice) => this.take(notice));
    for (const [id, text] of this.conversation.waiting()) this.expect(id, text);
    for (const type of ['wheel', 'touchmove', 'keydown']) this.scroller.addEventListener(type, () => (this.follows = false), { passive: true });
  }

  /** Ends this view; another one may take its place and show what it showed. */
  end(): Node[] {
    clearTimeout(this.warning);
    this.conversation.end();
    return [...this.log.childNodes];
  }

  /** Shows what an earlier view showed, until the gateway tells it again. */
  inherit(nodes: Node[]): void {
    this.earlier.replaceChildren(...nodes);
  }

  /** Connects, at the first use and not before. */
  start(): void {
    if (!this.started) this.conversation.connect();
    this.started = true;
  }

  ask(text: string): void {
    this.start();
    this.follows = true;
    const id = this.conversation.ask(text);
    this.expect(id, text);
    this.scroll();
    this.setting.emit('question');
  }

  private expect(id: string, text: string): void {
    const exchange = new Exchange(this.shown(), text);
    this.byQuestion.set(id, exchange);
    this.show(exchange);
    if (!this.conversation?.ready) exchange.stage(this.words.unsent);
    this.suggest('', []);
  }

  private shown(): Shown {
    return {
      words: this.words, language: this.setting.language, phone: this.clinic.phone,
      announce: (text) => this.announcer.say(text),
      passage: (id, got) => this.conversation.passage(id, got),
      rate: (response, rating, comment) => {
        this.rating = comment ? '' : response;
        const sent = this.conversation.rate(response, rating, comment);
        this.announcer.say(sent ? this.words.thanks : this.words.lost);
        return sent;
      },
    };
  }

  /** Shows an exchange, before those that still wait to be sent. */
  private show(exchange: Exchange): void {
    const at = exchange.waits ? -1 : this.exchanges.findIndex((e) => e.waits);
    if (at < 0) this.log.append(exchange.node);
    else this.exchanges[at]!.node.before(exchange.node);
    this.exchanges.splice(at < 0 ? this.exchanges.length : at, 0, exchange);
    this.node.classList.add('talking');
  }

  private take(notice: Notice): void {
    const { words } = this;
    switch (notice.type) {
      case 'bedside:session.ready': return this.readied(notice);
      case 'bedside:session.forgotten':
        this.setting.memory.set('help', false);
        this.help.hidden = true;
        this.setting.emit('forgotten');
        return this.tell(words.forgotten, true);
      case 'bedside:draining': return;
      case 'clear': return this.clear();
      case 'over':
        if (this.exchanges.some((e) => !e.waits)) this.log.append(h('p', { class: 'divider' }, words.over));
        this.finish();
        return;
      case 'lost':
        if (this.lost) return;
        this.lost = true;
        this.finish();
        for (const exchange of this.byQuestion.values()) if (exchange.waits) exchange.stage(words.unsent);
        this.setting.emit('offline');
        return this.unreachable(words.lost);
      case 'closed':
        this.lost = true;
        this.finish();
        return this.unreachable(words.closed, h('button', { type: 'button', click: () => this.conversation.again() }, words.again));
      case 'unheard': return this.unheard(notice.id, notice.text);
      case 'error': return this.refused(notice);
      default: return this.answer(notice);
    }
  }

  private readied(frame: Ready): void {
    if (this.lost) {
      this.tell('');
      this.announcer.say(this.words.back2);
    }
    this.lost = false;
    this.earlier.replaceChildren();
    if (frame.help_bar) this.pin();
    if (!this.exchanges.length) this.suggest(this.words.starters, frame.starters);
    for (const exchange of this.byQuestion.values()) if (exchange.waits) exchange.stage('');
    this.life = Math.max(0, frame.expires_at * 1000 - Date.now());
    this.outlive();
    this.setting.emit('ready');
  }

  /** Says in good time that the session is about to end by itself. */
  private outlive(): void {
    clearTimeout(this.warning);
    if (this.life > WARN_MS) this.warning = window.setTimeout(() => this.exchanges.length && this.tell(this.words.soon, true), this.life - WARN_MS);
  }

  private answer(frame: AnswerFrame): void {
    if (frame.type === 'bedside:suggestions') return this.suggest(this.words.suggestions, frame.questions);
    const exchange = this.find(frame);
    if (!exchange) return;
    switch (frame.type) {
      case 'bedside:message.accepted':
        exchange.accepted(frame.text);
        this.tell('');
        this.outlive();
        break;
      case 'bedside:status':
        this.run(frame.response_id);
        exchange.stage(this.words[frame.stage as 'searching'] ?? '');
        if (frame.stage === 'searching') this.announcer.say(this.words.searching);
        break;
      case 'bedside:triage': this.triage(exchange, frame); break;
      case 'bedside:feedback.accepted':
        exchange.rated(frame.rating, this.rating === frame.response_id);
        this.rating = '';
        break;
      case 'response.created': this.run(frame.response_id); break;
      case 'response.output_text.delta': exchange.sentence(frame.delta); break;
      case 'response.output_text.annotation.added': exchange.cite(frame.annotation); break;
      case 'response.completed': case 'response.incomplete': case 'response.failed': {
        const note = exchange.end(frame.response);
        if (this.running === frame.response_id) this.finish();
        this.announcer.say(note || this.words.ready + exchange.text);
        this.setting.emit('answer', { response: frame.response_id, outcome: frame.response.metadata?.['outcome'] });
        break;
      }
      default: return;
    }
    this.scroll();
  }

  /** The exchange that a frame belongs to: of its response, or of its question. */
  private find(frame: AnswerFrame): Exchange | undefined {
    let exchange = this.byResponse.get(frame.response_id);
    if (exchange) return exchange;
    const kept = frame.type === 'bedside:message.accepted';
    const id = kept ? frame.client_message_id : frame.type === 'response.created' ? frame.response.metadata?.['client_message_id'] : '';
    exchange = this.byQuestion.get(id ?? '');
    if (!exchange && kept) {
      exchange = new Exchange(this.shown(), frame.text);
      exchange.waits = false;
      this.show(exchange);
    }
    // A reply that is kept nowhere may begin with its card: it answers the last question.
    if (!exchange && !frame.cursor && frame.type === 'bedside:triage') exchange = [...this.exchanges].reverse().find((e) => e.waits);
    if (!exchange) return undefined;
    exchange.waits = false;
    exchange.local = !frame.cursor && !kept;
    exchange.response = frame.response_id;
    this.byResponse.set(frame.response_id, exchange);
    return exchange;
  }

  private triage(exchange: Exchange, frame: AnswerFrame & { type: 'bedside:triage' }): void {
    const { words } = this;
    const crisis = frame.level !== 'topic' && /^(crisis|emergency|harm)/.test(frame.category);
    const emergency = frame.category.startsWith('emergency');
    if (crisis) this.pin();
    if (!frame.card?.links?.length) return;
    const title = emergency ? words.emergencyTitle : crisis ? words.crisisTitle : words.helpTitle;
    exchange.card(emergency ? 'emergency' : crisis ? 'crisis' : 'topic', title, frame.card);
    if (crisis) this.announcer.alarm([title, ...(frame.card.links ?? []).slice(0, 3).map(({ label }) => label)].join('. '));
  }

  /** Looks for danger in a question that nobody took, and says whom to call. */
  private unheard(id: string, text: string): void {
    const exchange = this.byQuestion.get(id);
    if (!exchange?.waits) return;
    exchange.stage(this.words.unsent);
    const kind = danger(text);
    if (!kind || exchange.hasCard) return;
    const { words } = this;
    const crisis = [{ label: words.call988, url: 'tel:988' }, { label: words.text988, url: 'sms:988' }];
    const body = [{ label: words.call911, url: 'tel:911' }];
    const rest = kind === 'crisis' ? [{ label: words.textHome, url: `sms:741741?body=${this.setting.language === 'es' ? 'HOLA' : 'HOME'}` }] : [{ label: words.poison, url: 'tel:18002221222' }];
    const [title, line] = kind === 'crisis' ? [words.crisisTitle, words.localCrisis] : [words.emergencyTitle, words.localEmergency];
    exchange.card(kind, title, { links: kind === 'crisis' ? [...crisis, ...body, ...rest] : [...body, ...rest, ...crisis] }, line);
    exchange.local = true;
    this.pin();
    this.announcer.alarm(`${title}. ${line}`);
    this.scroll();
  }

  private refused(frame: Refusal): void {
    const exchange = this.byQuestion.get(frame.client_message_id ?? '');
    if (exchange && !LATER.includes(frame.error.code)) {
      exchange.waits = false;
      exchange.local = true;
      exchange.stage('');
      exchange.note(frame.error.message);
    } else if (exchange) exchange.stage(this.words.unsent);
    this.tell(frame.error.message, true);
  }

  private pin(): void {
    this.help.hidden = false;
    this.setting.memory.set('help', true);
  }

  private run(response: string): void {
    this.running = response;
    this.stopButton.hidden = false;
    this.sendButton.hidden = !this.input.value;
  }

  private finish(): void {
    const focused = this.root().activeElement === this.stopButton;
    this.running = '';
    this.sendButton.hidden = false;
    this.stopButton.hidden = true;
    if (focused) this.input.focus(); // the button that had it is gone
  }

  private stop(): void {
    if (this.running) this.conversation.stop(this.running);
    this.input.focus();
  }

  /** Takes away what is not kept by the gateway's word, except what it never kept. */
  private clear(): void {
    const stays = new Set(this.conversation.waiting().map(([id]) => this.byQuestion.get(id)));
    this.exchanges = this.exchanges.filter((e) => stays.has(e) || e.local);
    for (const map of [this.byQuestion, this.byResponse]) for (const [id, e] of map) if (!this.exchanges.includes(e)) map.delete(id);
    this.log.replaceChildren(...this.exchanges.map((e) => e.node));
    this.node.classList.toggle('talking', this.exchanges.length > 0);
    this.suggest('', []);
    this.finish();
  }

  private suggest(title: string, questions: string[]): void {
    const asked = (text: string) => {
      const first = text.charAt(0).toUpperCase() + text.slice(1);
      return /[.?!]$/.test(first) ? first : this.setting.language === 'es' ? `¿${first.replace(/^¿/, '')}?` : `${first}?`;
    };
    this.ideas.replaceChildren();
    if (!questions.length) return;
    this.ideas.append(h('h3', {}, title), ...questions.slice(0, 4).map((text) => h('button', {
      type: 'button', dir: 'auto',
      click: () => {
        this.ask(asked(text));
        this.input.focus({ preventScroll: true });
      },
    }, asked(text))));
    this.scroll();
  }

  /** Says something about the chat itself. */
  private tell(text: string, aloud = false, ...more: Node[]): void {
    this.state.hidden = !text;
    this.state.replaceChildren(...(text ? [h('p', {}, text), ...more] : []));
    if (aloud) this.announcer.say(text);
  }

  private unreachable(why: string, ...more: Node[]): void {
    const { clinic, words } = this;
    const phone = clinic.phone && telephone(clinic.phone, `${words.callClinic}: ${clinic.phone}`, { class: 'button' });
    this.tell(why, true, ...(phone ? [phone] : []), ...more);
  }

  private fillMenu(): void {
    const { words, menu } = this;
    const button = (text: string, click: () => void) => h('button', { type: 'button', class: 'plain', click }, text);
    const other: Language = this.setting.language === 'en' ? 'es' : 'en';
    const language = button(words.other, () => this.setting.turn(other));
    language.lang = other;
    menu.replaceChildren(
      button(words.copy, () => void copy(this.exchanges, this.clinic, words).then((done) => this.tell(done ? words.copied : words.notCopied, true))),
      button(words.print, () => print(this.exchanges, this.clinic, words)),
      button(words.renew, () => {
        this.unfold(false);
        this.conversation.renew();
        for (const e of this.exchanges) e.local = false;
        this.clear();
        this.tell(words.renewed, true);
        this.input.focus();
      }),
      button(words.forget, () => this.confirmForget()),
      language);
  }

  private confirmForget(): void {
    const { words, menu } = this;
    const leave = () => {
      this.fillMenu();
      this.unfold(false);
      this.more.focus();
    };
    const keep = h('button', { type: 'button', class: 'plain', click: leave }, words.forgetNo);
    menu.replaceChildren(h('p', { id: 'sure' }, words.forgetAsk), keep, h('button', {
      type: 'button', class: 'plain grave', 'aria-describedby': 'sure',
      click: () => {
        for (const e of this.exchanges) e.local = false;
        if (!this.conversation.forget()) this.tell(words.forgetLater, true);
        leave();
      },
    }, words.forgetYes));
    keep.setAttribute('aria-describedby', 'sure');
    keep.focus();
  }

  private unfold(open: boolean): void {
    this.menu.hidden = !open;
    this.more.setAttribute('aria-expanded', `${open}`);
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    if (!this.menu.hidden) {
      this.fillMenu();
      this.unfold(false);
      this.more.focus();
    } else if (!this.setting.inline) this.setting.close();
    event.preventDefault();
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = '';
    this.grow();
    this.ask(text);
  }

  private typed(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit(event);
  }

  private grow(): void {
    if (this.running) this.sendButton.hidden = !this.input.value;
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 140)}px`;
  }

  private root(): Document | ShadowRoot {
    return this.node.getRootNode() as ShadowRoot;
  }

  private scrolled(): void {
    const { scroller } = this;
    const below = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    if (below < 8) this.follows = true;
  }

  /** Follows what comes, but keeps the question in view: one reads from its top. */
  private scroll(): void {
    const last = this.exchanges.at(-1)?.node;
    if (!last || !this.follows) return;
    const scroller = this.scroller.scrollHeight > this.scroller.clientHeight ? this.scroller : this.node; // on a low screen
    const top = last.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    scroller.scrollTop = Math.min(top - 12, scroller.scrollHeight);
  }
}
