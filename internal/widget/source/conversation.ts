// One conversation over bedside.v1: starts or resumes the session, keeps the
// questions that were not accepted yet and sends them again, comes back after a
// lost connection. What happens is told to the listener, one call for each frame.
import type { Memory } from './memory';
import type { AnswerFrame, Frame, Notice, Passage, Refusal } from './wire';

const BASE_MS = 500;
const CAP_MS = 20_000;
const HEARD_MS = 3_000; // within which a question is accepted by a gateway that is there
const DEAD_MS = 10_000; // after which a connection that says nothing is given up
const AGAIN_MS = 2_000; // before a refused question is sent again, where nothing else was said

/** Whether a client that was closed with the code connects again by itself. */
const comesBack = (code: number) => [1001, 1005, 1006, 1012, 1013].includes(code) || (code >= 4000 && code <= 4499);

export class Conversation {
  ready = false;

  private readonly ending = new AbortController();
  private socket: WebSocket | undefined;
  private timer = 0;
  private attempt = 0;
  private retry = 0;
  private cursor = '';
  private fromStart = false; // what is held may not be what is stored
  private forgetting = false;
  private heard = 0; // when the gateway last said something
  private readonly pending: Map<string, string>;
  private readonly applied = new Map<string, number>(); // response -> last number applied
  private readonly stored = new Set<string>(); // responses that were accepted into the store
  private readonly loose = new Set<string>(); // and hold frames that are not there yet
  private readonly passages = new Map<string, (passage: Passage) => void>(); // asked for, by their ids

  constructor(
    private readonly url: string,
    private readonly memory: Memory,
    private readonly locale: () => string,
    private readonly tell: (notice: Notice) => void,
  ) {
    this.pending = new Map(memory.get('pending') ?? []);
    const { signal } = this.ending;
    addEventListener('online', () => this.socket || !this.timer || this.connect(), { signal });
    addEventListener('offline', () => this.drop(true), { signal });
    addEventListener('pagehide', () => this.drop(false), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.connect(), { signal });
  }

  /** Lets the connection go. The session lives on, and another may resume it. */
  end(): void {
    this.ending.abort();
    clearTimeout(this.timer);
    this.drop(false);
  }

  /** Questions that wait to be accepted, in order. */
  waiting(): [string, string][] {
    return [...this.pending];
  }

