/** Values as people read them, and what differs between two. */

import type { Value } from "./api";

export type Mark = "added" | "removed" | "changed";

/** A value by its shape. A text that no field surrounds is one too. */
export type Shape =
  | { kind: "scalar" }
  | { kind: "list"; items: readonly Value[] }
  | { kind: "set"; items: readonly Value[] }
  | { kind: "map"; items: readonly (readonly [Value, Value])[] }
  | { kind: "record"; fields: { readonly [name: string]: Value } }
  | { kind: "variant"; tag: string; value: Value };

export function shapeOf(value: Value): Shape {
  if (typeof value !== "object" || value === null) return { kind: "scalar" };
  if (Array.isArray(value)) return { kind: "list", items: value };
  const names = Object.keys(value);
  const [name] = names;
  if (names.length === 1 && name !== undefined) {
    const held = value[name];
    if (name === "#set" && Array.isArray(held)) return { kind: "set", items: held };
    if (name === "#tup" && Array.isArray(held)) return { kind: "list", items: held };
    if (name === "#map" && Array.isArray(held)) return { kind: "map", items: held as [Value, Value][] };
    if (name === "#bigint") return { kind: "scalar" };
  }
  if (names.length === 2 && typeof value["tag"] === "string" && value["value"] !== undefined) {
    return { kind: "variant", tag: value["tag"], value: value["value"] };
  }
  return { kind: "record", fields: value };
}

const texts = new WeakMap<object, string>();

/** The same text for equal values: the server writes fields and members in order. */
export function textOf(value: Value): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = texts.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    texts.set(value, text);
  }
  return text;
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || textOf(a) === textOf(b);
}

/** What stands in one place, now and before. Where there is nothing to compare with, both are the same. */
export interface Entry {
  /** A field's name, or an index; null for a member of a set. */
  label: string | null;
  /** Its name among its siblings. */
  key: string;
  now: Value | undefined;
  before: Value | undefined;
}

export function markOf({ now, before }: { now: Value | undefined; before: Value | undefined }): Mark | null {
  if (equal(now, before)) return null;
  return before === undefined ? "added" : now === undefined ? "removed" : "changed";
}

/** What a value holds, beside what it held: null where it holds nothing, or the two are of different shapes. */
export function entriesOf(now: Value | undefined, before: Value | undefined): Entry[] | null {
  const a = now === undefined ? null : shapeOf(now);
  const b = before === undefined ? null : shapeOf(before);
  const shape = a ?? b;
  if (!shape || shape.kind === "scalar" || (a && b && a.kind !== b.kind)) return null;
  const [x, y] = [a ?? none(shape), b ?? none(shape)];
  if (x.kind === "record" && y.kind === "record") {
    const names = [...Object.keys(x.fields), ...Object.keys(y.fields).filter((n) => !Object.hasOwn(x.fields, n))];
    return names.map((name) => ({
      label: name,
      key: name,
      now: ownOf(x.fields, name),
      before: ownOf(y.fields, name),
    }));
  }
  if (x.kind === "list" && y.kind === "list") {
    return Array.from({ length: Math.max(x.items.length, y.items.length) }, (_, i) => ({
      label: `${i}`,
      key: `${i}`,
      now: x.items[i],
      before: y.items[i],
    }));
  }
  if (x.kind === "set" && y.kind === "set") {
    const held = new Set(y.items.map(textOf));
    const holds = new Set(x.items.map(textOf));
    return [
      ...x.items.map((item) => member(item, item, held.has(textOf(item)) ? item : undefined)),
      ...y.items.filter((item) => !holds.has(textOf(item))).map((item) => member(item, undefined, item)),
    ];
  }
  if (x.kind === "map" && y.kind === "map") {
    const held = new Map(y.items.map(([k, v]) => [textOf(k), v]));
    const holds = new Set(x.items.map(([k]) => textOf(k)));
    const entry = (k: Value, a: Value | undefined, b: Value | undefined) => ({
      label: inline(k),
      key: textOf(k),
      now: a,
      before: b,
    });
    return [
      ...x.items.map(([k, v]) => entry(k, v, held.get(textOf(k)))),
      ...y.items.filter(([k]) => !holds.has(textOf(k))).map(([k, v]) => entry(k, undefined, v)),
    ];
  }
  if (x.kind === "variant" && y.kind === "variant") {
    return x.tag === y.tag ? entriesOf(a ? x.value : undefined, b ? y.value : undefined) : null;
  }
  return null;
}

/** The empty value of a shape, in the place of one that is not there. */
function none(shape: Shape): Shape {
  return shape.kind === "record"
    ? { kind: "record", fields: {} }
    : shape.kind === "variant" || shape.kind === "scalar"
      ? shape
      : { ...shape, items: [] };
}

