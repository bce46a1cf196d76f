// Puts the chat on any page: <script src="https://…/widget.js" async></script>
// Attributes of the script (data-…) become the element's; a page may also write
// <bedside-chat> itself where the chat should stand.
import { BedsideChat } from './element';

const OWN = ['lang', 'color', 'theme', 'position', 'heading', 'greeting', 'label', 'launcher', 'open', 'remember'];

const script = (document.currentScript ?? document.querySelector('script[src*="/widget.js"]')) as HTMLScriptElement | null;
BedsideChat.server = new URL(script?.src || location.href).origin;

if (!customElements.get('bedside-chat')) customElements.define('bedside-chat', BedsideChat);

function begin(): void {
  let chat = document.querySelector<BedsideChat>('bedside-chat');
  if (!chat) {
    chat = document.createElement('bedside-chat') as BedsideChat;
    for (const name of OWN) {
      const value = script?.getAttribute(`data-${name}`);
      if (value !== null && value !== undefined) chat.setAttribute(name, value);
    }
    document.body.append(chat);
  }
  const it = chat;
  Object.assign(window, {
    Bedside: {
      open: () => it.open(),
      close: () => it.close(),
      ask: (text: string) => it.ask(`${text}`),
      on: (name: Parameters<BedsideChat['on']>[0], listener: (detail: unknown) => void) => it.on(name, listener),
    },
  });
  it.dispatchEvent(new CustomEvent('bedside:here', { bubbles: true }));
}

// Before the page is read, nobody knows whether it has an element of its own.
if (document.readyState !== 'loading') begin();
else document.addEventListener('DOMContentLoaded', begin, { once: true });
