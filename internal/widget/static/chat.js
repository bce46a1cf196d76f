// The chat's view: it makes nodes of what the conversation tells. No markup is
// made from strings, and links lead to sources and to help only.
import { Conversation } from './conversation.js';
import { Answer } from './answer.js';
import { element, safeLink } from './nodes.js';

const STAGES = {
  waiting: 'Waiting for the answer before this one…', searching: 'Looking in the clinic’s pages…',
  writing: 'Writing…', checking: 'Checking…',
};

/** Builds the chat inside root and connects it to the gateway at base. */
export function mount(root, { base }) {
  const help = element('div', { className: 'help', hidden: true }, [
    element('strong', {}, ['You do not have to be alone with this.']),
    safeLink('tel:988', 'Call 988'), safeLink('sms:988', 'Text 988'), safeLink('tel:911', 'Call 911'),
  ]);
  const clinic = element('p', { className: 'clinic', hidden: true });
  const log = element('div', { className: 'log', role: 'log', ariaLive: 'off', ariaLabel: 'Conversation', tabIndex: 0 });
  const ideas = element('div', { className: 'ideas' });
  const status = element('p', { className: 'status', role: 'status' });
  const spoken = element('p', { className: 'unseen', role: 'status' });
  const alarm = element('p', { className: 'unseen', role: 'alert' });
  const input = element('textarea', { id: 'bedside-question', rows: 2, maxLength: 4000, enterKeyHint: 'send', autocomplete: 'off' });
  const send = element('button', { type: 'submit' }, ['Send']);
  const stop = element('button', { type: 'button', hidden: true }, ['Stop']);
  const form = element('form', { className: 'ask' }, [
    element('label', { htmlFor: input.id }, ['Your question']), input, element('div', { className: 'buttons' }, [send, stop]),
  ]);
  const again = element('button', { type: 'button', hidden: true }, ['Try again']);
  const forget = element('button', { type: 'button', className: 'quiet' }, ['Forget this conversation']);
  root.append(help, log, ideas, status, spoken, alarm, form, element('p', { className: 'foot' }, [again, forget]), clinic);
  const disclosure = root.querySelector('.disclosure');

  const answers = new Map(); // response_id -> Answer
  const questions = new Map(); // client_message_id -> node
  let running = ''; // the answer that can be stopped
  let forgotten = false;

  const conversation = new Conversation(base, (frame) => take(frame));

  function take(frame) {
    switch (frame.type) {
      case 'clear':
        log.replaceChildren(...[...questions].filter(([, node]) => node.dataset.waits).map(([, node]) => node));
        for (const [id, node] of questions) if (!node.dataset.waits) questions.delete(id);
        answers.clear();
        finish();
        break;
      case 'waiting': say('The connection was lost. Trying again…'); break;
      case 'closed':
        say('The chat was closed.');
        again.hidden = false;
        break;
      case 'bedside:session.ready': ready(frame); break;
      case 'bedside:session.forgotten':
        help.hidden = true;
        forgotten = true;
        say('This conversation was forgotten.');
        break;
      case 'bedside:message.accepted': accepted(frame); break;
      case 'bedside:triage': triage(frame); break;
      case 'bedside:status':
        running = frame.response_id;
        say(STAGES[frame.stage] ?? '');
        break;
      case 'bedside:suggestions': suggest(frame.questions); break;
      case 'error': refused(frame); break;
      case 'response.created':
        running = frame.response_id;
        stop.hidden = false;
        break;
      case 'response.output_text.delta':
        answer(frame.response_id).sentence(frame.delta);
        say('');
        break;
      case 'response.output_text.annotation.added': answer(frame.response_id).cite(frame.annotation); break;
      case 'response.completed': case 'response.incomplete': case 'response.failed': ended(frame); break;
    }
  }

  function ready(frame) {
    if (!forgotten) say('');
    forgotten = false;
    again.hidden = true;
    if (frame.disclosure && disclosure) disclosure.textContent = frame.disclosure;
    if (frame.clinic.phone) {
      clinic.hidden = false;
      clinic.replaceChildren(`${frame.clinic.name || 'The clinic'}: `, safeLink(`tel:${frame.clinic.phone.replace(/[^+\d]/g, '')}`, frame.clinic.phone),
        frame.clinic.hours ? `, ${frame.clinic.hours}` : '');
    }
    if (frame.help_bar) help.hidden = false;
    if (answers.size === 0) suggest(frame.starters);
  }

  function accepted(frame) {
    const node = questions.get(frame.client_message_id) ?? question(frame.client_message_id, frame.text);
    node.lastChild.textContent = frame.text;
    delete node.dataset.waits;
    ideas.replaceChildren();
  }

  function question(id, text) {
    const node = element('div', { className: 'question' }, [element('span', { className: 'unseen' }, ['You asked: ']), element('span', {}, [text])]);
    questions.set(id, node);
    log.append(node);
    node.scrollIntoView({ block: 'nearest' });
    return node;
  }

  function answer(id) {
    if (!answers.has(id)) {
      const made = new Answer();
      answers.set(id, made);
      log.append(made.node);
    }
    return answers.get(id);
  }

  function triage(frame) {
    if (frame.level === 'explicit' || frame.level === 'indirect') help.hidden = false;
    const { lines = [], links = [] } = frame.card ?? {};
    if (!lines.length && !links.length) return;
    const words = lines.filter((line) => !links.some((link) => link.label === line));
    log.append(element('div', { className: 'card', role: 'group', ariaLabel: 'Help now' }, [
      ...words.map((line) => element('p', {}, [line])),
      element('p', { className: 'links' }, links.map((link) => safeLink(link.url, link.label))),
    ]));
    alarm.textContent = lines.join('. ');
  }

  function suggest(list) {
    ideas.replaceChildren(...list.map((text) => {
      const button = element('button', { type: 'button' }, [text]);
      button.addEventListener('click', () => ask(text));
      return button;
    }));
  }

  function ended(frame) {
    const made = answer(frame.response_id);
    made.end(frame.response);
    finish();
    say(made.note);
    spoken.textContent = made.note || `Answer ready: ${made.text}`;
  }

  function finish() {
    running = '';
    stop.hidden = true;
  }

  function refused(frame) {
    const node = questions.get(frame.client_message_id);
    if (node && !['busy', 'rate_limited', 'store_unavailable', 'no_session', 'session_expired'].includes(frame.error.code)) {
      delete node.dataset.waits;
      node.append(element('span', { className: 'note' }, [` ${frame.error.message}`]));
    }
    say(frame.error.message);
  }

  function ask(text) {
    const id = conversation.ask(text);
    question(id, text).dataset.waits = 'true';
  }

  function say(text) { if (status.textContent !== text) status.textContent = text; }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    ask(text);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  stop.addEventListener('click', () => {
    if (running) conversation.stop(running);
    input.focus();
  });
  again.addEventListener('click', () => conversation.again());
  forget.addEventListener('click', () => {
    if (confirm('Delete this conversation here and at the clinic?')) conversation.forget();
  });
  return { focus: () => input.focus() };
}
