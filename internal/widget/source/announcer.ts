// What screen readers are told. Answers grow in a part that is not live, so that
// nothing is read out piece by piece; what matters is said here, once.
import { h } from './dom';

export class Announcer {
  private readonly polite = h('div', { role: 'status', class: 'unseen' });
  private readonly assertive = h('div', { role: 'alert', class: 'unseen' });
  readonly nodes = [this.polite, this.assertive];

  say(text: string): void {
    this.polite.replaceChildren(h('p', {}, text));
  }

  /** Interrupts whatever is being read: for danger only. */
  alarm(text: string): void {
    this.assertive.replaceChildren(h('p', {}, text));
  }
}
