/** Lays out a layered graph away from the page, so that it stays responsive meanwhile. */

import { coordGreedy, coordSimplex, decrossTwoLayer, graph, sugiyama, type Graph, type Layering } from "d3-dag";
import type { Asked, Placed } from "./layers";

self.onmessage = ({ data }: MessageEvent<Asked>) => self.postMessage(place(data));

interface Datum {
  index: number;
  layer: number;
}

/** The layers are known already, so the library orders each of them and gives coordinates. */
const known: Layering<Datum, unknown> = <N extends Datum, L>(dag: Graph<N, L>): number => {
  let last = 0;
  for (const node of dag.nodes()) {
    node.y = node.data.layer;
    last = Math.max(last, node.data.layer);
  }
  return last;
};

function place({ id, nodes, edges, gap }: Asked): Placed {
  const started = performance.now();
  const built = graph<Datum, undefined>();
  const layers = compact(nodes.map(({ layer }) => layer));
  const all = nodes.map((_, index) => built.node({ index, layer: layers[index] ?? 0 }));
  for (const [from, to] of edges) {
    const [source, target] = [all[from], all[to]];
    if (source !== undefined && target !== undefined) source.child(target);
  }
  // Layers go from left to right, while the library's go down: across and along change places.
  const size = ({ data }: { data: Datum }) => [nodes[data.index]?.across ?? 1, nodes[data.index]?.along ?? 1] as const;
  const draw = sugiyama().layering(known).decross(decrossTwoLayer()).nodeSize(size).gap(gap);
  // The better coordinates take too long where there are many edges.
  const { width, height } =
    edges.length > MANY_EDGES ? draw.coord(coordGreedy())(built) : draw.coord(coordSimplex())(built);
  const at = all.map(({ x, y }) => [y, x] as [number, number]);
  return { id, at, width: height, height: width, milliseconds: performance.now() - started };
}

/** The same layers, numbered from 0 and without gaps. */
function compact(layers: number[]): number[] {
  const sorted = [...new Set(layers)].sort((a, b) => a - b);
  const numbers = new Map(sorted.map((layer, index) => [layer, index]));
  return layers.map((layer) => numbers.get(layer) ?? 0);
}

const MANY_EDGES = 300;
