/** What a chart draws: nodes as boxes around their centres, and edges as curves. */

export interface ChartNode {
  key: string;
  /** All that it stands for, for those who do not see it. */
  words: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ChartEdge {
  from: number;
  to: number;
  d: string;
  /** Of `back`, `trail` and `bad`. */
  look: string;
  weight: number;
  title: string;
  /** What is written beside it while its node is asked for, and where that ends. */
  words: string;
  x: number;
  y: number;
}

/** The nearest node in the direction of an arrow key; the same where there is none. */
export function neighbourTowards(nodes: ChartNode[], from: number, name: string): number {
  const here = nodes[from];
  if (here === undefined) return 0;
  const [ax, ay] = directions[name] ?? [0, 0];
  let best = from;
  let least = Infinity;
  nodes.forEach(({ x, y }, index) => {
    const [dx, dy] = [x - here.x, y - here.y];
    const along = dx * ax + dy * ay;
    if (index === from || along < 1) return;
    // What is aside is farther than it is, so that a key stays in its row or layer where it can.
    const cost = along + 2.5 * Math.abs(dx * ay - dy * ax);
    if (cost < least) [best, least] = [index, cost];
  });
  return best;
}

export function elided(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

const directions: { [name: string]: [number, number] } = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
