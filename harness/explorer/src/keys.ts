/** What the keys do. The help sheet shows this table, so it cannot differ from what happens. */

import type { Offer } from "./offer.svelte";
import { tabs, type Session } from "./session.svelte";
import type { Panel, Ui } from "./ui.svelte";

interface Reach {
  session: Session;
  ui: Ui;
  offer: Offer;
}

export interface Key {
  /** As `KeyboardEvent.key` has it. */
  keys: string[];
  shown: string;
  what: string;
  /** Whether it needs the server. */
  asks?: boolean;
  do: (reach: Reach, key: string) => void;
}

export const keys: { title: string; keys: Key[] }[] = [
  {
    title: "step",
    keys: [
      { keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], shown: "1 … 9", what: "take that action", do: takeNth },
      { keys: ["u"], shown: "u", what: "undo", do: ({ session }) => void session.undo() },
      { keys: ["U"], shown: "shift u", what: "redo", do: ({ session }) => void session.undo(-1) },
      {
        keys: ["r"],
        shown: "r",
        what: "walk at random",
        asks: true,
        do: ({ session, ui }) => void session.next(() => session.walk(ui.walk)),
      },
      { keys: ["/"], shown: "/", what: "search what can and cannot happen", do: ({ ui }) => focus(ui, "filter") },
      { keys: ["d"], shown: "d", what: "also what cannot", do: ({ ui }) => (ui.disabled = !ui.disabled) },
    ],
  },
  {
    title: "trace",
    keys: [
      { keys: ["ArrowLeft", "k"], shown: "← or k", what: "a step back", do: ({ session }) => void session.along(-1) },
      { keys: ["ArrowRight", "j"], shown: "→ or j", what: "a step forth", do: ({ session }) => void session.along(1) },
      { keys: ["Home"], shown: "home", what: "to the start", do: ({ session }) => void session.along(-Infinity) },
      { keys: ["End"], shown: "end", what: "to the end", do: ({ session }) => void session.along(Infinity) },
      {
        keys: ["D", "S", "G", "B", "C"],
        shown: "shift d s g b c",
        what: "diagram, steps, graph, branches, code",
        do: tab,
      },
      { keys: ["b"], shown: "b", what: "bookmark the state", do: bookmark },
    ],
  },
  {
    title: "state",
    keys: [
      { keys: ["p"], shown: "p", what: "pin the state, to compare with it", do: pin },
      {
        keys: ["v"],
        shown: "v",
        what: "compare with the one before or the pinned",
        do: ({ ui, session }) => (ui.against = ui.against === "before" && session.pin !== null ? "pinned" : "before"),
      },
      { keys: ["e"], shown: "e", what: "changes only", do: ({ ui }) => (ui.changesOnly = !ui.changesOnly) },
    ],
  },
  {
    title: "page",
    keys: [
      { keys: ["o"], shown: "o", what: "open a model", asks: true, do: ({ ui }) => ui.show("open") },
      { keys: ["f"], shown: "f", what: "find a state", asks: true, do: ({ ui }) => ui.show("find") },
      { keys: ["c"], shown: "c", what: "check", asks: true, do: ({ ui }) => ui.show("check") },
      { keys: ["x"], shown: "x", what: "counterexamples", asks: true, do: ({ ui }) => ui.show("counterexamples") },
      { keys: ["m"], shown: "m", what: "compare with a mutant", asks: true, do: ({ ui }) => ui.show("compare") },
      { keys: ["?"], shown: "?", what: "this sheet", do: ({ ui }) => ui.show("help") },
      { keys: ["Escape"], shown: "escape", what: "close, or clear the search", do: ({ ui }) => (ui.filter = "") },
    ],
  },
];

const all = keys.flatMap((part) => part.keys);

/** Does what a key asks for, unless it is being typed or belongs to a control. */
export function press(event: KeyboardEvent, reach: Reach): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || reach.ui.sheet !== null) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  const key = all.find((k) => k.keys.includes(event.key));
  if (!key || (key.asks && reach.session.server.recorded)) return;
  event.preventDefault();
  key.do(reach, event.key);
}

function takeNth({ session, offer }: Reach, key: string): void {
  void session.next(() => {
    const step = offer.listed[Number(key) - 1];
    return step ? session.take(step) : false;
  });
}

function tab({ session, ui }: Reach, key: string): void {
  const to = tabs.find((t) => t.startsWith(key.toLowerCase()));
  if (!to || (session.server.recorded && (to === "graph" || to === "code"))) return;
  session.tab = to;
  ui.panel = "trace";
}

function bookmark({ session, ui }: Reach): void {
  void session.next(() => {
    session.tab = "branches";
    focus(ui, "bookmark", "trace");
  });
}

function pin({ session }: Reach): void {
  void session.next(() => session.setPin(session.pin === session.cursor ? null : session.cursor));
}

function focus(ui: Ui, id: string, panel: Panel = "actions"): void {
  ui.panel = panel;
  // At once where it is shown already, so that the next letter is not taken for another key.
  const field = document.getElementById(id);
  field?.focus();
  if (field === null || document.activeElement !== field) {
    requestAnimationFrame(() => document.getElementById(id)?.focus());
  }
}
