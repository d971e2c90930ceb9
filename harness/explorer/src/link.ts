/**
 * A link holds all that is needed to come back: the model with its bound and changes, the tree of what was visited with
 * its actions in words, and of each state the first digits of its name, by which a changed model is noticed.
 */

import type { Asked, StateId } from "./api";
import type { Tree } from "./tree";

export interface Link {
  asked: Asked;
  /** Empty where the page stands at the beginning. */
  tree: LinkedNode[];
  cursor: number;
  /** The end of the trail. */
  end: number;
  pin: number | null;
  bookmarks: { name: string; node: number }[];
  tab: string | null;
  /** The claim whose truth is shown at each step. */
  watched: string | null;
  counterexample: string | null;
}

export interface LinkedNode {
  parent: number | null;
  action: string | null;
  /** The first digits of the state's name. */
  state: string;
}

/** How many digits of a state's name a link holds: enough to notice a change, and short. */
const DIGITS = 8;
/** A tree that is longer than this as text is deflated. */
const LONG = 240;

export function linkedTree(tree: Tree): LinkedNode[] {
  return tree.map((n) => ({ parent: n.parent, action: n.step?.action ?? null, state: n.state.slice(0, DIGITS) }));
}

export function matches(id: StateId | null | undefined, linked: string): boolean {
  return typeof id === "string" && id.startsWith(linked);
}

/** What stands behind the `#`. */
export async function encode(link: Link): Promise<string> {
  const fields = new URLSearchParams({ model: link.asked.model });
  const put = (name: string, value: string | number | null | undefined) => {
    if (value !== null && value !== undefined && value !== "") fields.append(name, `${value}`);
  };
  put("bound", link.asked.bound);
  for (const [name, value] of Object.entries(link.asked.set ?? {})) put("set", `${name}=${value}`);
  put("mutant", link.asked.mutant);
  put("tab", link.tab);
  put("watch", link.watched);
  put("counterexample", link.counterexample);
  if (link.tree.length > 0) {
    put("at", link.cursor);
    if (link.end !== link.cursor) put("end", link.end);
    put("pin", link.pin);
    for (const { name, node } of link.bookmarks) put("mark", `${node}:${name}`);
    put("tree", await pack(JSON.stringify(packed(link.tree))));
  }
  return fields.toString();
}

/** Null where there is no link; a link that is broken is refused with an error. */
export async function decode(hash: string): Promise<Link | null> {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const model = fields.get("model");
  if (!model) {
    if ([...fields].length > 0) throw new Error("this link names no model");
    return null;
  }
  const text = fields.get("tree");
  const tree = text === null ? [] : unpacked(await unpack(text));
  const key = (field: string): number | null => {
    const written = fields.get(field);
    if (written === null) return null;
    if (!/^\d+$/.test(written) || Number(written) >= tree.length) throw broken(`its “${field}” is nowhere in its tree`);
    return Number(written);
  };
  const cursor = key("at") ?? 0;
  return {
    asked: {
      model,
      bound: fields.get("bound"),
      set: Object.fromEntries(fields.getAll("set").map(settingOf)),
      mutant: fields.get("mutant"),
    },
    tree,
    cursor,
    end: key("end") ?? cursor,
    pin: key("pin"),
    bookmarks: fields.getAll("mark").flatMap((mark) => {
      const [, node, name] = /^(\d+):(.+)$/s.exec(mark) ?? [];
      return node !== undefined && name !== undefined && Number(node) < tree.length
        ? [{ name, node: Number(node) }]
        : [];
    }),
    tab: fields.get("tab"),
    watched: fields.get("watch"),
    counterexample: fields.get("counterexample"),
  };
}

function settingOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw broken(`“${text}” is no KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function broken(why: string): Error {
  return new Error(`this link is broken: ${why}`);
}

/** The words of the actions, and each node as `[parent, words, state]`; the parent and words of one that begins are -1. */
type Packed = [words: string[], nodes: [parent: number, words: number, state: string][]];

function packed(tree: LinkedNode[]): Packed {
  const words = [...new Set(tree.flatMap((n) => (n.action === null ? [] : [n.action])))];
  const number = new Map(words.map((w, i) => [w, i]));
  return [words, tree.map((n) => [n.parent ?? -1, n.action === null ? -1 : (number.get(n.action) ?? -1), n.state])];
}

function unpacked(text: string): LinkedNode[] {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    throw broken("its tree is cut");
  }
  if (!Array.isArray(written) || !Array.isArray(written[0]) || !Array.isArray(written[1])) {
    throw broken("its tree has another form");
  }
  const [words, nodes] = written as [unknown[], unknown[]];
  if (nodes.length === 0) throw broken("its tree is empty");
  return nodes.map((node, at) => {
    const [parent, word, state] = Array.isArray(node) ? (node as unknown[]) : [];
    const begins = parent === -1 && word === -1;
    const action = typeof word === "number" ? words[word] : undefined;
    const follows = Number.isInteger(parent) && (parent as number) >= 0 && (parent as number) < at;
    if (typeof state !== "string" || !(begins || (follows && typeof action === "string"))) {
      throw broken(`its tree makes no sense at node ${at}`);
    }
    return begins
      ? { parent: null, action: null, state }
      : { parent: parent as number, action: action as string, state };
  });
}

async function pack(text: string): Promise<string> {
  if (text.length <= LONG) return text;
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `~${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

async function unpack(text: string): Promise<string> {
  if (!text.startsWith("~")) return text;
  try {
    const binary = atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
  } catch {
    throw broken("its tree is cut");
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
