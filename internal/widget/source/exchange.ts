// One question and its answer: the sentences as they come, the numbers of their
// sources, the sources to open, a card of help, and whether it helped.
import { h, HELP, link, plain, telephone } from './dom';
import { Source } from './source';
import type { Answer, Card, Citation, Passage } from './wire';
import { languageOf, type Language, type Words } from './words';

export interface Shown {
  words: Words;
  language: Language;
  phone: string;
  rate(response: string, rating: string, comment?: string): boolean;
  passage(id: string, got: (passage: Passage) => void): void;
  announce(text: string): void;
}

const CALLS = ['not_covered', 'boundary', 'failed'];

export class Exchange {
  readonly node: HTMLElement;
  response = '';
  text = '';
  question = '';
  local = false; // kept nowhere but here
  waits = true;

  private readonly asked = h('span', { dir: 'auto' });
  private readonly stageLine = h('p', { class: 'stage', hidden: true });
  private readonly cards = h('div', { class: 'cards' });
  private readonly body = h('p', { class: 'text', dir: 'auto' });
  private readonly list = h('ol', { class: 'sources' });
  private readonly sources = new Map<string, Source>();
  private readonly marked = new Set<number>(); // numbers after the sentence that is being cited
  private readonly sourcesTitle: HTMLElement;
  private rating: HTMLElement | undefined;

  constructor(private readonly shown: Shown, question: string) {
    const { words } = shown;
    this.sourcesTitle = h('h4', { hidden: true }, words.sources);
    this.node = h('article', { class: 'exchange' },
      h('h3', { class: 'question' }, h('span', { class: 'unseen' }, words.asked), this.asked),
      this.stageLine, this.cards, this.body, this.sourcesTitle, this.list);
    this.ask(question);
  }

  ask(question: string): void {
    this.question = plain(question);
    this.asked.textContent = this.question;
    this.asked.lang = languageOf(this.question, this.shown.language);
  }

  accepted(question: string): void {
    this.waits = false;
    this.ask(question);
    this.stage('');
  }

  stage(text: string): void {
    this.stageLine.textContent = text;
    this.stageLine.hidden = !text;
  }

  sentence(delta: string): void {
    const text = plain(delta);
    this.stage('');
    this.text += text;
    this.marked.clear();
    const words = text.trimEnd();
    this.body.append(h('span', { class: 'sentence' }, words), text.slice(words.length));
    this.body.lang = languageOf(this.text, this.shown.language);
  }

  cite(citation: Citation): void {
    const source = this.source(citation);
    const quote = plain(citation.quote ?? '');
    source.quote(quote);
    if (!this.text || this.marked.has(source.number)) return;
    this.marked.add(source.number);
    const mark: HTMLButtonElement = h('button', {
      type: 'button', class: 'mark', 'aria-label': this.shown.words.source(source.number, source.title), click: () => source.show(mark, quote),
    }, `${source.number}`);
    source.mark ??= mark;
    this.keepTogether(mark);
  }

  /** Puts a number after the last word of the sentence, never on a line of its own. */
  private keepTogether(mark: HTMLButtonElement): void {
    const sentence = this.body.lastElementChild;
    const text = sentence?.lastChild;
    if (!(text instanceof Text)) return sentence?.lastElementChild?.append(mark);
    const at = text.data.lastIndexOf(' ') + 1;
    const word = text.data.length - at > 24 ? '' : text.data.slice(at);
    text.data = text.data.slice(0, text.data.length - word.length);
    sentence?.append(h('span', { class: 'keep' }, word, mark));
  }

  private source(citation: Citation): Source {
    const key = citation.passage_id ?? citation.url ?? citation.title;
    let source = this.sources.get(key);
    if (!source) {
      source = new Source(this.sources.size + 1, citation, this.shown, this.body.lang || this.shown.language);
      this.list.append(source.node);
      this.sources.set(key, source);
      this.sourcesTitle.hidden = false;
    }
    return source;
  }

  /** Shows whom to call. The gateway's card takes the place of the page's own. */
  card(kind: string, title: string, card: Card, line?: string): void {
    const links = (card.links ?? []).map(({ url, label }) => link(url, plain(label), HELP)).filter((a) => a !== null);
    const lines = (card.lines ?? []).filter((text) => !card.links?.some(({ label }) => label === text));
    this.cards.replaceChildren(h('section', { class: `card ${kind}`, 'aria-label': title },
      h('h4', {}, title), line && h('p', {}, line), ...lines.map((text) => h('p', { dir: 'auto' }, plain(text))),
      h('ul', {}, ...links.map((a) => h('li', {}, a)))));
  }

  get hasCard(): boolean {
    return this.cards.childElementCount > 0;
  }

  /** Ends the answer; returns what there is to say of it beside its text. */
  end(answer: Answer): string {
    const { words, phone } = this.shown;
    this.stage('');
    const outcome = answer.metadata?.outcome ?? '';
    let note = '';
    if (answer.status !== 'completed') {
      const reason = answer.incomplete_details?.reason;
      note = reason === 'cancelled' ? words.cancelled : reason === 'interrupted' ? words.interrupted : (answer.error?.message ?? words.failed);
      this.note(note);
    }
    if (CALLS.includes(outcome) && phone) this.node.append(h('p', { class: 'row' }, telephone(phone, `${words.callClinic}: ${phone}`, { class: 'button' })));
    if (answer.status === 'completed' && this.text && !['crisis', 'emergency', 'safety', 'small_talk'].includes(outcome)) this.askWhether();
    return note;
  }

  note(text: string): void {
    this.node.append(h('p', { class: 'note' }, text));
  }

  private askWhether(): void {
    const { words } = this.shown;
    const button = (rating: string, text: string) =>
      h('button', { type: 'button', class: 'plain', 'data-rating': rating, 'aria-pressed': 'false', click: () => this.shown.rate(this.response, rating) }, text);
    this.rating = h('div', { class: 'rating', role: 'group', 'aria-label': words.helpful },
      h('span', { 'aria-hidden': 'true' }, words.helpful), button('up', words.yes), button('down', words.no));
    this.node.append(this.rating);
  }

  /** Shows the rating that was kept, and after a bad one asks what was missing. */
  rated(rating: string, mine: boolean): void {
    const { words } = this.shown;
    for (const button of this.rating?.querySelectorAll('[data-rating]') ?? []) {
      button.setAttribute('aria-pressed', `${button.getAttribute('data-rating') === rating}`);
    }
    this.rating?.querySelector('form')?.remove();
    if (!mine) return;
    this.shown.announce(words.thanks);
    if (rating !== 'down') return;
    const input = h('input', { type: 'text', maxlength: 1000, autocomplete: 'off' });
    const form = h('form', {
      submit: (event) => {
        event.preventDefault();
        if (input.value.trim() && !this.shown.rate(this.response, rating, input.value.trim())) return;
        (this.rating?.querySelector('[data-rating="down"]') as HTMLElement | null)?.focus();
        form.remove();
      },
    }, h('label', {}, h('span', {}, words.missing), input), h('button', { type: 'submit' }, words.sendComment));
    this.rating?.append(form);
  }

  /** The exchange as lines of text, with its sources. */
  transcript(): string[] {
    const lines = [this.question];
    if (this.text) {
      let marked = '';
      const walk = document.createTreeWalker(this.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) marked += node.parentElement?.className === 'mark' ? ` [${node.textContent}]` : node.textContent;
      lines.push(marked);
    }
    for (const source of this.sources.values()) lines.push(`[${source.number}] ${source.title}`);
    return lines;
  }
}
