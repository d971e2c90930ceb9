/** The one store of the page: the open model, the tree of what was visited, and where in it the reader stands. */

import { createContext } from "svelte";
import type { Asked, AskedFind, Case, Counterexample, Found, Path, State, StateId, Step, Truth } from "./api";
import { decode, encode, linkedTree, type Link } from "./link";
import { resolve } from "./resolve";
import { wordsOf, type Server } from "./server";
import { asPath, pathTo, trailThrough, treeOf, withPath, withRoot, withVisit, type Node, type Tree } from "./tree";

export const tabs = ["diagram", "steps", "graph", "branches", "code"] as const;
export type Tab = (typeof tabs)[number];

export interface Notice {
  kind: "bad" | "open" | "good";
  text: string;
}

/** A counterexample that is open, along the nodes that it visits. */
export interface OpenCounterexample extends Omit<Counterexample, "case" | "path"> {
  id: string | null;
  nodes: readonly number[];
}

/** States kept in memory: more than a trail usually has, and not all of a long walk through large states. */
const KEPT_STATES = 256;

export const [useSession, provideSession] = createContext<Session>();

export class Session {
  /** What was asked for, as a link names it. */
  asked = $state.raw<Asked>({ model: "" });
  model = $state.raw<Case | null>(null);
  tree = $state.raw<Tree>([]);
  cursor = $state(0);
  here = $state.raw<State | null>(null);
  /** The state before this one on the trail. */
  before = $state.raw<State | null>(null);
  pin = $state<number | null>(null);
  pinned = $state.raw<State | null>(null);
  bookmarks = $state.raw<readonly { name: string; node: number }[]>([]);
  counterexample = $state.raw<OpenCounterexample | null>(null);
  /** The claim whose truth is shown at each step. */
  watched = $state<string | null>(null);
  truths = $state.raw<ReadonlyMap<StateId, readonly Truth[]>>(new Map());
  tab = $state<Tab>("diagram");
  notice = $state.raw<Notice | null>(null);
  /** What a screen reader says after a step. */
  said = $state("");
  /** Whether an answer is awaited. */
  busy = $state(false);
  /** How often something else was opened, which the browser's way back leads away from. */
  opened = $state(0);

  /** From the start to where the reader stands, and on along what was visited last. */
  trail: readonly Node[] = $derived(trailThrough(this.tree, this.cursor));
  at: number = $derived(this.trail.findIndex((n) => n.key === this.cursor));
  steps: readonly Step[] = $derived(asPath(this.trail).steps);
  /** The index on the trail to which a lasso returns, while the trail is the lasso's. */
  loop: number | null = $derived.by(() => {
    const { counterexample, trail } = this;
    if (!counterexample || counterexample.loop === null) return null;
    const same = counterexample.nodes.every((key, i) => trail[i]?.key === key);
    return same && trail.length === counterexample.nodes.length ? counterexample.loop : null;
  });

  /** What is written beside the states of the trail: their bookmarks, and which one is pinned. */
  marks: { [at: number]: string } = $derived.by(() => {
    const marks: { [at: number]: string } = {};
    for (const [at, { key }] of this.trail.entries()) {
      const words = this.bookmarks.filter((b) => b.node === key).map((b) => b.name);
      if (this.pin === key) words.push("pinned");
      if (words.length > 0) marks[at] = words.join(", ");
    }
    return marks;
  });

