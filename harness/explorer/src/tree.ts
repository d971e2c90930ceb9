/** The tree of what was visited: every branch is kept, also those that were left. */

import type { Path, StateId, Step } from "./api";

/** A visit of a state. Its key is its index in the tree. */
export interface Node {
  key: number;
  state: StateId;
  parent: number | null;
  /** The step from the parent; null for one that begins. */
  step: Step | null;
  children: readonly number[];
  /** The child that was visited last: there the trail goes on. */
  last: number | null;
}

/** A tree is never changed, so that whatever shows one can tell whether it is another. */
export type Tree = readonly Node[];

export function treeOf(state: StateId): Tree {
  return [{ key: 0, state, parent: null, step: null, children: [], last: null }];
}

/** The tree with that beginning, and its key. */
export function withRoot(tree: Tree, state: StateId): [Tree, number] {
  const known = tree.find((n) => n.parent === null && n.state === state);
  if (known) return [tree, known.key];
  return [[...tree, { key: tree.length, state, parent: null, step: null, children: [], last: null }], tree.length];
}

/** The tree with those steps from a node, and the keys of the nodes along them. A step that was visited is not doubled. */
export function withPath(tree: Tree, from: number, steps: readonly Step[]): [Tree, number[]] {
  const grown = [...tree];
  const along = [from];
  let here = from;
  for (const step of steps) {
    const node = grown[here];
    if (!node || step.to === null) break;
    const known = node.children.find((c) => grown[c]?.state === step.to && grown[c]?.step?.action === step.action);
    const next = known ?? grown.length;
    if (known === undefined) {
      grown.push({ key: next, state: step.to, parent: here, step, children: [], last: null });
    }
    grown[here] = { ...node, children: known === undefined ? [...node.children, next] : node.children, last: next };
    along.push(next);
    here = next;
  }
  return [grown, along];
}

/** The tree in which a node is on the trail of each of its ancestors. */
export function withVisit(tree: Tree, key: number): Tree {
  const changed = [...tree];
  for (let child = changed[key]; child && child.parent !== null; child = changed[child.parent]) {
    const parent = changed[child.parent];
    if (parent && parent.last !== child.key) changed[child.parent] = { ...parent, last: child.key };
  }
  return changed;
}

/** The nodes from the beginning to that one. */
export function pathTo(tree: Tree, key: number): Node[] {
  const path: Node[] = [];
  for (let node = tree[key]; node; node = node.parent === null ? undefined : tree[node.parent]) path.push(node);
  return path.reverse();
}

/** The nodes from the beginning to that one, and on along what was visited last. */
export function trailThrough(tree: Tree, key: number): Node[] {
  const trail = pathTo(tree, key);
  for (let last = tree[key]?.last ?? null; last !== null; last = tree[last]?.last ?? null) {
    const node = tree[last];
    if (!node) break;
    trail.push(node);
  }
  return trail;
}

/** A path as the server answers with it, of nodes one after the other. */
export function asPath(nodes: readonly Node[]): Path {
  return {
    states: nodes.map((n) => n.state),
    steps: nodes.slice(1).flatMap((n) => (n.step ? [n.step] : [])),
    changed: null,
  };
}
