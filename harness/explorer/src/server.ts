/** What the page asks, whoever answers: the server that it came from, or the data recorded in a static export. */

import type {
  Asked,
  AskedCompare,
  AskedExport,
  AskedFind,
  AskedPath,
  AskedRun,
  AskedWalk,
  Case,
  CheckStatus,
  Clusters,
  Compared,
  Counterexample,
  DisabledSteps,
  Found,
  Kept,
  Models,
  Neighbourhood,
  Path,
  Points,
  Run,
  State,
  StateId,
} from "./api";

export type Steering = "pause" | "resume" | "stop";
export type ExportFormat = "itf" | "json" | "html";

/** Where a check stops; without one it goes on to the end of the bound. */
export interface Limits {
  max_states?: number;
  max_depth?: number;
  seconds?: number;
}

/** One method an endpoint. Every refusal is an `Error` with the words to show. */
export interface Server {
  /** Whether the answers were recorded: then most questions are refused, and the page hides what would ask them. */
  readonly recorded: boolean;
  /** Whether it can show that state: of a recording, the states in it alone. */
  shows(id: StateId): boolean;
  /** Tells a server of a case that it has forgotten, and of the states that were met; false where that cannot be done. */
  meetAgain: ((model: string) => Promise<boolean>) | null;

  models(): Promise<Models>;
  open(asked: Asked): Promise<Case>;
  state(model: string, id: StateId): Promise<State>;
  disabled(model: string, id: StateId): Promise<DisabledSteps>;
  path(model: string, asked: AskedPath): Promise<Path>;
  walk(model: string, asked: AskedWalk): Promise<Path>;
  find(model: string, asked: AskedFind, signal?: AbortSignal): Promise<Found>;

  neighbourhood(model: string, around: StateId, layers: number, nodes: number): Promise<Neighbourhood>;
  /** `by` is `depth`, `field:PATH` or `predicate:CEL`. */
  clusters(model: string, by: string, states: number, signal: AbortSignal): Promise<Clusters>;
  points(model: string, states: number, signal: AbortSignal): Promise<Points>;

  check(model: string): Promise<CheckStatus>;
  startCheck(model: string, limits: Limits): Promise<CheckStatus>;
  steerCheck(model: string, how: Steering): Promise<CheckStatus>;
  /** Tells each status until the check has ended or the signal is given. */
  watchCheck(model: string, told: (status: CheckStatus) => void, signal: AbortSignal): Promise<void>;

  kept(): Promise<Kept>;
  counterexample(id: string): Promise<Counterexample>;
  /** Of the text of a file. */
  readCounterexample(text: string): Promise<Counterexample>;

  compare(model: string, asked: AskedCompare): Promise<Compared>;
  run(asked: AskedRun, signal?: AbortSignal): Promise<Run>;
  export(model: string, format: ExportFormat, asked: AskedExport): Promise<string>;
}

/** The words of whatever was thrown. */
export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
