/** The tree of what was visited as rows: a branch is indented only where another leaves from the same state. */

import type { Node, Tree } from "./tree";

export interface BranchRow {
  node: Node;
  /** How many steps led here. */
  step: number;
  level: number;
}

export function branchRows(tree: Tree): BranchRow[] {
  const rows: BranchRow[] = [];
  const ahead: BranchRow[] = tree
    .filter((n) => n.parent === null)
    .map((node) => ({ node, step: 0, level: 1 }))
    .reverse();
  for (let row = ahead.pop(); row; row = ahead.pop()) {
    const { node, step, level } = row;
    rows.push(row);
    const forks = node.children.length > 1;
    for (const child of [...node.children].reverse()) {
      const next = tree[child];
      if (next) ahead.push({ node: next, step: step + 1, level: forks ? level + 1 : level });
    }
  }
  return rows;
}
