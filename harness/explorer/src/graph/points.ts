/** Every state as a point, drawn by WebGL. Loaded when it is first shown, since it is large. */

import { MultiDirectedGraph } from "graphology";
import Sigma from "sigma";
import type { Points, StateId } from "../api";

export interface Colours {
  plain: string;
  edge: string;
  here: string;
  trail: string;
  violating: string;
  deadlock: string;
  text: string;
}

export interface Drawn {
  /** The main thread's time until the first picture, in milliseconds. */
  milliseconds: number;
  mark: (at: StateId, trail: StateId[]) => void;
  kill: () => void;
}

interface Attributes {
  x: number;
  y: number;
  size: number;
  color: string;
  zIndex: number;
  [name: string]: unknown;
}

export function drawPoints(
  container: HTMLElement,
  points: Points,
  colours: Colours,
  onselect: (id: StateId) => void,
): Drawn {
  const started = performance.now();
  const built = new MultiDirectedGraph<Attributes>();
  const size = points.ids.length > 20_000 ? 1.2 : points.ids.length > 2000 ? 2 : 3.5;
  // Depth goes to the right, as in the other drawings, and both ways fill the room that there is.
  const along = extent(points.y);
  const across = extent(points.x);
  const shape = container.clientHeight / Math.max(1, container.clientWidth);
  points.ids.forEach((id, index) => {
    // The states of a large depth would cover each other on one line, so that they are spread around it.
    const aside = points.ids.length > FEW ? (((index * GOLDEN) % 1) - 0.5) * 0.6 : 0;
    const x = ((points.y[index] ?? 0) + aside - along.least) / along.length;
    const y = (((points.x[index] ?? 0) - across.least) / across.length) * shape;
    built.addNode(id, { x, y, size, color: colours.plain, zIndex: 0 });
  });
  const own = (indices: number[], color: string) =>
    indices.forEach((index) => {
      const id = points.ids[index];
      if (id !== undefined) built.mergeNodeAttributes(id, { color, size: size * 1.6, zIndex: 1 });
    });
  own(points.deadlocks, colours.deadlock);
  own(points.violating, colours.violating);
  for (let index = 0; index + 1 < points.edges.length; index += 2) {
    const [from, to] = [points.ids[points.edges[index] ?? -1], points.ids[points.edges[index + 1] ?? -1]];
    if (from !== undefined && to !== undefined) built.addEdge(from, to);
  }

  let here = "";
  let trail = new Set<StateId>();
  const sigma = new Sigma<Attributes>(built, container, {
    allowInvalidContainer: true,
    defaultEdgeColor: colours.edge,
    hideEdgesOnMove: true,
    labelColor: { color: colours.text },
    minEdgeThickness: 0.4,
    renderLabels: false,
    stagePadding: 24,
    zIndex: true,
    nodeReducer: (id, data) => {
      if (id === here) return { ...data, color: colours.here, size: Math.max(6, size * 2), zIndex: 3 };
      if (trail.has(id)) return { ...data, color: colours.trail, size: Math.max(4, size * 1.5), zIndex: 2 };
      return data;
    },
    edgeReducer: (_, data) => ({ ...data, size: 0.6 }),
  });
  sigma.on("clickNode", ({ node }) => onselect(node));
  const milliseconds = performance.now() - started;

  return {
    milliseconds,
    mark(at, states) {
      const changed = new Set([here, ...trail, at, ...states]);
      here = at;
      trail = new Set(states);
      sigma.refresh({ partialGraph: { nodes: [...changed].filter((id) => built.hasNode(id)) }, skipIndexation: true });
    },
    kill: () => sigma.kill(),
  };
}

const FEW = 300;
/** Its multiples fall evenly between 0 and 1. */
const GOLDEN = 0.618033988749895;

function extent(values: number[]): { least: number; length: number } {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, length: most - least || 1 };
}
