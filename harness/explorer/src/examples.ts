/** Predicates for the model that is open, so that nobody starts from nothing. */

import type { Case, State, Value } from "./api";
import { inline, shapeOf } from "./value";

export interface Example {
  text: string;
  about: string;
}

/** Of fields, and of what is known beside them. */
const MOST = 4;

export function examplesOf(state: State | null, { kinds, claims }: Pick<Case, "kinds" | "claims">): Example[] {
  if (!state) return [];
  const [kind] = kinds.length > 0 ? kinds.slice(-1) : [];
  const claim = claims.find((c) => state.truths.some((t) => t.claim === c.name && t.predicate === "state"));
  const holds = state.truths.find((t) => t.claim === claim?.name)?.holds ?? true;
  return [
    ...ofFields(state),
    ...(kind === undefined ? [] : [{ text: `kind == ${inline(kind)}`, about: "a step of this kind led there" }]),
    ...(claim ? [{ text: `properties[${inline(claim.name)}] == ${!holds}`, about: "what a claim says there" }] : []),
  ];
}

function ofFields(state: State): Example[] {
  const shape = shapeOf(state.value);
  if (shape.kind !== "record") return [];
  const examples: Example[] = [];
  const changed = new Map(state.steps.flatMap((s) => s.changes.map((c) => [c.path, c] as const)));
  for (const { path, after } of changed.values()) {
    const test = after !== undefined && /^[A-Za-z_][\w.[\]]*$/.test(path) ? testOf(path, after) : null;
    if (test && !examples.some((e) => e.about === test.about)) examples.push(test);
  }
  for (const [name, value] of Object.entries(shape.fields)) {
    const test = /^[A-Za-z_]\w*$/.test(name) ? testOf(name, value) : null;
    if (test && !examples.some((e) => e.about === test.about)) examples.push(test);
  }
  const [first, second] = examples;
  if (first && second) examples.push({ text: `${first.text} && !(${second.text})`, about: "both at once" });
  return examples.slice(0, MOST);
}

function testOf(path: string, value: Value): Example | null {
  const shape = shapeOf(value);
  switch (shape.kind) {
    case "scalar":
      return typeof value === "object" ? null : { text: `${path} == ${inline(value)}`, about: "a field has a value" };
    case "set": {
      const [item] = shape.items;
      return item !== undefined && shapeOf(item).kind === "scalar"
        ? { text: `${inline(item)} in ${path}`, about: "a set has a member" }
        : { text: `size(${path}) > ${shape.items.length}`, about: "a set grows" };
    }
    case "list": {
      const [item] = shape.items;
      return item !== undefined && shapeOf(item).kind === "scalar" && typeof item !== "object"
        ? { text: `${path}.exists(x, x != ${inline(item)})`, about: "an item of a list is so" }
        : null;
    }
    default:
      return null;
  }
}
