/** What the page remembers of itself: nothing that a link needs. */

import { createContext } from "svelte";
import type { Models } from "./api";

export type Theme = "auto" | "light" | "dark";
export type SheetName = "open" | "find" | "check" | "counterexamples" | "compare" | "help" | "more";
/** The panel that a narrow page shows. */
export type Panel = "actions" | "state" | "trace" | "properties" | "more";

export const [useUi, provideUi] = createContext<Ui>();

export class Ui {
  theme = $state<Theme>(kept("theme") === "light" ? "light" : kept("theme") === "dark" ? "dark" : "auto");
  models = $state.raw<Models | null>(null);
  sheet = $state<SheetName | null>(null);
  panel = $state<Panel>("actions");
  /** What to look for among the actions, and whether those that cannot happen are listed too. */
  filter = $state("");
  disabled = $state(false);
  faults = $state(false);
  /** What the state is compared with. */
  against = $state<"before" | "pinned">("before");
  changesOnly = $state(false);
  /** The predicate that was looked for last. */
  predicate = $state("");
  /** How many steps a random walk has. */
  walk = $state(10);
  /** The drawing of the graph, to export it. */
  graph = $state.raw<SVGSVGElement | undefined>(undefined);
  /** The index on the trail under the pointer. */
  hovered = $state<number | null>(null);

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep("theme", theme);
  }

  show(sheet: SheetName | null): void {
    this.sheet = sheet;
  }
}

/** A page from a file may not be allowed to keep anything. */
function kept(name: string): string | null {
  try {
    return localStorage.getItem(`proofmark-explorer-${name}`);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`proofmark-explorer-${name}`, value);
  } catch {
    // Then it lasts as long as the page.
  }
}
