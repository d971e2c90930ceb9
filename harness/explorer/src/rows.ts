/** The rows of a value's tree: what is small stands in one line, what is large is opened. */

import type { Value } from "./api";
import { entriesOf, fits, markOf, type Entry, type Mark } from "./value";

export interface Row extends Entry {
  /** Its name in the whole tree. */
  path: string;
  /** 1 for what the state itself holds. */
  level: number;
  position: number;
  siblings: number;
  mark: Mark | null;
  /** Whether it holds rows of its own, and whether they are shown. */
  opens: boolean;
  open: boolean;
}

/** A value that is longer than this has rows of its own. */
const LINE = 56;
/** Of what holds more than this, nothing is shown until it is asked for. */
const MANY = 24;

export interface Wishes {
  /** What the reader opened or closed. */
  opened: ReadonlyMap<string, boolean>;
  changesOnly: boolean;
}

export function rowsOf(now: Value, before: Value | undefined, wishes: Wishes): Row[] {
  const rows: Row[] = [];
  add(rows, entriesOf(now, before ?? now) ?? [{ label: null, key: "", now, before: before ?? now }], "", 1, wishes);
  return rows;
}

function add(rows: Row[], entries: readonly Entry[], path: string, level: number, wishes: Wishes): void {
  const shown = wishes.changesOnly ? entries.filter((e) => markOf(e) !== null) : entries;
  for (const [at, entry] of shown.entries()) {
    const own = `${path}/${entry.key}`;
    const mark = markOf(entry);
    const held = isShort(entry) ? null : entriesOf(entry.now, entry.before);
    const opens = held !== null && held.length > 0;
    const open = opens && (wishes.opened.get(own) ?? (held.length <= MANY && (level < 2 || mark === "changed")));
    rows.push({ ...entry, path: own, level, position: at + 1, siblings: shown.length, mark, opens, open });
    if (open) add(rows, held, own, level + 1, wishes);
  }
}

function isShort({ now, before }: Entry): boolean {
  return [now, before].every((v) => v === undefined || fits(v, LINE));
}

/** Lines that were added and removed, in the order in which they stand. */
export interface Line {
  text: string;
  mark: "added" | "removed" | null;
}

/** Compares texts of more lines than this as a whole. */
const MANY_LINES = 2000;

/** The lines of a text beside those of the text before: by the longest common subsequence of what differs. */
export function linesOf(now: string, before: string): Line[] {
  const [a, b] = [before.split("\n"), now.split("\n")];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const same = (lines: string[]): Line[] => lines.map((text) => ({ text, mark: null }));
  return [
    ...same(b.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(b.slice(b.length - tail)),
  ];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const removed = a.map((text): Line => ({ text, mark: "removed" }));
  const added = b.map((text): Line => ({ text, mark: "added" }));
  if (a.length * b.length > MANY_LINES * MANY_LINES || a.length === 0 || b.length === 0) return [...removed, ...added];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const left = removed[i];
    const right = added[j];
    if (left && right && left.text === right.text) {
      lines.push({ text: left.text, mark: null });
      i += 1;
      j += 1;
    } else if (left && (!right || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))) {
      lines.push(left);
      i += 1;
    } else if (right) {
      lines.push(right);
      j += 1;
    }
  }
  return lines;
}
