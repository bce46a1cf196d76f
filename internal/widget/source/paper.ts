// The conversation on paper or in the clipboard, to take to the visit.
import { h, sheet } from './dom';
import type { Exchange } from './exchange';
import type { Words } from './words';

export interface Clinic {
  name: string;
  phone: string;
  hours: string;
}

const heading = (clinic: Clinic, words: Words) => [
  words.title,
  [clinic.name, clinic.phone, clinic.hours].filter(Boolean).join(' · '),
  `${words.dangerBefore}911${words.dangerBetween}988${words.dangerAfter}`,
  words.printed,
];

/** Copies the conversation as text; false where the browser does not allow it. */
export async function copy(exchanges: Exchange[], clinic: Clinic, words: Words): Promise<boolean> {
  const text = [heading(clinic, words).filter(Boolean).join('\n'), ...exchanges.map((e) => e.transcript().join('\n'))].join('\n\n');
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page on plain http has no clipboard of this kind.
  }
  const before = document.activeElement as HTMLElement | null;
  const area = h('textarea', { readonly: true }, text);
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  before?.focus();
  return done;
}

/** Prints the conversation alone: the page around it is left out for so long. */
export function print(exchanges: Exchange[], clinic: Clinic, words: Words): void {
  const [title = '', ...rest] = heading(clinic, words);
  const style = sheet(`.bedside-paper{display:none}@media print{body>*{display:none!important}body>.bedside-paper{display:block!important;
    font:11pt/1.5 Georgia,serif;color:#000;background:#fff}.bedside-paper h1{font-size:16pt}.bedside-paper h2{font-size:12pt;break-after:avoid}.bedside-paper p{white-space:pre-wrap;margin:.3em 0}}`);
  const paper = h('div', { class: 'bedside-paper' }, h('h1', {}, title), ...rest.filter(Boolean).map((line) => h('p', {}, line)));
  for (const exchange of exchanges) {
    const [question = '', ...lines] = exchange.transcript();
    paper.append(h('h2', {}, question), ...lines.map((line) => h('p', {}, line)));
  }
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  document.body.append(paper);
  addEventListener('afterprint', () => {
    paper.remove();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== style);
  }, { once: true });
  window.print();
}
