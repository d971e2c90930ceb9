/** A layered layout, made by a worker that starts when it is first needed. */

export interface Asked {
  id: number;
  /** The extent of each node across its layer and along the edges. */
  nodes: { layer: number; across: number; along: number }[];
  /** Pairs of indices; each leads from a layer to a later one. */
  edges: [number, number][];
  /** The gaps between the nodes of a layer, and between layers. */
  gap: [number, number];
}

export interface Placed {
  id: number;
  /** The centre of each node; layers go from left to right. */
  at: [number, number][];
  width: number;
  height: number;
  milliseconds: number;
}

/** Of many questions the last one counts: a question that comes while another is worked on ends that. */
export class Layers {
  private worker: Worker | null = null;
  private last = 0;
  private fail: ((error: Error) => void) | null = null;

  place(asked: Omit<Asked, "id">): Promise<Placed> {
    this.end();
    // The static export has no workers, and no graph that would need one.
    if (EXPORTED) return Promise.reject(new Error("an exported page has no graph"));
    this.worker ??= new Worker(new URL("./layers.worker.ts", import.meta.url), { type: "module" });
    const { worker } = this;
    const id = (this.last += 1);
    return new Promise((resolve, reject) => {
      this.fail = reject;
      worker.onmessage = ({ data }: MessageEvent<Placed>) => {
        if (data.id !== id) return;
        this.fail = null;
        resolve(data);
      };
      worker.onerror = (event) => reject(new Error(`the layout failed: ${event.message}`));
      worker.postMessage({ ...asked, id });
    });
  }

  /** Stops what is under way. A worker that has nothing to do is kept. */
  end(): void {
    if (this.fail === null) return;
    this.fail(new DOMException("another layout was asked for", "AbortError"));
    this.fail = null;
    this.worker?.terminate();
    this.worker = null;
  }

  close(): void {
    this.end();
    this.worker?.terminate();
    this.worker = null;
  }
}

export interface Sides {
  /** Those that the layout goes by: each leads to a later layer. */
  forward: [number, number][];
  /** Those within a layer or back to an earlier one. */
  other: [number, number][];
}

/** Drops the edges that would close a cycle: what is left leads from layer to layer. */
export function sides(layers: number[], edges: [number, number][]): Sides {
  const forward: [number, number][] = [];
  const other: [number, number][] = [];
  const seen = new Set<string>();
  for (const edge of edges) {
    const [from, to] = edge;
    const key = `${from} ${to}`;
    if (seen.has(key)) continue;
    seen.add(key);
    ((layers[from] ?? 0) < (layers[to] ?? 0) ? forward : other).push(edge);
  }
  return { forward, other };
}

/** Each node's distance from the nearest of the first ones; those that cannot be reached come first too. */
export function distances(nodes: number, edges: [number, number][], first: number[]): number[] {
  const next = new Map<number, number[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const layers = new Array<number>(nodes).fill(-1);
  let layer = first.length > 0 ? first : [0];
  for (let depth = 0; layer.length > 0; depth += 1) {
    for (const node of layer) layers[node] = depth;
    layer = [...new Set(layer.flatMap((node) => next.get(node) ?? []))].filter((node) => layers[node] === -1);
  }
  return layers.map((depth) => Math.max(0, depth));
}

/** An edge as a curve between two boxes: from the right side of one to the left of the next, or around. */
export function edgeCurve(from: Box, to: Box): string {
  const [x0, y0, x1, y1] = [from.x + from.width / 2, from.y, to.x - to.width / 2, to.y];
  if (from.x === to.x && from.y === to.y) {
    const [y, w] = [from.y - from.height / 2, Math.min(10, from.width / 3)];
    return `M${n(from.x - w)} ${n(y)}c-6 -16 ${n(2 * w + 6)} -16 ${n(2 * w)} 0`;
  }
  if (x1 > x0) {
    const middle = (x0 + x1) / 2;
    return `M${n(x0)} ${n(y0)}C${n(middle)} ${n(y0)} ${n(middle)} ${n(y1)} ${n(x1)} ${n(y1)}`;
  }
  // Backwards, or within a layer: it leaves to the right and comes in from the left only where there is a way.
  if (Math.abs(from.x - to.x) < 1) {
    const out = 18 + Math.min(40, Math.abs(y1 - y0) / 8);
    const right = to.x + to.width / 2;
    return `M${n(x0)} ${n(y0)}C${n(x0 + out)} ${n(y0)} ${n(right + out)} ${n(y1)} ${n(right)} ${n(y1)}`;
  }
  const lift = Math.min(90, 20 + (from.x - to.x) / 8);
  const [top, end] = [from.y - from.height / 2, to.y - to.height / 2];
  return `M${n(from.x)} ${n(top)}C${n(from.x)} ${n(top - lift)} ${n(to.x)} ${n(end - lift)} ${n(to.x)} ${n(end)}`;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function n(x: number): string {
  return String(Math.round(x * 10) / 10);
}
