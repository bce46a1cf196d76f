// One answer: its sentences as they come, the numbers of their sources, and the
// sources to open.
import { element, safeLink } from './nodes.js';

const NOTES = { cancelled: 'You stopped this answer.', interrupted: 'This answer was broken off.' };

export class Answer {
  #body = element('p', { className: 'text' });
  #list = element('div', { className: 'sources', hidden: true }, [element('h3', {}, ['Sources'])]);
  #sources = new Map(); // passage -> {number, details}
  #marked = new Set(); // numbers after the sentence that is being cited
  #gap = null; // the white space after that sentence: its numbers come before

  text = '';
  note = '';

  constructor() {
    this.node = element('div', { className: 'answer' }, [element('span', { className: 'unseen' }, ['Answer: ']), this.#body, this.#list]);
  }

  sentence(text) {
    this.text += text;
    this.#marked.clear();
    const words = text.trimEnd();
    this.#gap = document.createTextNode(text.slice(words.length));
    this.#body.append(element('span', {}, [words]), this.#gap);
  }

  cite(citation) {
    const source = this.#source(citation);
    if (!this.#gap || this.#marked.has(source.number)) return;
    this.#marked.add(source.number);
    const mark = element('button', { type: 'button', className: 'mark', ariaLabel: `Source ${source.number}: ${citation.title}` }, [`${source.number}`]);
    mark.addEventListener('click', () => {
      source.details.open = true;
      source.details.querySelector('summary').focus();
    });
    this.#gap.before(' ', mark);
  }

  #source(citation) {
    const key = citation.passage_id ?? citation.url;
    let source = this.#sources.get(key);
    if (!source) {
      const number = this.#sources.size + 1;
      const section = citation.section ? ` (${citation.section})` : '';
      const details = element('details', {}, [element('summary', {}, [`${number}. ${citation.title}${section}`])]);
      const link = safeLink(citation.url, 'Open the page');
      if (link) details.append(element('p', {}, [link]));
      source = { number, details, quotes: new Set() };
      this.#sources.set(key, source);
      this.#list.append(details);
      this.#list.hidden = false;
    }
    if (citation.quote && !source.quotes.has(citation.quote)) {
      source.quotes.add(citation.quote);
      source.details.append(element('blockquote', {}, [citation.quote]));
    }
    return source;
  }

  end(response) {
    if (response.status === 'completed') return;
    this.note = NOTES[response.incomplete_details?.reason] ?? response.error?.message ?? '';
    if (this.note) this.node.append(element('p', { className: 'note' }, [this.note]));
  }
}
