/** Where the parts of a space-time diagram stand, in pixels, and the paths of its arrows. */

import type { Arrow, Layout } from "./layout";

export interface Geometry {
  narrow: boolean;
  /** The distance between lines, and where the first one is. */
  spacing: number;
  first: number;
  /** Where the words start, and how wide they are. */
  words: number;
  wordsWidth: number;
  width: number;
  /** The upper edge of each row, and after the last the height of all. */
  tops: number[];
  /** From the upper edge of a row to its dot. */
  dot: number;
}

/** Below this width the words stand under the lines. */
export const NARROW = 500;

const GUTTER = 34;
const BRACKET = 14;
const ROW = 30;
const ROW_NARROW = 46;
const THIN = 26;
const THIN_NARROW = 46;
/** What tags add to a row where they stand below its words. */
const TAGS = 24;

/** `tagged` are the rows with more to say than their words. */
export function geometry(layout: Layout, width: number, hasLoop: boolean, tagged: Set<number>): Geometry {
  // A single line leaves room enough beside it.
  const narrow = width < NARROW && layout.lines > 1;
  const left = GUTTER + (hasLoop ? BRACKET : 0);
  const forWords = narrow ? 0 : Math.min(Math.max(240, width * 0.46), width - left - layout.lines * 20);
  // The lines share what the words leave them, and many of them come closer together rather than scroll sideways.
  const room = Math.max(width - left - forWords - 12, layout.lines * 14);
  const spacing = Math.min(layout.lines === 1 ? 56 : 150, room / layout.lines);
  const words = narrow ? left : left + spacing * layout.lines + 12;
  const tops = [0];
  let y = 0;
  layout.rows.forEach((row, at) => {
    const thin = row.line === null;
    y += narrow ? (thin ? THIN_NARROW : ROW_NARROW) + (tagged.has(at) ? TAGS : 0) : thin ? THIN : ROW;
    tops.push(y);
  });
  return {
    narrow,
    spacing,
    first: left + spacing / 2,
    words,
    wordsWidth: Math.max(80, width - words - 8),
    width,
    tops,
    dot: narrow ? 14 : 15,
  };
}

export function lineX(g: Geometry, line: number): number {
  return g.first + line * g.spacing;
}

export function dotY(g: Geometry, row: number): number {
  const top = g.tops[row] ?? 0;
  // A thin row is lower than others, and what happens on it happens in its middle.
  return top + Math.min(g.dot, ((g.tops[row + 1] ?? top) - top) / 2);
}

