// Nodes without markup.

/** Makes an element with properties and children (nodes or text). */
export function element(name, properties = {}, children = []) {
  const node = document.createElement(name);
  Object.assign(node, properties);
  node.append(...children.filter(Boolean));
  return node;
}

const SCHEMES = ['https:', 'http:', 'tel:', 'sms:'];

/** A link, or null where the address is none that may be followed. */
export function safeLink(url, text) {
  let parsed;
  try { parsed = new URL(url); } catch { return null; }
  if (!SCHEMES.includes(parsed.protocol)) return null;
  const link = element('a', { href: parsed.href, rel: 'noopener noreferrer' }, [text]);
  if (parsed.protocol.startsWith('http')) link.target = '_blank';
  return link;
}
