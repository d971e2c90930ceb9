/** The real check of the open case, as it goes. */

import { createContext } from "svelte";
import type { CheckStatus } from "./api";
import { wordsOf, type Limits, type Server, type Steering } from "./server";

export const [useCheck, provideCheck] = createContext<Check>();

export class Check {
  status = $state.raw<CheckStatus | null>(null);
  problem = $state<string | null>(null);
  /** Whether the server went away while the check was under way: what it told last is then of the past. */
  gone = $state(false);

  #model: string | null = null;
  #watch: AbortController | null = null;

  constructor(readonly server: Server) {}

  /** Tells of another case from now on. */
  async of(model: string): Promise<void> {
    if (this.#model === model || this.server.recorded) return;
    this.leave();
    this.#model = model;
    await this.#take(() => this.server.check(model));
  }

  start(limits: Limits = {}): Promise<void> {
    return this.#take((model) => this.server.startCheck(model, limits));
  }

  steer(how: Steering): Promise<void> {
    return this.#take((model) => this.server.steerCheck(model, how));
  }

  /** No longer listens. */
  leave(): void {
    this.#watch?.abort();
    this.#watch = null;
    this.#model = null;
    this.status = null;
    this.problem = null;
    this.gone = false;
  }

  async #take(ask: (model: string) => Promise<CheckStatus>): Promise<void> {
    const model = this.#model;
    if (model === null) return;
    try {
      const status = await ask(model);
      if (this.#model !== model) return;
      // Whoever is listened to has told of it, and perhaps of what came after: an answer may arrive late.
      if (this.#watch === null || this.gone) this.status = status;
      this.problem = null;
      this.gone = false;
      if (goesOn(status)) void this.#listen(model);
    } catch (error) {
      this.problem = wordsOf(error);
    }
  }

  /** Listens until the check has ended. A stream that breaks is opened again, later each time. */
  async #listen(model: string): Promise<void> {
    if (this.#watch) return;
    const watch = (this.#watch = new AbortController());
    for (let wait = 500; !watch.signal.aborted; wait = Math.min(2 * wait, 8000)) {
      try {
        // A server that is back may know nothing of the check any more.
        if (!this.gone) await this.server.watchCheck(model, (status) => (this.status = status), watch.signal);
        const status = await this.server.check(model);
        if (watch.signal.aborted) return;
        this.status = status;
        this.problem = null;
        this.gone = false;
        if (!goesOn(status)) break;
      } catch (error) {
        if (watch.signal.aborted) return;
        this.problem = wordsOf(error);
        this.gone = true;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    if (this.#watch === watch) this.#watch = null;
  }
}

function goesOn({ state }: CheckStatus): boolean {
  return state === "running" || state === "paused";
}
