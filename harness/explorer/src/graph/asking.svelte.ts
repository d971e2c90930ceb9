/** What the views of the graph share: of many questions to the server the last one counts, and until it is answered what
 *  was shown before stays. */

import { wordsOf } from "../server";

export class Asking<T> {
  shown = $state.raw<T | null>(null);
  failed = $state<string | null>(null);
  busy = $state(false);
  #last: AbortController | null = null;

  /** Shows what the work comes to, unless something else is asked for meanwhile: then the signal is given. */
  async ask(work: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.end();
    const { signal } = (this.#last = new AbortController());
    this.busy = true;
    this.failed = null;
    try {
      const made = await work(signal);
      if (!signal.aborted) this.shown = made;
    } catch (error) {
      if (!signal.aborted) this.failed = wordsOf(error);
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  /** Whoever asked is no longer there. */
  end(): void {
    this.#last?.abort();
  }
}
