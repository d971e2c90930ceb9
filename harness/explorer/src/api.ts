/**
 * The server's API, version 1, as the page sees it: `GET /api/v1/openapi.json` documents the same.
 *
 * A state is named by its fingerprint, 16 hexadecimal digits that are the same on every run of the same model. The server
 * answers for states that it has met; after a restart a page meets its own again by `POST …/path`.
 */

/** A value as ITF writes it: a set is `{"#set": […]}`, a variant `{"tag": …, "value": …}`, all else is JSON's own. */
export type Value = boolean | number | string | Value[] | { [field: string]: Value };

export type StateId = string;

/** `GET /api/v1/models`: what can be opened. */
export interface Models {
  program: string;
  version: string;
  models: ModelRow[];
  systems: SystemRow[];
  /** What `explore MODEL` was started with: where a page without a link begins. */
  start: Asked & { counterexample: string | null };
}

export interface ModelRow {
  name: string;
  about: string;
  /** Whether it is the cluster of a system: real code, explored as a model. */
  cluster: boolean;
  constants: { name: string; about: string; domain: string }[];
  bounds: BoundRow[];
  mutants: { name: string; bound: string; lesson: string }[];
}

export interface BoundRow {
  name: string;
  about: string;
  profile: "ci" | "deep";
  constants: { [name: string]: Value };
  /** Distinct states, where they are recorded. */
  distinct: number | null;
}

export interface SystemRow {
  name: string;
  about: string;
  links: string[];
  /** The bugs that can be planted in its code. */
  mutants: { name: string; bound: string; lesson: string }[];
  /** What threads do with its concurrent code; empty where it has none. `stress` are real threads. */
  cases: { name: string; about: string; explorer: "loom" | "shuttle" | "stress"; threads: number }[];
}

/** `POST /api/v1/cases`: a model at a bound, perhaps with changed constants or a bug planted. */
export interface Asked {
  model: string;
  bound?: string | null;
  /** As `--set KEY=VALUE` takes them. */
  set?: { [name: string]: string };
  mutant?: string | null;
}

/** What `POST /api/v1/cases` answers. */
export interface Case {
  /** Its name in the paths below; the same for whoever asks for the same. */
  case: string;
  model: string;
  about: string;
  bound: string;
  bound_about: string;
  constants: { [name: string]: Value };
  mutant: string | null;
  /** What the planted bug teaches. */
  lesson: string | null;
  /** The lines of a diagram; none where the model tells none. */
  processes: string[];
  /** The kinds of action, where the model names them. */
  kinds: string[];
  guards: string[];
  claims: Claim[];
  initial: StateId[];
  /** The commands that check it and open it here. */
  commands: { check: string; explore: string };
}

export interface Claim {
  name: string;
  /** `always`, `can`, `inevitable`, `step`, `eventually`, `eventually-always`, `leads-to`, `always-can`, `refinement`, `deadlock`, … */
  kind: string;
  /** Whether this bound checks it, and expects it to fail. */
  checked: boolean;
  expected_to_fail: boolean;
  /** Where it is stated: `file:line`. */
  stated: string | null;
}

/** `GET /api/v1/cases/{case}/states/{state}`. */
export interface State {
  id: StateId;
  value: Value;
  truths: Truth[];
  /** Whether it is one of the initial ones. */
  initial: boolean;
  /** No step leaves it, and the model forbids that. */
  deadlock: boolean;
  /** What can happen, in the model's order. */
  steps: Step[];
}

/** What a claim says of one state. */
export interface Truth {
  claim: string;
  kind: string;
  /** `state`; `from` or `to` of a `leads-to`. */
  predicate: string;
  holds: boolean;
  /** The parts of the predicate, where the model names them: all hold where it does. */
  clauses: { name: string; holds: boolean }[];
}

export interface Step {
  /** The action in words. */
  action: string;
  kind: string | null;
  /** The state that it leads to; null where that is beyond the model's boundary. */
  to: StateId | null;
  changes: Change[];
  /** The claims of steps that it violates, each with why where more can be said. */
  violates: { claim: string; why: string | null }[];
  scene: Scene;
}

export interface Change {
  /** Where, such as `outcome[2]` or `nodes[0].log`; empty when the whole state differs. */
  path: string;
  /** Absent where nothing stands. */
  before?: Value;
  after?: Value;
}

/** Who does what in a step. Processes are indices into `Case.processes`. */
export interface Scene {
  /** Where it happens; null where the model does not tell, or it is nowhere. */
  process: number | null;
  sent: Message[];
  received: Message[];
  /** What the network loses in this step. */
  lost: Message[];
  fault: "crash" | "restart" | "drop" | "duplicate" | "partition" | "heal" | null;
}