function ownOf(fields: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function member(item: Value, now: Value | undefined, before: Value | undefined): Entry {
  return { label: null, key: textOf(item), now, before };
}

/** A piece of a value written in one line. */
export interface Token {
  text: string;
  kind: "text" | "number" | "word" | "name" | "sign";
  mark?: "added" | "removed";
}

/** A value in one line, cut after so many characters. */
export function inline(value: Value, most = Infinity): string {
  return tokensOf(value, value, most)
    .map((t) => t.text)
    .join("");
}

/** A value in one line, with what was added and what was removed in it. */
export function tokensOf(now: Value | undefined, before: Value | undefined, most = Infinity, brief = false): Token[] {
  const tokens: Token[] = [];
  write(tokens, { left: most, brief }, now, before);
  return tokens;
}

/** Whether a value in one line has no more than so many characters. */
export function fits(value: Value, most: number): boolean {
  return write([], { left: most, brief: false }, value, value);
}

interface Room {
  left: number;
  /** Whether what is the same in both is left out. */
  brief: boolean;
}

function put(tokens: Token[], room: Room, text: string, kind: Token["kind"], mark?: Token["mark"]): boolean {
  if (room.left < 0) return false;
  const rest = room.left;
  room.left -= text.length;
  const written = room.left < 0 ? `${text.slice(0, rest)}…` : text;
  tokens.push(mark ? { text: written, kind, mark } : { text: written, kind });
  return room.left >= 0;
}

function write(
  tokens: Token[],
  room: Room,
  now: Value | undefined,
  before: Value | undefined,
  mark?: Token["mark"],
): boolean {
  if (now === undefined && before === undefined) return true;
  if (now === undefined) return write(tokens, room, before, before, "removed");
  if (before === undefined) return write(tokens, room, now, now, "added");
  const shape = shapeOf(now);
  const old = shapeOf(before);
  const same = equal(now, before);
  const alike =
    shape.kind === old.kind && (shape.kind !== "variant" || (old.kind === "variant" && shape.tag === old.tag));
  if (!same && typeof now === "string" && typeof before === "string" && now.length + before.length > LONG_TEXT) {
    return writeTexts(tokens, room, now, before);
  }
  if (!same && (shape.kind === "scalar" || !alike)) {
    return (
      write(tokens, room, before, before, "removed") &&
      put(tokens, room, " → ", "sign") &&
      write(tokens, room, now, now, "added")
    );
  }
  if (shape.kind === "scalar") return writeScalar(tokens, room, now, mark);
  if (shape.kind === "variant") {
    const inner = shapeOf(shape.value);
    const empty =
      (inner.kind === "record" && Object.keys(inner.fields).length === 0) ||
      (inner.kind === "list" && inner.items.length === 0);
    if (!put(tokens, room, shape.tag, "word", mark) || empty) return !(room.left < 0);
    const braces = inner.kind === "record" ? (["(", ")"] as const) : null;
    if (braces) return writeEntries(tokens, room, now, before, braces, mark);
    return (
      put(tokens, room, "(", "sign", mark) &&
      write(tokens, room, shape.value, old.kind === "variant" ? old.value : shape.value, mark) &&
      put(tokens, room, ")", "sign", mark)
    );
  }
  return writeEntries(tokens, room, now, before, shape.kind === "list" ? ["[", "]"] : ["{", "}"], mark);
}

function writeEntries(
  tokens: Token[],
  room: Room,
  now: Value,
  before: Value,
  [open, close]: readonly [string, string],
  mark?: Token["mark"],
): boolean {
  const labelled = open !== "[";
  if (!put(tokens, room, open, "sign", mark)) return false;
  const all = entriesOf(now, before) ?? [];
  const told = room.brief && !equal(now, before) ? all.filter((e) => markOf(e) !== null) : all;
  if (told.length < all.length && !put(tokens, room, "… ", "sign", mark)) return false;
  for (const [at, entry] of told.entries()) {
    if (at > 0 && !put(tokens, room, ", ", "sign", mark)) return false;
    const own = mark ?? (entry.before === undefined ? "added" : entry.now === undefined ? "removed" : undefined);
    if (labelled && entry.label !== null && !put(tokens, room, `${entry.label}: `, "name", own)) return false;
    const written = mark
      ? write(tokens, room, entry.now, entry.now, mark)
      : write(tokens, room, entry.now, entry.before);
    if (!written) return false;
  }
  return put(tokens, room, close, "sign", mark);
}

function writeScalar(tokens: Token[], room: Room, value: Value, mark?: Token["mark"]): boolean {
  if (typeof value === "string") return put(tokens, room, `"${value}"`, "text", mark);
  if (typeof value === "number") return put(tokens, room, `${value}`, "number", mark);
  if (value !== null && typeof value === "object")
    return put(tokens, room, `${Object.values(value)[0]}`, "number", mark);
  return put(tokens, room, `${value}`, "word", mark);
}

/** Texts that are longer than this together are told by what differs between them. */
const LONG_TEXT = 60;
/** So much of what they share is told where little room is. */
const CONTEXT = 20;

/** Two long texts: what both begin and end with stands once, cut at words. */
function writeTexts(tokens: Token[], room: Room, now: string, before: string): boolean {
  const most = Math.min(now.length, before.length);
  let head = 0;
  while (head < most && now[head] === before[head]) head += 1;
  while (head > 0 && /\w/.test(now[head - 1] ?? "")) head -= 1;
  let tail = 0;
  while (tail < most - head && now.at(-1 - tail) === before.at(-1 - tail)) tail += 1;
  while (tail > 0 && /\w/.test(now.at(-tail) ?? "")) tail -= 1;
  const first = `"${now.slice(0, head)}`;
  const last = `${now.slice(now.length - tail)}"`;
  const around = room.brief ? CONTEXT : Infinity;
  const removed = before.slice(head, before.length - tail);
  const added = now.slice(head, now.length - tail);
  return (
    put(tokens, room, first.length > around ? `…${first.slice(-around)}` : first, "text") &&
    (removed === "" || put(tokens, room, removed, "text", "removed")) &&
    (added === "" || put(tokens, room, added, "text", "added")) &&
    put(tokens, room, last.length > around ? `${last.slice(0, around)}…` : last, "text")
  );
}

/** How many values it holds, in words; nothing of a record, whose fields are always the same. */
export function sizeInWords(value: Value): string {
  const shape = shapeOf(value);
  switch (shape.kind) {
    case "list":
      return `list of ${shape.items.length}`;
    case "set":
      return `set of ${shape.items.length}`;
    case "map":
      return `map of ${shape.items.length}`;
    case "variant":
      return shape.tag;
    case "record":
    case "scalar":
      return "";
  }
}
