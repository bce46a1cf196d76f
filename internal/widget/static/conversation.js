// One conversation over bedside.v1: starts or resumes the session, keeps the
// questions that were not accepted yet and sends them again, comes back after a
// lost connection. What happens is told to the listener, one call for each frame.

const KEY = 'bedside.session';
const BASE_MS = 500;
const CAP_MS = 20_000;

/** Whether a client that was closed with the code connects again by itself. */
export const comesBack = (code) =>
  [1001, 1005, 1006, 1012, 1013].includes(code) || (code >= 4000 && code <= 4499);

export class Conversation {
  #socket; #timer; #attempt = 0; #retry = 0;
  #token; #cursor = ''; #ready = false;
  #pending = new Map(); // client_message_id -> text, in order
  #applied = new Map(); // response_id -> last sequence number applied

  constructor(base, tell) {
    this.url = `${base.replace(/^http/, 'ws')}/v1/responses`;
    this.tell = tell;
    this.#token = read();
    addEventListener('online', () => this.#now());
    this.#connect();
  }

  ask(text) {
    const id = newID();
    this.#pending.set(id, text);
    this.#question(id);
    return id;
  }

  stop(response) { this.#send({ type: 'response.cancel', response_id: response }); }

  forget() {
    if (this.#ready) this.#send({ type: 'bedside:session.forget' });
  }

  /** Connects again after a close that the client does not come back from by itself. */
  again() {
    this.#attempt = 0;
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#ready = false;
    const socket = new WebSocket(this.url, 'bedside.v1');
    this.#socket = socket;
    socket.onopen = () => this.#open();
    socket.onmessage = (event) => { if (socket === this.#socket) this.#take(JSON.parse(event.data)); };
    socket.onclose = (event) => { if (socket === this.#socket) this.#closed(event.code); };
  }

  #open() {
    if (this.#token) this.#send({ type: 'bedside:session.resume', token: this.#token, cursor: this.#cursor || undefined });
    else this.#send({ type: 'bedside:session.start', locale: navigator.language });
  }

  #closed(code) {
    this.#ready = false;
    if (code === 4500) { // the token is no token: begin anew
      this.#lose();
      this.#wait(0);
    } else if (comesBack(code)) {
      const span = Math.min(CAP_MS, BASE_MS * 2 ** this.#attempt++);
      this.#wait(this.#retry || Math.random() * span);
    } else {
      this.tell({ type: 'closed', code });
      return;
    }
    this.#retry = 0;
    this.tell({ type: 'waiting' });
  }

  #wait(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #now() {
    if (this.#socket.readyState >= WebSocket.CLOSING) this.again();
  }

  #take(frame) {
    switch (frame.type) {
      case 'bedside:session.ready':
        this.#attempt = 0;
        this.#ready = true;
        this.#token = frame.token;
        write(frame.token);
        if (!frame.recovered) {
          this.#applied.clear();
          this.#cursor = '';
          this.tell({ type: 'clear' });
        }
        this.tell(frame);
        for (const id of this.#pending.keys()) this.#question(id);
        return;
      case 'bedside:message.accepted':
        this.#pending.delete(frame.client_message_id);
        break;
      case 'bedside:session.forgotten':
        this.#lose();
        this.#pending.clear();
        this.tell({ type: 'clear' });
        this.tell(frame);
        this.#send({ type: 'bedside:session.start', locale: navigator.language });
        return;
      case 'bedside:draining':
        this.#retry = frame.retry_ms;
        return;
      case 'error':
        this.#refused(frame);
        return;
    }
    // A reply that is kept nowhere begins without being said to be accepted.
    this.#pending.delete(frame.response?.metadata?.client_message_id);
    if (frame.cursor) this.#cursor = frame.cursor;
    if (frame.response_id) {
      if (frame.sequence_number <= (this.#applied.get(frame.response_id) ?? -1)) return;
      this.#applied.set(frame.response_id, frame.sequence_number);
    }
    this.tell(frame);
  }

  #refused(frame) {
    const id = frame.client_message_id;
    const wait = frame.retry_after_ms ?? 2000;
    switch (frame.error.code) {
      case 'session_expired':
      case 'no_session':
        this.#lose();
        this.tell({ type: 'clear' });
        this.#send({ type: 'bedside:session.start', locale: navigator.language });
        break;
      case 'store_unavailable':
        if (!this.#ready) setTimeout(() => this.#open(), wait);
        else if (id) setTimeout(() => this.#question(id), wait);
        break;
      case 'busy':
      case 'rate_limited':
        if (id) setTimeout(() => this.#question(id), wait);
        break;
      default:
        this.#pending.delete(id);
    }
    this.tell(frame);
  }

  #question(id) {
    if (!this.#ready || !this.#pending.has(id)) return;
    this.#send({ type: 'response.create', input: this.#pending.get(id), metadata: { client_message_id: id } });
  }

  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #lose() {
    this.#token = this.#cursor = '';
    this.#ready = false;
    this.#applied.clear();
    write('');
  }
}

// A page on plain http has no crypto.randomUUID.
function newID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

// A browser may refuse storage: the conversation then ends with the page.
function read() {
  try { return sessionStorage.getItem(KEY) ?? ''; } catch { return ''; }
}

function write(token) {
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch { /* as above */ }
}