  /** Where the cursor was, and which of these it is at. */
  #moves = $state.raw<readonly number[]>([0]);
  #move = $state(0);
  canUndo: boolean = $derived(this.#move > 0);
  canRedo: boolean = $derived(this.#move < this.#moves.length - 1);

  #states = new Map<StateId, State>();
  #turn = 0;
  #queue: Promise<unknown> = Promise.resolve();

  #meeting: Promise<boolean> | null = null;

  constructor(readonly server: Server) {
    server.meetAgain = (model) =>
      // Many requests may be refused at once, and one reminder is enough for them all.
      (this.#meeting ??= this.#meetAgain(model).finally(() => (this.#meeting = null)));
  }

  /** Moves that start from where the last one ended: keys may be pressed faster than states arrive. */
  next<T>(move: () => Promise<T> | T): Promise<T> {
    const moved = this.#queue.then(move);
    this.#queue = moved.catch(() => undefined);
    return moved;
  }

  /** Opens a model at its first initial state. */
  async open(asked: Asked): Promise<boolean> {
    return this.#guarded(async () => {
      const model = await this.server.open(asked);
      const first = model.initial[0];
      if (first === undefined) throw new Error(`${model.model} has no initial state at ${model.bound}`);
      this.notice = null;
      await this.#begin(model, asked, treeOf(first), 0);
      this.opened += 1;
    });
  }

  /** Opens what a link names, as far as the model still goes along. */
  async follow(link: Link): Promise<boolean> {
    return this.#guarded(async () => {
      const model = await this.server.open(link.asked);
      const found = await resolve(this.server, model, link);
      this.notice = found.changed ? { kind: "open", text: found.changed } : null;
      await this.#begin(model, link.asked, withVisit(found.tree, found.end), found.cursor);
      this.bookmarks = found.bookmarks;
      this.watched = model.claims.some((c) => c.name === link.watched) ? link.watched : null;
      this.tab = tabs.find((t) => t === link.tab) ?? this.tab;
      if (found.pin !== null) await this.setPin(found.pin);
      if (link.counterexample && !found.changed) await this.#recall(link.counterexample);
    });
  }

  /** Opens what the address names, if anything; a broken link is refused in words. */
  async followHash(hash: string): Promise<boolean> {
    try {
      const link = await decode(hash);
      if (link === null) return false;
      const { counterexample: id } = link;
      if (id === null || link.tree.length > 0) return await this.follow(link);
      const opened = await this.openCounterexample(() => this.server.counterexample(id), id);
      if (opened) this.tab = tabs.find((t) => t === link.tab) ?? this.tab;
      return opened;
    } catch (error) {
      this.notice = { kind: "bad", text: wordsOf(error) };
      return false;
    }
  }

  async openCounterexample(ask: () => Promise<Counterexample>, id: string | null): Promise<boolean> {
    return this.#guarded(async () => {
      const { case: model, path, ...rest } = await ask();
      const first = path.states[0] ?? model.initial[0];
      if (first === undefined) throw new Error("this counterexample has no states");
      const [tree, nodes] = withPath(treeOf(first), 0, path.steps);
      this.notice = path.changed
        ? { kind: "open", text: `model changed at step ${path.changed.at}: ${path.changed.why}` }
        : null;
      const asked = { model: model.model, bound: model.bound, set: settings(model), mutant: model.mutant };
      // It is read from its end, where it fails.
      await this.#begin(model, id === null ? asked : { ...asked, set: {} }, tree, nodes.at(-1) ?? 0);
      this.opened += 1;
      this.counterexample = { ...rest, id, nodes };
      this.watched = model.claims.some((c) => c.name === rest.property) ? rest.property : null;
    });
  }

  /** Takes a step from where the reader stands. */
  take(step: Step): Promise<boolean> {
    if (step.to === null || !this.server.shows(step.to)) return Promise.resolve(false);
    return this.append({ states: [], steps: [step], changed: null });
  }

  /** Goes along a path that begins where the reader stands. */
  append(path: Path, from = this.cursor): Promise<boolean> {
    const [tree, along] = withPath(this.tree, from, path.steps);
    this.tree = tree;
    return this.go(along.at(-1) ?? from);
  }

  /** Goes to a node of the tree. */
  async go(key: number): Promise<boolean> {
    if (key === this.cursor) return true;
    const moved = await this.#show(key);
    if (moved) {
      this.#moves = [...this.#moves.slice(0, this.#move + 1), key];
      this.#move = this.#moves.length - 1;
    }
    return moved;
  }

  /** Goes so many steps along the trail. */
  along(by: number): Promise<boolean> {
    return this.next(() => {
      const to = this.trail[Math.max(0, Math.min(this.trail.length - 1, this.at + by))];
      return to ? this.go(to.key) : false;
    });
  }

  /** Back to where the cursor was before, or forth again. */
  undo(by: 1 | -1 = 1): Promise<void> {
    return this.next(async () => {
      const to = this.#moves[this.#move - by];
      if (to !== undefined && (await this.#show(to))) this.#move -= by;
    });
  }

  async walk(steps: number): Promise<boolean> {
    const { model, here } = this;
    if (!model || !here) return false;
    const seed = Math.floor(Math.random() * 2 ** 31);
    return this.#guarded(async () => {
      const path = await this.server.walk(model.case, { from: here.id, steps, seed });
      if (path.steps.length === 0) this.say("nothing can happen here");
      else await this.append(path);
    });
  }

  /** Finds a shortest path and goes along it. */
  async find(goal: AskedFind["goal"], states?: number, signal?: AbortSignal): Promise<Found> {
    const { model, here, cursor } = this;
    if (!model || !here) throw new Error("no model is open");
    const asked = { from: here.id, goal, ...(states === undefined ? {} : { states }) };
    const found = await this.server.find(model.case, asked, signal);
    if (found.path) await this.append(found.path, cursor);
    return found;
  }

  /** Goes to a state by its name: to where it was visited, by a step, or by a shortest path from here or from the start. */
  async goToState(id: StateId): Promise<boolean> {
    const { model, here, trail, tree } = this;
    if (!model || !here || id === here.id) return true;
    const step = here.steps.find((s) => s.to === id);
    const known = trail.find((n) => n.state === id) ?? (step ? undefined : tree.find((n) => n.state === id));
    if (known) return this.go(known.key);
    if (step) return this.take(step);
    return this.#guarded(async () => {
      for (const from of [here.id, ...model.initial]) {
        const { path } = await this.server.find(model.case, { from, goal: { kind: "state", id } });
        const [grown, root] = from === here.id ? [this.tree, this.cursor] : withRoot(this.tree, from);
        if (!path) continue;
        this.tree = grown;
        await this.append(path, root);
        return;
      }
      throw new Error("no path leads to this state among those that were looked at");
    });
  }

  /** Begins again from another initial state. */
  begin(id: StateId): Promise<boolean> {
    const [tree, root] = withRoot(this.tree, id);
    this.tree = tree;
    return this.go(root);
  }

  async setPin(node: number | null): Promise<void> {
    const id = node === null ? undefined : this.tree[node]?.state;
    this.pinned = id === undefined ? null : await this.load(id);
    this.pin = id === undefined ? null : node;
  }

  setBookmark(node: number, name: string | null): void {
    const others = this.bookmarks.filter((b) => b.node !== node);
    this.bookmarks = name === null ? others : [...others, { name, node }];
  }

  /** Fetches the truths of states, a few at a time. */
  async needTruths(ids: readonly StateId[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.truths.has(id) && this.server.shows(id));
    for (let at = 0; at < missing.length; at += 8) {
      await Promise.all(missing.slice(at, at + 8).map((id) => this.load(id)));
    }
  }

  async load(id: StateId): Promise<State> {
    const known = this.#states.get(id);
    if (known) {
      this.#states.delete(id);
      this.#states.set(id, known);
      return known;
    }
    const { model } = this;
    if (!model) throw new Error("no model is open");
    const state = await this.server.state(model.case, id);
    if (this.model !== model) return state;
    this.#states.set(id, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= KEPT_STATES) break;
      this.#states.delete(oldest);
    }
    this.truths = new Map(this.truths).set(id, state.truths);
    return state;
  }

  /** The link to what is shown now. */
  async link(): Promise<string> {
    const plain = this.tree.length === 1 && this.tree[0]?.state === this.model?.initial[0];
    return encode({
      asked: this.asked,
      tree: plain && this.bookmarks.length === 0 && this.pin === null ? [] : linkedTree(this.tree),
      cursor: this.cursor,
      end: this.trail.at(-1)?.key ?? this.cursor,
      pin: this.pin,
      bookmarks: [...this.bookmarks],
      tab: this.tab === "diagram" ? null : this.tab,
      watched: this.watched,
      counterexample: this.counterexample?.id ?? null,
    });
  }

  say(words: string): void {
    this.said = words;
  }

  async #begin(model: Case, asked: Asked, tree: Tree, cursor: number): Promise<void> {
    this.#states.clear();
    this.truths = new Map();
    this.model = model;
    this.asked = { ...asked, model: model.model, bound: model.bound, mutant: model.mutant };
    this.counterexample = null;
    this.watched = null;
    this.pin = null;
    this.pinned = null;
    this.bookmarks = [];
    this.tree = tree;
    this.#moves = [cursor];
    this.#move = 0;
    await this.#show(cursor);
  }

  /** Opens the case again where the server has forgotten it, and goes all the ways of the tree, so that their states are met. */
  async #meetAgain(name: string): Promise<boolean> {
    const { model, asked, tree, trail, server } = this;
    if (model?.case !== name) return false;
    const again = await server.open(asked);
    if (again.case !== name && (await server.open({ ...asked, set: settings(model) })).case !== name) return false;
    const leaves = tree
      .filter((n) => n.children.length === 0 && n.key !== trail.at(-1)?.key)
      .map((n) => pathTo(tree, n.key));
    for (const [first, ...nodes] of [trail, ...leaves]) {
      if (!first) continue;
      const steps = nodes.map((n) => ({ action: n.step?.action ?? "", to: n.state }));
      await server.path(name, { start: first.state, steps });
    }
    return true;
  }

  /** The counterexample that a link names, if it still goes the way that the link goes. */
  async #recall(id: string): Promise<void> {
    const { case: model, path, ...rest } = await this.server.counterexample(id);
    if (model.case !== this.model?.case) return;
    const [tree, nodes] = withPath(this.tree, 0, path.steps);
    if (tree.length === this.tree.length) this.counterexample = { ...rest, id, nodes };
  }

  /** The cursor moves when the state is there, so that what is shown is always of one state. */
  async #show(key: number): Promise<boolean> {
    const turn = ++this.#turn;
    return this.#guarded(async () => {
      const node = this.tree[key];
      if (!node) throw new Error("this is nowhere in the tree");
      const parent = node.parent === null ? undefined : this.tree[node.parent];
      const [here, before] = await Promise.all([this.load(node.state), parent ? this.load(parent.state) : null]);
      if (turn !== this.#turn) return;
      this.tree = withVisit(this.tree, key);
      this.cursor = key;
      this.here = here;
      this.before = before;
      const step = pathTo(this.tree, key).length - 1;
      this.say(
        `${node.step?.action ?? "the start"}. Step ${step}. ${here.steps.length} can happen${here.deadlock ? ": a deadlock" : ""}.`,
      );
    }).then((done) => done && turn === this.#turn);
  }

  /** Shows what went wrong in words, and tells whether nothing did. */
  async #guarded(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    try {
      await work();
      return true;
    } catch (error) {
      this.notice = { kind: "bad", text: wordsOf(error) };
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** The constants of a case as `--set` takes them. */
function settings({ constants }: Case): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(constants).map(([k, v]) => [k, typeof v === "string" ? v : JSON.stringify(v)]),
  );
}