/** A message. A receipt is of the sending that is equal to it; `to` is null where it is for everybody. */
export interface Message {
  from: number;
  to: number | null;
  text: string;
}

/** `GET /api/v1/cases/{case}/states/{state}/disabled`: what happens elsewhere and cannot happen here. */
export interface DisabledSteps {
  disabled: { action: string; kind: string | null; process: number | null; fault: Scene["fault"]; guard: string | null; /** What the guard says; backticks quote a formula. */ guard_says: string | null }[];
  /** How many states were looked at to know which actions there are, and whether those are all. */
  looked_at: number;
  exhaustive: boolean;
}

/** `POST /api/v1/cases/{case}/path`: follows a link. */
export interface AskedPath {
  /** The initial state; the first where it is absent. */
  start?: StateId | null;
  steps: { action: string; to?: StateId | null }[];
}

/** A behaviour: `states` has one more than `steps`. `POST …/path`, `…/walk` and `…/find` answer with one. */
export interface Path {
  states: StateId[];
  steps: Step[];
  /** Where the model no longer goes along: *model changed at step k*, the first being 1 and 0 the initial state; the path
   *  ends before it. */
  changed: { at: number; why: string } | null;
}

/** `POST /api/v1/cases/{case}/walk`: a random walk. It ends early where nothing can happen. */
export interface AskedWalk {
  from: StateId;
  steps: number;
  seed: number;
}

/** `POST /api/v1/cases/{case}/find`: the shortest path from a state. */
export interface AskedFind {
  from: StateId;
  goal:
    | { kind: "predicate"; text: string }
    /** A state where the claim's predicate has this truth: `state`, `from` or `to`. */
    | { kind: "claim"; claim: string; predicate?: string; holds: boolean }
    /** The next state where the claim's truth is another than here. */
    | { kind: "change"; claim: string; predicate?: string }
    /** A step that violates this claim of steps. */
    | { kind: "violation"; claim: string }
    | { kind: "deadlock" }
    /** That state. */
    | { kind: "state"; id: StateId };
  /** Distinct states to look at, at the most; the server's own limit where it is absent. */
  states?: number;
}

export interface Found {
  /** Null where there is none among those looked at. */
  path: Path | null;
  looked_at: number;
  /** Whether nothing was left to look at: only then null means that there is none. */
  exhaustive: boolean;
  /** How often the predicate could not be evaluated, and so counted as false; and why not the first time. */
  failed: number;
  why: string | null;
  seconds: number;
}

/** `GET /api/v1/cases/{case}/neighbourhood?around=STATE&layers=N&nodes=N`. */
export interface Neighbourhood {
  nodes: { id: StateId; /** -1 of those that are one step before. */ layer: number; initial: boolean; deadlock: boolean; violates: string[]; label: string }[];
  edges: { from: StateId; to: StateId; action: string; kind: string | null; violates: string[] }[];
  /** Nodes of the next layer, or beyond `nodes`, that are left out. */
  left_out: number;
}

/** `GET /api/v1/cases/{case}/clusters?by=depth|field:PATH|predicate:CEL&states=N`: the whole graph, summarised. */
export interface Clusters {
  clusters: { key: string; states: number; sample: StateId; initial: boolean; violating: number; deadlocks: number }[];
  edges: { from: number; to: number; steps: number }[];
  /** Clusters that are shown as one, named `…`, since there are too many. */
  merged: number;
  states: number;
  exhaustive: boolean;
}

/** `GET /api/v1/cases/{case}/points?states=N`: every state as a point, laid out by depth. Arrays are parallel. */
export interface Points {
  ids: StateId[];
  /** The initial ones have 0. */
  depth: number[];
  x: number[];
  y: number[];
  violating: number[];
  deadlocks: number[];
  /** Pairs of indices, one after the other. */
  edges: number[];
  left_out_edges: number;
  exhaustive: boolean;
}

/** `POST /api/v1/cases/{case}/check` with `{max_states?, max_depth?, seconds?}` starts it, `GET` tells, `POST …/check/pause|resume|stop` steers, and
 *  `GET …/check/events` is a stream of server-sent events, each named `status` with this as its data. */