  connect(): void {
    clearTimeout(this.timer);
    this.ready = false;
    const socket = new WebSocket(this.url, 'bedside.v1');
    this.socket = socket;
    socket.onopen = () => this.begin();
    socket.onmessage = (event) => socket === this.socket && this.take(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  /** Connects after a close that the client does not come back from by itself. */
  again(): void {
    this.attempt = 0;
    this.connect();
  }

  ask(text: string): string {
    const id = newID();
    this.pending.set(id, text);
    this.keep();
    this.question(id);
    return id;
  }

  stop(response: string): void {
    this.send({ type: 'response.cancel', response_id: response });
  }

  rate(response: string, rating: string, comment?: string): boolean {
    return this.send({ type: 'bedside:feedback', response_id: response, rating, comment });
  }

  /** Asks for the whole of a source, where it can be asked now. */
  passage(id: string, got: (passage: Passage) => void): void {
    this.passages.set(id, got);
    if (this.ready) this.send({ type: 'bedside:passage', passage_id: id });
  }

  /** Asks the gateway to destroy the session; false where it cannot be asked now. */
  forget(): boolean {
    this.forgetting = this.ready;
    return this.ready && this.send({ type: 'bedside:session.forget' });
  }

  /** Begins anew. What was said stays at the clinic until its session ends. */
  renew(): void {
    this.pending.clear();
    this.lose();
    this.tell({ type: 'clear' });
    this.begin();
  }

  private begin(): void {
    const token = this.memory.get('token');
    if (this.loose.size) this.fromStart = true;
    if (!token) this.send({ type: 'bedside:session.start', locale: this.locale() });
    else this.send({ type: 'bedside:session.resume', token, cursor: (!this.fromStart && this.cursor) || undefined });
  }

  private closed(code: number): void {
    this.ready = false;
    this.socket = undefined;
    if (code === 4500) {
      this.over(); // the token is no token
    } else if (!comesBack(code)) {
      this.tell({ type: 'closed' });
      return;
    }
    const span = Math.min(CAP_MS, BASE_MS * 2 ** this.attempt++);
    this.timer = window.setTimeout(() => this.connect(), this.retry || Math.random() * span);
    this.retry = 0;
    this.tell({ type: 'lost' });
  }

  /** Gives the connection up: the network said that it is gone, or the page is. */
  private drop(comeBack: boolean): void {
    const socket = this.socket;
    if (!socket) return;
    this.socket = undefined;
    socket.close();
    if (comeBack) this.closed(1006);
  }

  private take(frame: Frame): void {
    this.heard = Date.now();
    switch (frame.type) {
      case 'bedside:session.ready':
        this.attempt = 0;
        this.ready = true;
        this.memory.set('token', frame.token);
        if (!frame.recovered || this.fromStart) this.clear();
        this.tell(frame);
        if (this.forgetting) this.forget();
        else for (const id of this.pending.keys()) this.question(id);
        return;
      case 'bedside:session.forgotten':
        this.forgetting = false;
        this.pending.clear();
        this.lose();
        this.tell({ type: 'clear' });
        this.tell(frame);
        this.begin();
        return;
      case 'bedside:passage':
        this.passages.get(frame.passage_id)?.(frame);
        return;
      case 'bedside:draining':
        this.retry = frame.retry_ms;
        return;
      case 'error':
        this.refused(frame);
        return;
      default:
        this.apply(frame);
    }
  }

  private apply(frame: AnswerFrame): void {
    const { response_id: response, sequence_number: number, cursor } = frame;
    if (frame.type === 'bedside:message.accepted') {
      this.settle(frame.client_message_id);
      if (cursor) this.stored.add(response);
    }
    // A reply that is kept nowhere begins without being said to be accepted.
    if (frame.type === 'response.created') this.settle(frame.response.metadata?.client_message_id);
    const last = this.applied.get(response) ?? -1;
    if (cursor) {
      this.cursor = cursor;
      if (number >= last) this.loose.delete(response);
    } else if (this.stored.has(response) && frame.type !== 'bedside:status') {
      this.loose.add(response);
    }
    if (number <= last) return;
    this.applied.set(response, number);
    this.tell(frame);
  }

  private refused(frame: Refusal): void {
    if (frame.error.param === 'passage_id') return; // its quoted words are shown
    const id = frame.client_message_id;
    const wait = frame.retry_after_ms ?? AGAIN_MS;
    switch (frame.error.code) {
      case 'session_expired':
      case 'no_session':
        this.over();
        this.begin();
        return;
      case 'store_unavailable':
        if (!this.ready) setTimeout(() => this.begin(), wait);
        else if (id) setTimeout(() => this.question(id), wait);
        break;
      case 'busy':
      case 'rate_limited':
        if (id) setTimeout(() => this.question(id), wait);
        break;
      default:
        this.settle(id);
    }
    this.tell(frame);
  }

  private question(id: string): void {
    const input = this.pending.get(id);
    if (input === undefined) return;
    const sent = Date.now();
    if (this.ready) this.send({ type: 'response.create', input, metadata: { client_message_id: id } });
    const waits = () => this.pending.has(id) && this.heard < sent;
    setTimeout(() => waits() && this.tell({ type: 'unheard', id, text: input }), this.socket ? HEARD_MS : 0);
    if (this.ready) setTimeout(() => waits() && this.drop(true), DEAD_MS);
  }

  private send(frame: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private settle(id: string | undefined): void {
    if (id && this.pending.delete(id)) this.keep();
  }

  private keep(): void {
    this.memory.set('pending', [...this.pending]);
  }

  private over(): void {
    const forgotten = this.forgetting;
    this.forgetting = false;
    this.lose();
    this.tell(forgotten ? { type: 'bedside:session.forgotten' } : { type: 'over' });
  }

  private lose(): void {
    this.ready = false;
    this.memory.set('token', '');
    this.keep();
    this.reset();
  }

  private clear(): void {
    this.reset();
    this.tell({ type: 'clear' });
  }

  private reset(): void {
    this.cursor = '';
    this.fromStart = false;
    this.applied.clear();
    this.stored.clear();
    this.loose.clear();
  }
}

// A page on plain http has no crypto.randomUUID.
function newID(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 15) | 64;
  b[8] = (b[8]! & 63) | 128;
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
