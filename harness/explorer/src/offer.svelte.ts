/** What can happen where the reader stands, and what cannot, as it is filtered and grouped. */

import { createContext } from "svelte";
import type { Case, DisabledSteps, Scene, StateId, Step } from "./api";
import { search, tellingWords, type Searched } from "./search";
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

  /** What can happen and what cannot, searched together: the best match of all is what was meant. */
  #searched: Searched<Step | Disabled> = $derived.by(() => {
    const { session, ui } = this;
    const items = [...(session.here?.steps ?? []), ...(this.#known?.disabled ?? [])];
    const some = ui.faults ? items.filter((i) => faultOf(i) !== null) : items;
    const names = session.model?.processes ?? [];
    return search(
      some,
      ui.filter,
      (i) => `${i.action} ${i.kind ?? ""} ${names[processOf(i) ?? -1] ?? ""} ${faultOf(i) ?? ""}`,
    );
  });
  #can: Step[] = $derived.by(() => this.#searched.found.filter((i): i is Step => "scene" in i));
  #cannot: Disabled[] = $derived.by(() => this.#searched.found.filter((i): i is Disabled => !("scene" in i)));
  enabled: Group<Step>[] = $derived.by(() => this.#grouped(this.#can));
  disabled: Group<Disabled>[] = $derived.by(() => this.#grouped(this.#cannot));
  /** What can happen, in the order in which it is listed. */
  listed: Step[] = $derived.by(() => this.enabled.flatMap((g) => g.items));
  cannot: number = $derived.by(() => this.#cannot.length);
  /** The words that were asked for and that no action has. */
  missed: string[] = $derived.by(() => this.#searched.missed);
  /** Whether all that is known was searched and none of it has any of the words. */
  unheard: boolean = $derived.by(
    () => this.#known !== null && this.missed.length > 0 && this.#searched.found.length === 0,
  );
  /** The words in which the actions that are known here speak. */
  spoken: string[] = $derived.by(() => {
    if (!this.unheard) return [];
    const actions = [...(this.session.here?.steps ?? []), ...(this.#known?.disabled ?? [])].map((i) => i.action);
    return tellingWords(actions, this.session.model?.processes ?? []);
  });
  faults: number = $derived.by(() => (this.session.here?.steps ?? []).filter((s) => s.scene.fault !== null).length);
  /** Whether what cannot happen is to be told too. */
  wanted: boolean = $derived.by(() => this.ui.disabled || this.ui.filter.trim() !== "");

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
    if (!model || !here) return;
    this.problem = null;
    if (this.#answer?.id === here.id) return;
    try {
      const steps = await server.disabled(model.case, here.id);
      if (this.session.here !== here) return;
      this.#answer = { id: here.id, steps };
    } catch (error) {
      if (this.session.here === here) this.problem = wordsOf(error);
    }
  }

  /** By process, in their order; what happens elsewhere and faults come last. Without processes, by kind. */
  #grouped<T extends Step | Disabled>(items: readonly T[]): Group<T>[] {
    const { processes, kinds }: Pick<Case, "processes" | "kinds"> = this.session.model ?? { processes: [], kinds: [] };
    const names = processes.length > 0 ? processes : kinds;
    const placeOf = (item: T) => (processes.length > 0 ? (processOf(item) ?? -1) : kinds.indexOf(item.kind ?? ""));
    const groups = new Map<number, Group<T>>();
    for (const item of items) {
      const faults = faultOf(item) !== null;
      const place = placeOf(item);
      const at = faults ? names.length + 1 : place in names ? place : names.length;
      const name = faults ? "faults" : (names[at] ?? (names.length > 0 ? "elsewhere" : ""));
      const group = groups.get(at);
      if (group) group.items.push(item);
      else groups.set(at, { name, faults, items: [item] });
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }
}

function faultOf(item: Step | Disabled): Scene["fault"] {
  return "scene" in item ? item.scene.fault : item.fault;
}

function processOf(item: Step | Disabled): number | null {
  return "scene" in item ? item.scene.process : item.process;
}
