// Puts the chat on any page: <script src="https://…/widget.js" async></script>
// Attributes of the script (data-…) become the element's; a page may also write
// <bedside-chat> itself where the chat should stand.
import { later } from './dom';
import { BedsideChat } from './element';

const OWN = ['lang', 'color', 'theme', 'position', 'heading', 'greeting', 'label', 'launcher', 'open', 'remember'];

const script = (document.currentScript ?? document.querySelector('script[src*="/widget.js"]')) as HTMLScriptElement | null;
BedsideChat.server = new URL(script?.src || location.href).origin;

const define = () => customElements.get('bedside-chat') || customElements.define('bedside-chat', BedsideChat);

function begin(): void {
  let chat = document.querySelector<BedsideChat>('bedside-chat');
  // What a page shows in the chat's place until then is painted first.
  if (chat?.getAttribute('position') === 'inline') later(define);
  else define();
  if (!chat) {
    chat = document.createElement('bedside-chat') as BedsideChat;
    for (const name of OWN) {
      const value = script?.getAttribute(`data-${name}`);
      if (value !== null && value !== undefined) chat.setAttribute(name, value);
    }
    document.body.append(chat);
  }
  const it = chat;
  const ready = () => {
    define();
    return it;
  };
  Object.assign(window, {
    Bedside: {
      open: () => ready().open(),
      close: () => ready().close(),
      ask: (text: string) => ready().ask(`${text}`),
      on: (name: Parameters<BedsideChat['on']>[0], listener: (detail: unknown) => void) => ready().on(name, listener),
    },
  });
  it.dispatchEvent(new CustomEvent('bedside:here', { bubbles: true }));
}

// Before the page is read, nobody knows whether it has an element of its own.
if (document.readyState !== 'loading') begin();
else document.addEventListener('DOMContentLoaded', begin, { once: true });