export interface CheckStatus {
  state: "none" | "running" | "paused" | "done" | "failed";
  /** Why there is no verdict, where `state` is `failed`. */
  error: string | null;
  progress: {
    phase: string;
    generated: number;
    distinct: number;
    queue: number | null;
    depth: number;
    memory: number;
    seconds: number;
    /** Distinct states a second, lately. */
    rate: number;
  } | null;
  actions: { name: string; generated: number; distinct: number | null }[];
  properties: {
    name: string;
    kind: string;
    /** `not-yet` until it is decided. */
    verdict: string;
    expected: boolean;
    counterexample: string | null;
  }[];
  /** `ok`, `violated`, `incomplete`, `vacuous`, …: null until the check has ended. */
  verdict: string | null;
  /** The verdict in words, with the bound that it is of. */
  words: string | null;
}

/** `GET /api/v1/counterexamples`. */
export interface Kept {
  counterexamples: { id: string; model: string; bound: string; mutant: string | null; property: string; kind: string; steps: number; /** Whether it is a behaviour of code, which stands beside its model too. */ code: boolean }[];
}

/** `GET /api/v1/counterexamples/{id}`, or `POST /api/v1/counterexamples` with the text of a file. */
export interface Counterexample {
  case: Case;
  property: string;
  kind: string;
  /** It as a path through the model as it is now. */
  path: Path;
  /** The index of the state to which a lasso returns. */
  loop: number | null;
  explanation: string | null;
  /** What became of it: `reproduced`, `harmless`, `undecided` or `changed`, and in words. */
  verdict: string;
  words: string;
}

/** `POST /api/v1/cases/{case}/compare`: a mutant beside the model. */
export interface AskedCompare {
  mutant: string | null;
  states?: number;
}

export interface Compared {
  /** The case that the mutant is. */
  other: Case;
  /** Both go this way, to the state where they differ; null where they do not within what was looked at. */
  path: Path | null;
  /** What only the model can do there, what only the mutant can, and what leads elsewhere. */
  only_here: Step[];
  only_there: Step[];
  differ: { here: Step; there: Step }[];
  looked_at: number;
  exhaustive: boolean;
}

/** `POST /api/v1/runs`: code beside its model. */
export type AskedRun =
  /** A run of the simulator. */
  | { kind: "seed"; system: string; seed: number; set?: { [name: string]: string }; mutant?: string | null }
  /** A recorded trace: the text of its file. */
  | { kind: "trace"; text: string }
  /** A kept divergence. */
  | { kind: "counterexample"; id: string }
  /** A case of the system's concurrent code. `history` is which of its distinct histories, from 1, in the order in which they
   *  are met; null is the one that is wrong, or the first where nothing is. */
  | { kind: "case"; system: string; case: string; mutant?: string | null; history?: number | null };

/** The code's events, each with what the model makes of it. */
export interface Run {
  system: string;
  title: string;
  /** The command that judges it. */
  command: string | null;
  /** The nodes of the code: the processes of the scenes. */
  nodes: string[];
  /** The name of the model. */
  model: string;
  /** The instances of the model that the run is about, each with the model's state in which it begins. */
  instances: { name: string; begins: Value }[];
  events: RunEvent[];
  /** `undecided`: not all that is possible was looked at; `ordered`: no model steps through it, but its calls have an order;
   *  `wrong`: something is that no one event tells, such as a thread that sleeps for ever. */
  verdict: "explained" | "diverges" | "undecided" | "ordered" | "wrong";
  /** Null also where it is no single event that diverges, or is wrong: then `why` tells. */
  diverges_at: number | null;
  why: string | null;
  /** Which history of a case it is, and how many distinct ones were judged until it was shown; no number where something
   *  goes wrong before it is judged. */
  history: { number: number | null; met: number } | null;
}

export interface RunEvent {
  /** The event of the code in words. */
  event: string;
  scene: Scene;
  /** What the model makes of it, for each instance that it is about. */
  instances: RunExplained[];
}

export interface RunExplained {
  instance: number;
  /** What the node decides of the model's state afterwards, by the names of the fields. */
  code: { [field: string]: Value };
  /** The model's actions that explain it; none where it is a stutter, or not explained. */
  explained_by: string[];
  /** The model's state afterwards; null where it is not explained. */
  model: Value | null;
  /** What the model would have allowed, the nearest first, where it is not explained. */
  allowed: { actions: string[]; value: Value; differs: Difference[] }[];
}

/** Where code and model differ: a field, or a message that the model does not send there (both null). */
export interface Difference {
  field: string;
  code: Value | null;
  model: Value | null;
  words: string;
}

/** `POST /api/v1/cases/{case}/export?format=itf|json|html`: the file's text. */
export interface AskedExport {
  path: AskedPath;
  loop?: number | null;
  property?: string | null;
}

/** What every refusal holds, with a status of 4xx or 5xx. */
export interface Refusal {
  error: string;
}
