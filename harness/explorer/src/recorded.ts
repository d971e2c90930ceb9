/** A static export: answers out of what was recorded in the page. */

import type { Case, Counterexample, DisabledSteps, Models, Path, State, StateId, Step } from "./api";
import type { Server } from "./server";

/** What the page holds in its `<script type="application/json" id="recorded">`. */
export interface Recorded {
  models: Models;
  case: Case;
  states: { [id: StateId]: State };
  /** What cannot happen, of some of the states. */
  disabled: { [id: StateId]: DisabledSteps };
  path: Path;
  counterexample: Counterexample | null;
  /** The index of the state to which a lasso returns. */
  loop: number | null;
}

/** The recording in this page, if it holds one. */
export function recordedIn(page: Document): Recorded | null {
  const text = page.getElementById("recorded")?.textContent;
  return text ? (JSON.parse(text) as Recorded) : null;
}

export function recordedServer(recorded: Recorded): Server {
  const refuse = () => Promise.reject(new Error("this page was exported and has no server"));
  const state = async (_model: string, id: StateId) => recorded.states[id] ?? refuse();

  return {
    recorded: true,
    meetAgain: null,
    shows: (id) => Object.hasOwn(recorded.states, id),

    models: async () => recorded.models,
    open: async () => recorded.case,
    state,
    disabled: async (_model, id) => recorded.disabled[id] ?? refuse(),
    path: async (_model, asked) => {
      const start = asked.start ?? recorded.case.initial[0];
      return start === undefined ? refuse() : follow(recorded, start, asked.steps);
    },
    walk: refuse,
    find: refuse,
    neighbourhood: refuse,
    clusters: refuse,
    points: refuse,
    check: refuse,
    startCheck: refuse,
    steerCheck: refuse,
    watchCheck: refuse,
    kept: async () => ({ counterexamples: [] }),
    counterexample: async () => recorded.counterexample ?? refuse(),
    readCounterexample: refuse,
    compare: refuse,
    run: refuse,
    export: refuse,
  };
}

/** Goes the steps of a link as far as the recording does. */
function follow(
  { states }: Recorded,
  start: StateId,
  asked: { action: string; to?: StateId | null | undefined }[],
): Path {
  const visited = [start];
  const steps: Step[] = [];
  let here = start;
  for (const [at, { action, to }] of asked.entries()) {
    const step = states[here]?.steps.find((s) => s.action === action && s.to !== null && (!to || s.to === to));
    if (!step?.to || !Object.hasOwn(states, step.to)) {
      return { states: visited, steps, changed: { at: at + 1, why: "the export does not hold this step" } };
    }
    steps.push(step);
    visited.push(step.to);
    here = step.to;
  }
  return { states: visited, steps, changed: null };
}
