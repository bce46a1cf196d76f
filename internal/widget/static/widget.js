// Puts the chat on any page: <script src="https://…/widget.js" async></script>
(() => {
  const base = new URL(document.currentScript.src).origin;
  const host = document.createElement('div');
  const shadow = host.attachShadow({ mode: 'open' });
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = `${base}/page.css`;

  const panel = document.createElement('section');
  panel.className = 'panel';
  panel.hidden = true;
  panel.setAttribute('aria-label', 'Questions about ketamine therapy');

  const danger = document.createElement('p');
  danger.className = 'danger';
  danger.append('In danger: ', link('tel:911', '911'), '. In crisis: call or text ', link('tel:988', '988'), '.');
  const disclosure = document.createElement('p');
  disclosure.className = 'disclosure';
  disclosure.textContent = 'You are talking to a computer program (an AI), not to a person or a clinician. ' +
    'It gives general education and no medical advice. Nobody watches this chat.';
  const room = document.createElement('div');
  room.append(disclosure);
  panel.append(danger, room);

  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.className = 'launcher';
  launcher.textContent = 'Ask a question';
  launcher.setAttribute('aria-expanded', 'false');

  let mounted;
  const show = (open) => {
    panel.hidden = !open;
    launcher.setAttribute('aria-expanded', String(open));
    launcher.textContent = open ? 'Close the chat' : 'Ask a question';
    if (open) mounted ??= import(`${base}/chat.js`).then((chat) => chat.mount(room, { base }));
    if (open) mounted.then((chat) => chat.focus());
    else launcher.focus();
  };
  launcher.addEventListener('click', () => show(panel.hidden));
  panel.addEventListener('keydown', (event) => { if (event.key === 'Escape') show(false); });

  function link(href, text) {
    const a = document.createElement('a');
    a.href = href;
    a.textContent = text;
    return a;
  }

  shadow.append(style, panel, launcher);
  const place = () => document.body.append(host);
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place, { once: true });
})();
