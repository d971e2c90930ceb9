/** Which arrows a window of rows shows, gathered into few paths, so that ten thousand of them stay few elements. */

import { arrowPath, dotY, flightEnd, lineX, passingPath, type Geometry } from "./geometry";
import type { Arrow, Layout } from "./layout";

export interface Drawn {
  /** How it looks: the arrow's kind, `pending` where it is under way in the selected state, and `later` after that. */
  look: string;
  d: string;
}

/** Keeps each arrow's path as long as the geometry stands. */
export class Arrows {
  private readonly paths: string[] = [];

  constructor(
    private readonly layout: Layout,
    private readonly g: Geometry,
  ) {}

  /** All arrows that touch the rows from `first` to `last`. Those that would cover each other are drawn once. */
  within(first: number, last: number, at: number): Drawn[] {
    const looks = new Map<string, Map<string, string>>();
    this.layout.arrows.forEach((arrow, index) => {
      if (arrow.toRow < first || arrow.fromRow > last) return;
      const look = lookOf(arrow, at);
      let paths = looks.get(look);
      if (paths === undefined) looks.set(look, (paths = new Map<string, string>()));
      if (arrow.fromRow < first && arrow.toRow > last && arrow.toLine !== null) {
        const passing = passingPath(this.g, arrow, first, last);
        paths.set(passing, passing);
        return;
      }
      const key = `${arrow.fromRow} ${arrow.fromLine} ${arrow.toRow} ${arrow.toLine}`;
      if (!paths.has(key)) paths.set(key, this.path(index, arrow));
    });
    return [...looks]
      .map(([look, paths]) => ({ look, d: [...paths.values()].join("") }))
      .sort((a, b) => b.look.length - a.look.length);
  }

  private path(index: number, arrow: Arrow): string {
    return (this.paths[index] ??= arrowPath(this.g, arrow));
  }
}

export function lookOf(arrow: Arrow, at: number): string {
  if (arrow.fromRow > at) return `${arrow.kind} later`;
  if (arrow.toRow > at) return `${arrow.kind} pending`;
  return arrow.kind;
}

/** How many arrows of a row are drawn with their texts; the row's own words tell of the others. */
const WITH_TEXT = 4;

export interface Label {
  x: number;
  y: number;
  text: string;
  anchor: "start" | "middle" | "end";
}

/** The arrows that start or end on a row, as one path, and the texts of the first of them. */
export function arrowsOf(layout: Layout, g: Geometry, row: number): { d: string; labels: Label[] } {
  const own = layout.arrows.filter((arrow) => arrow.fromRow === row || arrow.toRow === row);
  const labels = spread(own.slice(0, WITH_TEXT).map((arrow) => labelOf(g, arrow, row)));
  if (own.length > WITH_TEXT) {
    const last = labels.at(-1);
    if (last !== undefined) labels.push({ ...last, y: last.y + 13, text: `and ${own.length - WITH_TEXT} more` });
  }
  for (const label of labels) keepIn(g, label);
  return { d: own.map((arrow) => arrowPath(g, arrow)).join(""), labels };
}

/** Words at the edge of the drawing would be cut off, and a long text would cover what it tells of. */
function keepIn(g: Geometry, label: Label): void {
  const most = Math.max(12, Math.min(34, Math.floor((2 * g.spacing) / LETTER)));
  if (label.text.length > most) label.text = `${label.text.slice(0, most - 1)}…`;
  const width = label.text.length * LETTER;
  const left = label.anchor === "start" ? 0 : label.anchor === "end" ? width : width / 2;
  label.x = Math.min(Math.max(label.x, left + 4), g.width - (width - left) - 4);
}

const LETTER = 6.7;

function labelOf(g: Geometry, arrow: Arrow, row: number): Label {
  const x0 = lineX(g, arrow.fromLine);
  const y0 = dotY(g, arrow.fromRow);
  if (arrow.kind === "in-flight") {
    const { x, y } = flightEnd(g, x0, y0, arrow.toLine);
    return x < x0
      ? { x: x - 7, y: y + 4, text: arrow.text, anchor: "end" }
      : { x: x + 7, y: y + 4, text: arrow.text, anchor: "start" };
  }
  const x1 = arrow.toLine === null ? x0 + g.spacing * 0.7 : lineX(g, arrow.toLine);
  const y1 = dotY(g, arrow.toRow);
  if (x0 === x1)
    return { x: x0 + Math.min(26, g.spacing * 0.45), y: (y0 + y1) / 2 + 4, text: arrow.text, anchor: "start" };
  // A long arrow has its text near the row that is asked for, where it is in view.
  const [dx, dy] = [x1 - x0, y1 - y0];
  const share = Math.min(0.5, dy === 0 ? 0.5 : 60 / Math.abs(dy));
  const along = arrow.fromRow === row ? share : 1 - share;
  return { x: x0 + dx * along, y: y0 + dy * along + 4, text: times(arrow), anchor: "middle" };
}

function times(arrow: Arrow): string {
  return arrow.times > 1 ? `${arrow.text} ×${arrow.times}` : arrow.text;
}

/** Moves texts that would cover each other one below the other. */
function spread(labels: Label[]): Label[] {
  const placed: Label[] = [];
  for (const label of labels.sort((a, b) => a.y - b.y)) {
    let y = label.y;
    for (const other of placed) {
      if (
        Math.abs(other.y - y) < 13 &&
        Math.abs(other.x - label.x) < 6.2 * Math.max(label.text.length, other.text.length)
      )
        y = other.y + 13;
    }
    placed.push({ ...label, y });
  }
  return placed;
}

/** The marks of further receipts and of several messages in flight, for the rows from `first` to `last`. */
export function counts(layout: Layout, g: Geometry, first: number, last: number): Label[] {
  const again = new Map<string, Arrow>();
  const flights = new Map<string, { arrow: Arrow; count: number }>();
  for (const arrow of layout.arrows) {
    if (arrow.toRow < first || arrow.toRow > last) continue;
    if (arrow.kind === "again") again.set(`${arrow.toRow} ${arrow.toLine}`, arrow);
    if (arrow.kind !== "in-flight") continue;
    const key = `${arrow.fromRow} ${arrow.fromLine} ${side(arrow)}`;
    const found = flights.get(key);
    if (found === undefined) flights.set(key, { arrow, count: 1 });
    else found.count += 1;
  }
  const labels: Label[] = [];
  for (const arrow of again.values()) {
    const to = arrow.toLine ?? arrow.fromLine;
    const left = to >= arrow.fromLine;
    const x = lineX(g, to) + (left ? 8 : -8);
    labels.push({ x, y: dotY(g, arrow.toRow) - 5, text: `×${arrow.times}`, anchor: left ? "start" : "end" });
  }
  for (const { arrow, count } of flights.values()) {
    if (count < 2) continue;
    const { x, y } = flightEnd(g, lineX(g, arrow.fromLine), dotY(g, arrow.fromRow), arrow.toLine);
    const left = side(arrow) < 0;
    labels.push({ x: x + (left ? -6 : 6), y: y + 4, text: String(count), anchor: left ? "end" : "start" });
  }
  return labels;
}

function side(arrow: Arrow): number {
  return arrow.toLine === null ? 0 : Math.sign(arrow.toLine - arrow.fromLine);
}