/** The row at a height: the last one whose upper edge is not below it. */
export function rowAt(g: Geometry, y: number): number {
  let low = 0;
  let high = g.tops.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((g.tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The rows in view, and some beyond them, so that scrolling shows no gap. */
export function rowsIn(g: Geometry, top: number, height: number): { first: number; last: number } {
  const beyond = height / 2;
  return { first: rowAt(g, Math.max(0, top - beyond)), last: rowAt(g, top + height + beyond) };
}

const RADIUS = 5;
const HEAD = 6;

/** An arrow as a path: its shaft and its end, which is a head, a cross, or a ring for what is still in flight. */
export function arrowPath(g: Geometry, arrow: Arrow): string {
  const x0 = lineX(g, arrow.fromLine);
  const y0 = dotY(g, arrow.fromRow);
  if (arrow.kind === "in-flight") return flightPath(g, x0, y0, arrow.toLine);
  if (arrow.kind === "lost") return lostPath(g, arrow, x0, y0);
  const toLine = arrow.toLine ?? arrow.fromLine;
  const x1 = lineX(g, toLine);
  const y1 = dotY(g, arrow.toRow);
  if (toLine === arrow.fromLine) return selfPath(g, x0, y0, y1);
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [xs, ys] = [x0 + dx * RADIUS, y0 + dy * RADIUS];
  const [xe, ye] = [x1 - dx * (RADIUS + 1), y1 - dy * (RADIUS + 1)];
  return `M${n(xs)} ${n(ys)}L${n(xe)} ${n(ye)}${head(xe, ye, dx, dy)}`;
}

/**
 * The part of an arrow that passes the rows from `first` to `last`, which holds neither of its ends. Rounded, since
 * thousands of them may pass, and those that are a pixel apart look like one.
 */
export function passingPath(g: Geometry, arrow: Arrow, first: number, last: number): string {
  const [x0, y0] = [lineX(g, arrow.fromLine), dotY(g, arrow.fromRow)];
  const [x1, y1] = [lineX(g, arrow.toLine ?? arrow.fromLine), dotY(g, arrow.toRow)];
  const [top, bottom] = [g.tops[first] ?? 0, g.tops[last + 1] ?? 0];
  // A process that sends to itself has the arrow beside its line.
  const aside = x0 === x1 ? Math.min(26, g.spacing * 0.45) * 0.75 : 0;
  const at = (y: number) => Math.round((x0 + ((x1 - x0) * (y - y0)) / (y1 - y0) + aside) / 2) * 2;
  return `M${at(top)} ${top}L${at(bottom)} ${bottom}`;
}

/** A process that sends to itself: beside its own line. */
function selfPath(g: Geometry, x: number, y0: number, y1: number): string {
  const out = Math.min(26, g.spacing * 0.45);
  const [ys, ye] = y1 > y0 ? [y0 + 3, y1 - 3] : [y0 - 4, y0 + 4];
  return `M${n(x + 4)} ${n(ys)}C${n(x + out)} ${n(ys + 4)} ${n(x + out)} ${n(ye - 4)} ${n(x + 6)} ${n(ye)}${head(x + 6, ye, -0.97, 0.24)}`;
}

function flightPath(g: Geometry, x: number, y: number, toLine: number | null): string {
  const { x: xe, y: ye } = flightEnd(g, x, y, toLine);
  const length = Math.hypot(xe - x, ye - y);
  const [dx, dy] = [(xe - x) / length, (ye - y) / length];
  return `M${n(x + dx * RADIUS)} ${n(y + dy * RADIUS)}L${n(xe - dx * 3)} ${n(ye - dy * 3)}${ring(xe, ye)}`;
}

/** Where the ring of a message in flight is: a short way towards its receiver, or down where it is for everybody. */
export function flightEnd(g: Geometry, x: number, y: number, toLine: number | null): { x: number; y: number } {
  const to = toLine === null ? x : lineX(g, toLine);
  const way = Math.sign(to - x) * Math.min(30, g.spacing * 0.4);
  return { x: x + (way === 0 ? Math.min(8, g.spacing * 0.3) : way), y: y + (way === 0 ? 12 : 8) };
}

function lostPath(g: Geometry, arrow: Arrow, x0: number, y0: number): string {
  const y1 = dotY(g, arrow.toRow);
  const to = arrow.toLine === null ? x0 + g.spacing * 0.7 : lineX(g, arrow.toLine);
  // It ends before the line of its receiver, which never has it.
  const x1 = to === x0 ? x0 + g.spacing * 0.35 : to - Math.sign(to - x0) * Math.min(18, g.spacing * 0.35);
  const [xs, ys] = [x0 + Math.sign(x1 - x0) * 4, y0 + (y1 > y0 ? 3 : 0)];
  return `M${n(xs)} ${n(ys)}L${n(x1)} ${n(y1)}${cross(x1, y1, 4)}`;
}

function head(x: number, y: number, dx: number, dy: number): string {
  const [bx, by] = [x - dx * HEAD, y - dy * HEAD];
  const w = HEAD * 0.5;
  return `M${n(bx - dy * w)} ${n(by + dx * w)}L${n(x)} ${n(y)}L${n(bx + dy * w)} ${n(by - dx * w)}`;
}

function ring(x: number, y: number): string {
  return `M${n(x - 3)} ${n(y)}a3 3 0 1 0 6 0a3 3 0 1 0-6 0`;
}

export function cross(x: number, y: number, r: number): string {
  return `M${n(x - r)} ${n(y - r)}L${n(x + r)} ${n(y + r)}M${n(x - r)} ${n(y + r)}L${n(x + r)} ${n(y - r)}`;
}

/** The line of a process from the top to the bottom, with a gap for each time that it is down. */
export function linePaths(
  g: Geometry,
  layout: Layout,
  line: number,
  top: number,
  bottom: number,
): { up: string; down: string } {
  const x = n(lineX(g, line));
  let [up, down, y] = ["", "", top];
  for (const outage of layout.outages) {
    if (outage.line !== line) continue;
    const [since, until] = [dotY(g, outage.since), outage.until === Infinity ? bottom : dotY(g, outage.until)];
    if (until < top || since > bottom) continue;
    if (since > y) up += `M${x} ${n(y)}V${n(since)}`;
    down += `M${x} ${n(Math.max(since, top) + 7)}V${n(Math.min(until, bottom) - 7)}`;
    y = Math.max(y, until);
  }
  if (y < bottom) up += `M${x} ${n(y)}V${n(bottom)}`;
  return { up, down };
}

/** The bracket of a lasso, from its last row up to the row that it returns to. */
export function loopPath(g: Geometry, loop: number, last: number): string {
  const [from, to] = [dotY(g, last), dotY(g, loop)];
  if (from === to) return `M14 ${n(from - 5)}H8a5 5 0 0 0 0 10H14${head(14, from + 5, 1, 0)}`;
  return `M14 ${n(from)}H9a5 5 0 0 1-5-5V${n(to + 5)}a5 5 0 0 1 5-5H14${head(14, to, 1, 0)}`;
}

function n(x: number): string {
  return String(Math.round(x * 10) / 10);
}
