// One source of an answer. Opened, it shows the whole passage with the words marked
// that the answer rests on; until the passage came, or without it, these words alone.
import { h, link, plain } from './dom';
import type { Shown } from './exchange';
import type { Citation, Passage } from './wire';

export class Source {
  readonly node: HTMLElement;
  readonly title: string;
  mark: HTMLElement | undefined; // the number in the text that one goes back to

  private readonly id: string | undefined;
  private readonly quotes = new Set<string>();
  private here = ''; // of these, what the sentence rests on that the source was opened from
  private text = ''; // of the whole passage
  private readonly button: HTMLElement;
  private readonly heading = h('h5', { dir: 'auto', hidden: true });
  private readonly words = h('blockquote');
  private readonly note = h('p', { class: 'why' });
  private readonly body: HTMLElement;

  constructor(readonly number: number, citation: Citation, private readonly shown: Shown, lang: string) {
    const { words } = shown;
    this.id = citation.passage_id;
    this.title = plain(citation.title);
    this.button = h('button', { type: 'button', class: 'source', 'aria-expanded': 'false', click: () => this.open(this.body.hidden) },
      h('span', { class: 'number', 'aria-hidden': 'true' }, `${number}`), h('span', { dir: 'auto' }, this.title));
    this.heading.lang = this.words.lang = lang;
    this.body = h('div', { class: 'passage', hidden: true }, this.heading, this.words, this.note,
      h('p', { class: 'row' },
        link(citation.url, words.open, ['https:', 'http:'], { class: 'plain' }),
        h('button', { type: 'button', class: 'plain', click: () => this.leave() }, words.back)));
    this.node = h('li', { keydown: (event) => this.escape(event as KeyboardEvent) }, this.button, this.body);
  }

  quote(words: string): void {
    if (!words || this.quotes.has(words)) return;
    this.quotes.add(words);
    this.write();
  }

  /** Opens the source from a number in the text, at the words of its sentence. */
  show(mark: HTMLElement, here: string): void {
    this.mark = mark;
    this.here = here;
    this.open(true);
    this.point();
    this.button.focus({ preventScroll: true });
    this.reveal();
  }

  private open(open: boolean): void {
    this.button.setAttribute('aria-expanded', `${open}`);
    this.body.hidden = !open;
    if (open && this.id && !this.text) this.shown.passage(this.id, (passage) => this.fill(passage));
  }

  private fill({ heading, language, text }: Passage): void {
    if (this.text) return;
    this.text = plain(text);
    this.heading.lang = this.words.lang = language;
    this.heading.textContent = plain(heading);
    this.heading.hidden = !heading;
    this.write();
    if ((this.node.getRootNode() as ShadowRoot).activeElement === this.button) this.reveal();
  }

  private leave(): void {
    this.open(false);
    (this.mark ?? this.button).focus();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || this.body.hidden) return;
    event.stopPropagation();
    event.preventDefault();
    this.leave();
  }

  private write(): void {
    const apart = new Set(this.quotes); // that the passage does not have in one line
    const lines = this.text.split('\n').filter(Boolean).map((line) => {
      const parts: (Node | string)[] = [];
      let end = 0;
      for (const [at, quote] of [...this.quotes].map((quote) => [line.indexOf(quote), quote] as const).sort(([a], [b]) => a - b)) {
        if (at < 0) continue;
        apart.delete(quote);
        if (at < end) continue; // within words that are marked already
        parts.push(line.slice(end, at), h('mark', {}, quote));
        end = at + quote.length;
      }
      return h('p', { dir: 'auto' }, ...parts, line.slice(end));
    });
    this.words.replaceChildren(...[...apart].map((quote) => h('p', { dir: 'auto' }, h('mark', {}, quote))), ...lines);
    this.note.textContent = this.text ? this.shown.words.marked : this.shown.words.quoted;
    this.point();
  }

  private point(): void {
    for (const node of this.words.querySelectorAll('mark')) node.classList.toggle('here', node.textContent === this.here);
  }

  /** Brings the words that matter into view, and the source's title where it fits. */
  private reveal(): void {
    this.button.scrollIntoView({ block: 'nearest' });
    this.body.scrollIntoView({ block: 'nearest' });
    this.words.querySelector('.here')?.scrollIntoView({ block: 'nearest' });
  }
}
