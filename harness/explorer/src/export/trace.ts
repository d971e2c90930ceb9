/** A behaviour as text: for people in Markdown, for programs in JSON. */

import type { Case, Path, State, Value } from "../api";
import { inline } from "../value";

/** States that the page knows; null where it has not asked for one. */
export type Known = readonly (State | null)[];

export interface About {
  loop?: number | null;
  property?: string | null;
}

export function markdown(
  model: Case,
  { states, steps, changed }: Path,
  known: Known,
  { loop = null, property = null }: About = {},
): string {
  const planted = model.mutant === null ? "" : ` with ${escaped(model.mutant)} planted`;
  const constants = Object.entries(model.constants).map(([name, value]) => `${escaped(name)} = ${code(inline(value))}`);
  const lines = [`# ${escaped(model.model)} at ${escaped(model.bound)}${planted}`, "", escaped(model.about), ""];
  if (constants.length > 0) lines.push(`Constants: ${constants.join(", ")}.`, "");
  if (property !== null) lines.push(`Property: ${escaped(property)}.`, "");
  lines.push("It is opened by", "", ...fenced(model.commands.explore), "", `## ${count(steps.length, "step")}`, "");
  const first = known[0];
  if (first) lines.push("It starts in", "", ...fenced(JSON.stringify(first.value, null, 2), "json"), "");
  else if (states[0] !== undefined) lines.push(`It starts in state ${code(states[0])}.`, "");
  steps.forEach((step, index) => {
    lines.push(`${index + 1}. ${escaped(step.action)}`);
    for (const { path, before, after } of step.changes) {
      lines.push(`   - ${path === "" ? "the state" : code(path)}: ${held(before)} → ${held(after)}`);
    }
    for (const { claim, why } of step.violates) {
      lines.push(`   - **violates ${escaped(claim)}**${why === null ? "" : `: ${escaped(why)}`}`);
    }
    for (const claim of broken(known[index + 1])) lines.push(`   - **${escaped(claim)} does not hold here**`);
  });
  if (loop !== null) lines.push("", `Then it goes on from state ${loop}, again and again.`);
  if (changed !== null) lines.push("", `The model changed at step ${changed.at}: ${escaped(changed.why)}.`);
  return `${lines.join("\n")}\n`;
}

/** Claims of states that are to hold everywhere and do not hold here. */
function broken(state: State | null | undefined): string[] {
  return state?.truths.filter(({ kind, holds }) => kind === "always" && !holds).map(({ claim }) => claim) ?? [];
}

function held(value: Value | undefined): string {
  return value === undefined ? "nothing" : code(inline(value));
}

/** Text of a model within a line of Markdown: none of its signs counts. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|~&$#!]/g, "\\$&");
}

/** A span of code, in more backticks than stand in it. */
export function code(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  const gap = flat.startsWith("`") || flat.endsWith("`") || flat === "" ? " " : "";
  return `${ticks}${gap}${flat}${gap}${ticks}`;
}

function fenced(text: string, language = "sh"): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, text, fence];
}

function count(n: number, one: string): string {
  return `${n} ${n === 1 ? one : `${one}s`}`;
}

export function json(
  model: Case,
  { states, steps, changed }: Path,
  known: Known,
  { loop = null, property = null }: About = {},
): string {
  const { model: name, bound, constants, mutant, processes, commands } = model;
  const values = states.map((id, index) => ({ id, value: known[index]?.value ?? null }));
  const all = {
    model: name,
    bound,
    constants,
    mutant,
    processes,
    command: commands.explore,
    property,
    loop,
    changed,
    states: values,
    steps,
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}
