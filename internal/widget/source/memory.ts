// What outlives a page: in the tab, or in the browser where the clinic chose so.

interface Kept {
  token?: string;
  pending?: [string, string][]; // questions that were not accepted yet
  open?: boolean;
  language?: string;
  help?: boolean; // a crisis was seen
}

const KEY = 'bedside';

export class Memory {
  private kept: Kept | undefined;

  constructor(private readonly storage: () => Storage) {}

  get<K extends keyof Kept>(key: K): Kept[K] {
    return this.read()[key];
  }

  set<K extends keyof Kept>(key: K, value: Kept[K]): void {
    this.read()[key] = value;
    try {
      this.storage().setItem(KEY, JSON.stringify(this.kept));
    } catch {
      // As above.
    }
  }

  /** Reads what was kept, at the first use: a page that loads waits for storage. */
  private read(): Kept {
    if (this.kept) return this.kept;
    this.kept = {};
    try {
      this.kept = JSON.parse(this.storage().getItem(KEY) ?? '{}') as Kept;
    } catch {
      // A browser may refuse storage: the conversation then ends with the page.
    }
    return this.kept;
  }
}
