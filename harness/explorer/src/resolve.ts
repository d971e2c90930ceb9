/** Follows a link through the model as it is now. */

import type { Case, Path, StateId } from "./api";
import { matches, type Link, type LinkedNode } from "./link";
import type { Server } from "./server";
import { treeOf, withPath, withRoot, type Tree } from "./tree";

export interface Resolved {
  tree: Tree;
  cursor: number;
  end: number;
  pin: number | null;
  bookmarks: { name: string; node: number }[];
  /** Where and why the model no longer goes along, in words. */
  changed: string | null;
}

export async function resolve(server: Server, model: Case, link: Link): Promise<Resolved> {
  const first = model.initial[0];
  if (first === undefined) throw new Error(`${model.model} has no initial state at ${model.bound}`);
  let tree: Tree = [];
  let changed: { at: number; why: string } | null = null;
  const note = (at: number, why: string) => {
    if (!changed || at < changed.at) changed = { at, why };
  };

  /** The node of the tree that each linked one has become. */
  const became = new Map<number, number>();
  for (const branch of branchesOf(link)) {
    const nodes = branch.map((key) => link.tree[key]);
    const start = model.initial.find((id) => matches(id, nodes[0]?.state ?? ""));
    if (start === undefined) note(0, "it begins in another state than in the link");
    if (branch.every((key) => became.has(key))) continue;

    const { path, differs } = await follow(server, model, start ?? first, nodes.slice(1));
    if (start !== undefined && differs !== null) note(differs, "it leads to another state than in the link");
    if (path.changed) note(path.changed.at, path.changed.why);

    const [begun, root] = withRoot(tree, path.states[0] ?? first);
    const [grown, along] = withPath(begun, root, path.steps);
    tree = grown;
    for (const [at, key] of branch.entries()) {
      const node = along[at];
      if (node !== undefined) became.set(key, node);
    }
  }

  const nearest = (key: number): number => {
    const node = became.get(key);
    if (node !== undefined) return node;
    const parent = link.tree[key]?.parent ?? null;
    return parent === null ? 0 : nearest(parent);
  };
  const { at, why } = changed ?? { at: 0, why: "" };
  return {
    tree: tree.length === 0 ? treeOf(first) : tree,
    cursor: nearest(link.cursor),
    end: nearest(link.end),
    pin: link.pin === null ? null : (became.get(link.pin) ?? null),
    bookmarks: link.bookmarks.flatMap(({ name, node }) => {
      const now = became.get(node);
      return now === undefined ? [] : [{ name, node: now }];
    }),
    changed: changed && `model changed at step ${at}: ${why}`,
  };
}

/** The way to each leaf; first to the end of the trail, so that it is the one that stays whole. */
function branchesOf({ tree, end }: Link): number[][] {
  const parents = new Set(tree.map((n) => n.parent));
  const leaves = tree.map((_, key) => key).filter((key) => !parents.has(key));
  return [end, ...leaves].filter((key) => tree[key]).map((key) => wayTo(tree, key));
}

function wayTo(tree: readonly LinkedNode[], key: number): number[] {
  const way: number[] = [];
  for (let here: number | null = key; here !== null; here = tree[here]?.parent ?? null) way.push(here);
  return way.reverse();
}

/**
 * Follows actions by their words. Where two steps have the same words, the digits of the link tell which it was. A state
 * that is another is passed over, and its place noted: perhaps the model only says more than it did.
 */
async function follow(
  server: Server,
  model: Case,
  start: StateId,
  nodes: readonly (LinkedNode | undefined)[],
): Promise<{ path: Path; differs: number | null }> {
  const steps: { action: string; to?: StateId }[] = nodes.map((n) => ({ action: n?.action ?? "" }));
  for (;;) {
    const path = await server.path(model.case, { start, steps });
    const at = path.states.slice(1).findIndex((id, i) => !matches(id, nodes[i]?.state ?? ""));
    const wrong = steps[at];
    const from = path.states[at];
    if (at < 0 || !wrong || from === undefined) return { path, differs: null };
    const state = await server.state(model.case, from);
    const meant = state.steps.find((s) => s.action === wrong.action && matches(s.to, nodes[at]?.state ?? ""));
    if (!meant?.to || wrong.to !== undefined) return { path, differs: at + 1 };
    wrong.to = meant.to;
  }
}
