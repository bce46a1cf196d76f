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
  private kept: Kept = {};

  constructor(private readonly storage: () => Storage) {
    try {
      this.kept = JSON.parse(storage().getItem(KEY) ?? '{}');
    } catch {
      // A browser may refuse storage: the conversation then ends with the page.
    }
  }

  get<K extends keyof Kept>(key: K): Kept[K] {
    return this.kept[key];
  }

  set<K extends keyof Kept>(key: K, value: Kept[K]): void {
    this.kept[key] = value;
    try {
      this.storage().setItem(KEY, JSON.stringify(this.kept));
    } catch {
      // As above.
    }
  }
}
