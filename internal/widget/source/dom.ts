// Nodes without markup: nothing here takes HTML.

type Value = string | number | boolean | undefined | ((event: Event) => void);
type Child = Node | string | null | undefined | false;

/** Makes an element: functions become listeners, everything else attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else if (typeof value === 'boolean') node.toggleAttribute(key, value);
    else if (value !== undefined) node.setAttribute(key, `${value}`);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A link to one of the schemes, or null where the address is none to follow. */
export function link(url: string | undefined, text: string, schemes: string[], attributes: Record<string, Value> = {}): HTMLAnchorElement | null {
  let parsed: URL;
  try {
    parsed = new URL(url ?? '');
  } catch {
    return null;
  }
  if (!schemes.includes(parsed.protocol)) return null;
  const away = parsed.protocol.startsWith('http') ? { target: '_blank', rel: 'noopener noreferrer' } : {};
  return h('a', { href: parsed.href, ...away, ...attributes }, text);
}

export const HELP = ['tel:', 'sms:', 'https:'];

/** A phone as one taps it. */
export const telephone = (phone: string, text = phone, attributes: Record<string, Value> = {}) =>
  link(`tel:${phone.replace(/[^+\d]/g, '')}`, text, ['tel:'], attributes);

/** Without the characters that turn the direction of what stands after them. */
export const plain = (text: string) => text.replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g, '');

/** Makes a style sheet that a document or a shadow root adopts. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** Does what the page does not wait for: once it was painted and has nothing to do, and soon in any case. */
export function later(work: () => void): void {
  let done = false;
  const once = () => {
    if (!done) work();
    done = true;
  };
  setTimeout(once, 1000); // a page that nobody looks at is not painted
  requestAnimationFrame(() => ('requestIdleCallback' in window ? requestIdleCallback(once, { timeout: 500 }) : setTimeout(once)));
}
