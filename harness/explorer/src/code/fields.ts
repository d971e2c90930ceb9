/** A run of the code as a diagram and a table show it. */

import type { Run, RunEvent, RunExplained, Step, Value } from "../api";

/** The events that concern an instance, or all of them, each with its index in the run. */
export interface Shown {
  index: number;
  event: RunEvent;
}

export function shownEvents(run: Run, instance: number | null): Shown[] {
  const all = run.events.map((event, index) => ({ index, event }));
  if (instance === null) return all;
  return all.filter(
    ({ index, event }) => index === run.diverges_at || event.instances.some((one) => one.instance === instance),
  );
}

/** Events as steps of a behaviour, so that the same diagram shows them. */
export function asSteps(shown: Shown[]): Step[] {
  return shown.map(({ event }) => ({
    action: event.event,
    kind: null,
    to: null,
    changes: [],
    violates: [],
    scene: event.scene,
  }));
}

/** What the model makes of each event, for the rows of the diagram. */
export function explanations(run: Run, shown: Shown[], instance: number | null): { [at: number]: string } {
  const marks: { [at: number]: string } = {};
  shown.forEach(({ index, event }, row) => {
    const concerned = event.instances.filter((one) => instance === null || one.instance === instance);
    if (index === run.diverges_at) marks[row + 1] = "diverges";
    else if (concerned.length > 0) marks[row + 1] = shortly(concerned);
  });
  return marks;
}

function shortly(instances: RunExplained[]): string {
  const actions = instances.flatMap((one) => one.explained_by);
  if (actions.length === 0) return "stutter";
  return actions.length > 2 ? `${actions.slice(0, 2).join(", ")} and ${actions.length - 2} more` : actions.join(", ");
}

export interface Field {
  name: string;
  code: Value | undefined;
  codeBefore: Value | undefined;
  /** Absent where the model agrees. */
  model?: Value | null;
  differs: boolean;
}

/** What stood before an event, of the same instance. */
export function before(run: Run, index: number, instance: number): RunExplained | undefined {
  for (let at = index - 1; at >= 0; at -= 1) {
    const found = run.events[at]?.instances.find((one) => one.instance === instance);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The model's state before an event: of its last step, or the one in which the instance begins. */
export function modelBefore(run: Run, index: number, instance: number): Value | undefined {
  return before(run, index, instance)?.model ?? run.instances[instance]?.begins;
}

/** The instance as the node had it before: it may be another node that an event in between was about. */
function codeBefore(run: Run, index: number, instance: number, field: string): Value | undefined {
  // A call is no change of the one before.
  if (run.history !== null) return undefined;
  for (let at = index - 1; at >= 0; at -= 1) {
    const found = run.events[at]?.instances.find((one) => one.instance === instance && Object.hasOwn(one.code, field));
    if (found !== undefined) return found.code[field];
  }
  return undefined;
}

/** What the code tells, field by field, beside the nearest state that the model allows: what differs comes first. */
export function fields(run: Run, index: number, now: RunExplained): Field[] {
  const differences = now.allowed[0]?.differs.filter(({ code, model }) => code !== null || model !== null) ?? [];
  const differing = differences.map(({ field, code, model }) => ({
    name: field,
    code: code ?? undefined,
    codeBefore: codeBefore(run, index, now.instance, field),
    model,
    differs: true,
  }));
  const told = new Set(differing.map(({ name }) => name));
  const agreeing = Object.entries(now.code)
    .filter(([name]) => !told.has(name))
    .map(([name, code]) => ({ name, code, codeBefore: codeBefore(run, index, now.instance, name), differs: false }));
  return [...differing, ...agreeing];
}
