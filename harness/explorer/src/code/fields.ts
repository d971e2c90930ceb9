/** A run of the code as a diagram and a table show it. */

import type { Run, RunEvent, RunInstance, Step, Value } from "../api";
import { equal, shapeOf } from "../value";

/** The events that concern an instance, or all of them, each with its index in the run. */
export interface Shown {
  index: number;
  event: RunEvent;
}

export function shownEvents(run: Run, instance: number | null): Shown[] {
  const all = run.events.map((event, index) => ({ index, event }));
  if (instance === null) return all;
  return all.filter(({ index, event }) => index === run.diverges_at || event.instances.some((one) => one.instance === instance));
}

/** Events as steps of a behaviour, so that the same diagram shows them. */
export function asSteps(shown: Shown[]): Step[] {
  return shown.map(({ event }) => ({
    action: event.event,
    kind: null,
    to: null,
    changes: [],
    violates: [],
    scene: { ...event.scene, process: event.scene.process ?? event.node },
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

function shortly(instances: RunInstance[]): string {
  const actions = instances.flatMap((one) => one.explained_by);
  if (actions.length === 0) return "stutter";
  return actions.length > 2 ? `${actions.slice(0, 2).join(", ")} and ${actions.length - 2} more` : actions.join(", ");
}

export interface Field {
  name: string;
  /** Undefined where the code, or the model, has no such field. */
  code: Value | undefined;
  model: Value | undefined;
  codeBefore: Value | undefined;
  modelBefore: Value | undefined;
  differs: boolean;
  /** Whether it is the first that differs. */
  first: boolean;
}

/** What stood before an event, of the same instance. */
export function before(run: Run, index: number, instance: number): RunInstance | undefined {
  for (let at = index - 1; at >= 0; at -= 1) {
    const found = run.events[at]?.instances.find((one) => one.instance === instance);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Code and model field by field: the code's own order, then what only the model has. */
export function fields(now: RunInstance, earlier: RunInstance | undefined): Field[] {
  const [model, modelBefore] = [record(now.model), record(earlier?.model ?? null)];
  const names = [...Object.keys(now.code), ...Object.keys(model).filter((name) => !Object.hasOwn(now.code, name))];
  const told = now.differs.map(({ path }) => /^[^.[]*/.exec(path)?.[0] ?? "");
  const rows = names.map((name): Field => {
    const [code, its] = [own(now.code, name), own(model, name)];
    // Where the model has no state any more, what differs is what the server says.
    const differs = told.includes(name) || (code !== undefined && its !== undefined && !equal(code, its));
    return {
      name,
      code,
      model: its,
      codeBefore: earlier === undefined ? code : own(earlier.code, name),
      modelBefore: earlier?.model == null ? its : own(modelBefore, name),
      differs,
      first: false,
    };
  });
  const first = rows.find(({ name }) => name === told[0]) ?? rows.find(({ differs }) => differs);
  if (first !== undefined) first.first = first.differs;
  return rows;
}

function record(value: Value | null): { readonly [name: string]: Value } {
  if (value === null) return {};
  const shape = shapeOf(value);
  return shape.kind === "record" ? shape.fields : { state: value };
}

function own(of: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
