/** What can happen where the reader stands, and what cannot, as it is filtered and grouped. */

import { createContext } from "svelte";
import type { DisabledSteps, StateId, Step } from "./api";
import { search } from "./search";
import { wordsOf } from "./server";
import type { Session } from "./session.svelte";
import type { Ui } from "./ui.svelte";

export type Disabled = DisabledSteps["disabled"][number];

export interface Group<T> {
  name: string;
  faults: boolean;
  items: T[];
}

export const [useOffer, provideOffer] = createContext<Offer>();

export class Offer {
  readonly session: Session;
  readonly ui: Ui;

  #enabled = $derived.by(() => this.#searched(this.session.here?.steps ?? [], (s) => s.scene.process, faultOf));
  #disabled = $derived.by(() =>
    this.#searched(
      this.#known?.disabled ?? [],
      (d) => d.process,
      (d) => d.fault,
    ),
  );
  enabled: Group<Step>[] = $derived.by(() => this.#grouped(this.#enabled.found, (s) => s.scene.process, faultOf));
  disabled: Group<Disabled>[] = $derived.by(() =>
    this.#grouped(
      this.#disabled.found,
      (d) => d.process,
      (d) => d.fault,
    ),
  );
  /** What can happen, in the order in which it is listed. */
  listed: Step[] = $derived(this.enabled.flatMap((g) => g.items));
  cannot: number = $derived(this.#disabled.found.length);
  /** The words that were asked for and that no action has. */
  missed: string[] = $derived.by(() => {
    const elsewhere = this.#disabled.missed;
    return this.#known === null ? this.#enabled.missed : this.#enabled.missed.filter((w) => elsewhere.includes(w));
  });
  faults: number = $derived.by(() => (this.session.here?.steps ?? []).filter((s) => s.scene.fault !== null).length);
  /** Whether what cannot happen is to be told too. */
  wanted: boolean = $derived.by(
    () => !this.session.server.recorded && (this.ui.disabled || this.ui.filter.trim() !== ""),
  );

  problem = $state<string | null>(null);
  #answer = $state.raw<{ id: StateId; steps: DisabledSteps } | null>(null);
  #known: DisabledSteps | null = $derived.by(() =>
    this.wanted && this.#answer && this.#answer.id === this.session.here?.id ? this.#answer.steps : null,
  );
  /** What is known of what cannot happen; null until it was told. */
  get known(): DisabledSteps | null {
    return this.#known;
  }

  constructor(session: Session, ui: Ui) {
    this.session = session;
    this.ui = ui;
  }

  /** Asks what cannot happen in the state that is shown. */
  async ask(): Promise<void> {
    const { model, here, server } = this.session;
    if (!model || !here || this.#answer?.id === here.id) return;
    try {
      const steps = await server.disabled(model.case, here.id);
      if (this.session.here !== here) return;
      this.#answer = { id: here.id, steps };
      this.problem = null;
    } catch (error) {
      this.problem = wordsOf(error);
    }
  }

  #searched<T extends { action: string; kind: string | null }>(
    items: readonly T[],
    processOf: (item: T) => number | null,
    fault: (item: T) => string | null,
  ) {
    const some = this.ui.faults ? items.filter((i) => fault(i) !== null) : items;
    const names = this.session.model?.processes ?? [];
    return search(
      some,
      this.ui.filter,
      (i) => `${i.action} ${i.kind ?? ""} ${names[processOf(i) ?? -1] ?? ""} ${fault(i) ?? ""}`,
    );
  }

  /** By process, in their order; what happens elsewhere and faults come last. */
  #grouped<T>(
    items: readonly T[],
    processOf: (item: T) => number | null,
    fault: (item: T) => string | null,
  ): Group<T>[] {
    const names = this.session.model?.processes ?? [];
    const groups = new Map<number, Group<T>>();
    for (const item of items) {
      const process = processOf(item);
      const faults = fault(item) !== null;
      const at = faults ? names.length + 1 : process !== null && process in names ? process : names.length;
      const name = faults ? "faults" : (names[at] ?? (names.length > 0 ? "elsewhere" : ""));
      const group = groups.get(at);
      if (group) group.items.push(item);
      else groups.set(at, { name, faults, items: [item] });
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }
}

function faultOf(step: Step): Step["scene"]["fault"] {
  return step.scene.fault;
}
