/** The whole space-time diagram as a picture of its own: it needs no style sheet, and is in light colours. */

import type { Step } from "../api";
import { Arrows, counts, type Label } from "../diagram/arrows";
import { cross, dotY, geometry, lineX, linePaths, loopPath, type Geometry } from "../diagram/geometry";
import { layout, violations, type Layout } from "../diagram/layout";
import { shortName } from "../diagram/words";
import { element, light, type Look, type Markup } from "./markup";

export interface Diagram {
  title: string;
  description: string;
  processes: readonly string[];
  steps: readonly Step[];
  loop: number | null;
  marks: { [at: number]: string };
}

export function diagramSvg({ title, description, processes, steps, loop, marks }: Diagram): string {
  const plan = layout(processes, steps);
  const tagged = new Set([...Object.keys(marks).map(Number), ...violations(plan)]);
  const g = geometry(plan, WIDTH, loop !== null, tagged);
  const last = plan.rows.length - 1;
  const height = HEAD + (g.tops.at(-1) ?? 0) + 12;
  const body = element("g", { transform: `translate(0 ${HEAD})` }, [
    ...lines(g, plan),
    loop === null ? null : path(loopPath(g, loop, last), { stroke: light.accent, "stroke-width": 1.5 }),
    ...new Arrows(plan, g).within(0, last, last).map(({ look, d }) => path(d, arrowLook(look))),
    ...counts(plan, g, 0, last).map((label) => text(label, { fill: light.soft })),
    ...plan.rows.map((_, row) => dot(g, plan, row)),
    ...plan.rows.map((_, row) => words(g, row, steps[row - 1], marks[row])),
  ]);
  const heading = [
    text({ x: 12, y: 22, text: title, anchor: "start" }, { fill: light.ink, "font-size": 15, "font-weight": 600 }),
    text({ x: 12, y: 40, text: description, anchor: "start" }, { fill: light.soft }),
  ];
  const names = processes.map((name, line) =>
    text(
      { x: lineX(g, line), y: HEAD - 12, text: shortName(name, g.spacing - 8), anchor: "middle" },
      { fill: light.ink, "font-weight": 600 },
    ),
  );
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "aria-labelledby": "title description",
      "font-family": "system-ui, 'Segoe UI', 'Noto Sans', 'Liberation Sans', sans-serif",
      "font-size": 12,
    },
    [
      element("title", { id: "title" }, title),
      element("desc", { id: "description" }, description),
      element("rect", { width: WIDTH, height, fill: light.card }),
      ...heading,
      ...names,
      path(`M0 ${HEAD - 0.5}H${WIDTH}`, { stroke: light.line }),
      body,
    ],
  ).text;
}

const WIDTH = 1080;
const HEAD = 80;
const LETTER = 6.4;

function lines(g: Geometry, plan: Layout): (Markup | null)[] {
  const bottom = dotY(g, plan.rows.length - 1) + 10;
  return Array.from({ length: plan.lines }, (_, line) => linePaths(g, plan, line, 0, bottom)).flatMap(
    ({ up, down }) => [
      path(up, { stroke: light.edge, "stroke-opacity": 0.7 }),
      path(down, { stroke: light.edge, "stroke-dasharray": "1 5" }),
    ],
  );
}

function arrowLook(look: string): Look {
  const [kind] = look.split(" ");
  const dashed = kind === "again" || kind === "unsent";
  const rest: Look = dashed ? { "stroke-dasharray": "4 3" } : {};
  const stroke = kind === "lost" ? light.open : light.soft;
  return { stroke, "stroke-width": 1.2, "stroke-linecap": "round", "stroke-linejoin": "round", ...rest };
}

function dot(g: Geometry, plan: Layout, row: number): Markup | null {
  const of = plan.rows[row];
  const y = dotY(g, row);
  if (of === undefined) return null;
  if (row === 0) {
    const ticks = Array.from({ length: plan.lines }, (_, line) => `M${lineX(g, line) - 4} ${y}h8`).join("");
    return path(ticks, { stroke: light.soft, "stroke-width": 2 });
  }
  if (of.line === null) {
    const across = `M${g.first - g.spacing / 2 + 4} ${y}H${lineX(g, plan.lines - 1) + g.spacing / 2 - 4}`;
    if (of.fault === "partition")
      return path(across, { stroke: light.open, "stroke-width": 2, "stroke-dasharray": "6 3" });
    if (of.fault === "heal") return path(across, { stroke: light.good, "stroke-width": 2 });
    return path(across, { stroke: light.edge, "stroke-dasharray": "2 3" });
  }
  const x = lineX(g, of.line);
  if (of.fault === "crash") return path(cross(x, y, 5), { stroke: light.bad, "stroke-width": 2.2 });
  if (of.fault === "restart") return element("rect", { x: x - 4.5, y: y - 4.5, width: 9, height: 9, fill: light.ink });
  if (of.violated) return element("path", { d: `M${x} ${y - 6.5}l6.5 6.5l-6.5 6.5l-6.5-6.5Z`, fill: light.bad });
  return element("circle", { cx: x, cy: y, r: 4, fill: light.ink });
}

/** The number of a row, its action, and what is to be said besides. */
function words(g: Geometry, row: number, step: Step | undefined, mark: string | undefined): Markup {
  const y = dotY(g, row) + 4;
  const besides = [
    ...(step?.violates.map(({ claim }) => `violates ${claim}`) ?? []),
    ...(mark === undefined ? [] : [mark]),
  ].join(", ");
  const room = Math.floor(g.wordsWidth / LETTER);
  const most = besides === "" ? room : Math.max(12, room - besides.length - 3);
  const action = step?.action ?? "start";
  const shown = action.length > most ? `${action.slice(0, most - 1)}…` : action;
  const parts: Markup[] = [
    text({ x: 26, y, text: String(row), anchor: "end" }, { fill: light.soft, "font-size": 11 }),
    text({ x: g.words, y, text: shown, anchor: "start" }, { fill: light.ink }),
  ];
  if (besides !== "") {
    const fill = (step?.violates.length ?? 0) > 0 ? light.bad : light.soft;
    parts.push(text({ x: WIDTH - 10, y, text: besides, anchor: "end" }, { fill, "font-size": 11 }));
  }
  // What is cut here is told whole to those who point at it.
  return element("g", {}, [element("title", {}, action), ...parts]);
}

function path(d: string, look: Look): Markup | null {
  return d === "" ? null : element("path", { d, fill: "none", ...look });
}

function text({ x, y, text: content, anchor }: Label, look: Look): Markup {
  return element("text", { x: Math.round(x * 10) / 10, y, "text-anchor": anchor, ...look }, content);
}
