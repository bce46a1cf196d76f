// The frames of bedside.v1 that the widget reads.

export interface Citation {
  url?: string;
  title: string;
  passage_id?: string;
  section?: string;
  quote?: string;
}

/** A source in full: what an answer may quote from it, one paragraph or list item a line. */
export interface Passage {
  type: 'bedside:passage';
  passage_id: string;
  heading: string;
  language: string;
  text: string;
}

export interface Card {
  lines?: string[];
  links?: { label: string; url: string }[];
}

export interface Answer {
  status: string;
  metadata?: Record<string, string>;
  error?: { message: string } | null;
  incomplete_details?: { reason: string } | null;
}

export interface Ready {
  type: 'bedside:session.ready';
  token: string;
  recovered: boolean;
  expires_at: number;
  disclosure: string;
  starters: string[];
  clinic: { name: string; phone: string; hours: string };
  help_bar: boolean;
}

export interface Refusal {
  type: 'error';
  error: { code: string; message: string; param?: string | null };
  client_message_id?: string;
  retry_after_ms?: number;
}

/** A frame of an answer: numbered within it, and with a cursor where it is stored. */
interface Of {
  response_id: string;
  sequence_number: number;
  cursor?: string;
}

export type AnswerFrame = Of &
  (
    | { type: 'bedside:message.accepted'; client_message_id: string; text: string }
    | { type: 'bedside:triage'; level: string; category: string; card?: Card }
    | { type: 'bedside:status'; stage: string }
    | { type: 'bedside:suggestions'; questions: string[] }
    | { type: 'bedside:feedback.accepted'; rating: string }
    | { type: 'response.created'; response: Answer }
    | { type: 'response.output_text.delta'; delta: string }
    | { type: 'response.output_text.annotation.added'; annotation: Citation }
    | { type: 'response.completed' | 'response.incomplete' | 'response.failed'; response: Answer }
  );

export type Frame =
  | Ready
  | Refusal
  | AnswerFrame
  | Passage
  | { type: 'bedside:session.forgotten' }
  | { type: 'bedside:draining'; retry_ms: number };

/** What a conversation tells beside frames. */
export type Notice =
  | Exclude<Frame, Passage>
  | { type: 'clear' } // what is shown is not what is kept: it comes again
  | { type: 'over' } // the session has ended by itself, and a new one begins
  | { type: 'lost' } // no connection; it is being tried again
  | { type: 'closed' } // no connection, and not by itself again
  | { type: 'unheard'; id: string; text: string }; // a question that nobody took so far
