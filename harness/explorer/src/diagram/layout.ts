/**
 * What a space-time diagram shows of a behaviour, without a pixel: rows, arrows, and when a process is down.
 *
 * Row `k` stands for state `k` and the step that led to it; row 0 is the state that the behaviour starts in. A line is a
 * process, by its index; a model that tells of no processes has a single line.
 */

import type { Message, Scene, Step } from "../api";

export interface Row {
  /** The line where the step happens; null where it is nowhere, so that it takes the whole width. */
  line: number | null;
  fault: Scene["fault"];
  violated: boolean;
}

export interface Arrow {
  /**
   * `received`: from a sending to its receipt. `again`: a further receipt of one sending. `lost`: to where the network
   * loses it. `in-flight`: nobody receives it in this behaviour. `unsent`: received, and sent before the behaviour starts.
   */
  kind: "received" | "again" | "lost" | "in-flight" | "unsent";
  text: string;
  fromRow: number;
  fromLine: number;
  /** For `in-flight` it is `fromRow`. */
  toRow: number;
  /** Null where it is for everybody and so goes to no line in particular. */
  toLine: number | null;
  /** The how-manieth receipt of the sending by this process it is: 2 and more for `again`. */
  times: number;
}

/** A message from its sending until it is first received or lost; `until` is infinite where neither happens. */
export interface Flight {
  message: Message;
  since: number;
  until: number;
}

export interface Outage {
  line: number;
  since: number;
  /** The row of the restart, or infinite. */
  until: number;
}

export interface Layout {
  /** How many lines there are: at least one. */
  lines: number;
  rows: Row[];
  /** In the order of the row where they end. */
  arrows: Arrow[];
  flights: Flight[];
  /** How many messages are in flight in each state. */
  inFlight: number[];
  outages: Outage[];
}

export function layout(processes: readonly string[], steps: readonly Step[]): Layout {
  const lines = Math.max(1, processes.length);
  const rows = [
    { line: processes.length > 0 ? null : 0, fault: null, violated: false },
    ...steps.map((step) => row(step, processes.length)),
  ];
  const network = new Network(lines, new Set(steps.map(({ scene }) => scene.process)));
  steps.forEach((step, index) => network.step(index + 1, step.scene));
  const { arrows, flights } = network.finish();
  return { lines, rows, arrows, flights, inFlight: countFlights(flights, rows.length), outages: outages(steps, lines) };
}

/** The messages in flight in a state, oldest first. */
export function flightsAt(all: Flight[], at: number): Flight[] {
  return all.filter((flight) => flight.since <= at && at < flight.until);
}

/** The rows whose steps violate a claim. */
export function violations({ rows }: Layout): number[] {
  return rows.flatMap(({ violated }, at) => (violated ? [at] : []));
}

function row({ scene, violates }: Step, processes: number): Row {
  // A model that tells of no processes has one line, and all its steps are on it.
  const line = processes === 0 ? 0 : isLine(scene.process, processes) ? scene.process : null;
  return { line, fault: scene.fault, violated: violates.length > 0 };
}

function isLine(process: number | null, lines: number): process is number {
  return process !== null && process >= 0 && process < lines;
}

interface Sending {
  row: number;
  flight: Flight;
  lost: boolean;
}

/** All sendings of equal messages. */
interface Sendings {
  sent: Sending[];
  /** For each receiver, the first sending that it has not received. */
  next: Map<number, number>;
  /** For each receiver, how often it has received the latest sending that it has received. */
  times: Map<number, number>;
}

/** Stands for the receiver of what is lost on its way to everybody. */
const NOBODY = -1;

/**
 * Pairs receipts with sendings. Equal messages cannot be told apart, so the first sending that a process has not received
 * is the one that it receives; when none is left, it receives the last of them again.
 */
class Network {
  private readonly sendings = new Map<string, Sendings>();
  private readonly arrows: Arrow[] = [];
  private readonly flights: Flight[] = [];

  constructor(
    private readonly lines: number,
    /** The processes that have a step of their own. */
    private readonly active: ReadonlySet<number | null>,
  ) {}

  step(row: number, scene: Scene): void {
    // Sendings come first, since a step may hand a message over within itself.
    for (const message of scene.sent) this.send(row, message);
    for (const message of scene.received) this.receive(row, message, scene.process);
    for (const message of scene.lost) this.lose(row, message, scene.process);
  }

  finish(): { arrows: Arrow[]; flights: Flight[] } {
    for (const { message, since, until } of this.flights) {
      if (until !== Infinity) continue;
      this.arrows.push(this.arrow("in-flight", message, since, since, message.to, 1));
    }
    this.arrows.sort((a, b) => a.toRow - b.toRow);
    return { arrows: this.arrows, flights: this.flights };
  }

  private send(row: number, message: Message): void {
    const flight = { message, since: row, until: Infinity };
    this.flights.push(flight);
    this.of(message).sent.push({ row, flight, lost: false });
  }

  private receive(row: number, message: Message, process: number | null): void {
    const to = this.receiver(message.to, process);
    const { sent, next, times } = this.of(message);
    const receiver = to ?? NOBODY;
    const index = firstNotLost(sent, next.get(receiver) ?? 0);
    const sending = sent[index];
    if (sending !== undefined) {
      next.set(receiver, index + 1);
      times.set(receiver, 1);
      sending.flight.until = Math.min(sending.flight.until, row);
      this.arrows.push(this.arrow("received", message, sending.row, row, to, 1));
      return;
    }
    const count = (times.get(receiver) ?? 0) + 1;
    times.set(receiver, count);
    const last = sent.at(-1);
    if (last === undefined) {
      this.arrows.push(this.arrow("unsent", message, 0, row, to, count));
    } else {
      // A copy that outlives the loss of another is a first receipt, not a further one.
      const kind = count > 1 ? "again" : "received";
      this.arrows.push(this.arrow(kind, message, last.row, row, to, count));
    }
  }

  /** Another process may act on a message, and then is where it arrives; a line without a step only has messages. */
  private receiver(to: number | null, process: number | null): number | null {
    return to !== null && (process === null || !this.active.has(to)) ? to : process;
  }

  private lose(row: number, message: Message, process: number | null): void {
    const { sent, next } = this.of(message);
    const receiver = message.to ?? process ?? NOBODY;
    const index = firstNotLost(sent, next.get(receiver) ?? 0);
    const sending = sent[index] ?? sent.at(-1);
    if (index < sent.length) next.set(receiver, index + 1);
    if (sending !== undefined) {
      // What is lost for everybody may be lost for one of them only, so that others still receive it.
      sending.lost = message.to !== null;
      sending.flight.until = Math.min(sending.flight.until, row);
    }
    this.arrows.push(this.arrow("lost", message, sending?.row ?? 0, row, message.to, 1));
  }

  private arrow(
    kind: Arrow["kind"],
    message: Message,
    fromRow: number,
    toRow: number,
    to: number | null,
    times: number,
  ): Arrow {
    const fromLine = isLine(message.from, this.lines) ? message.from : 0;
    return { kind, text: message.text, fromRow, fromLine, toRow, toLine: isLine(to, this.lines) ? to : null, times };
  }

  private of({ from, to, text }: Message): Sendings {
    const key = `${from} ${to} ${text}`;
    let found = this.sendings.get(key);
    if (found === undefined) {
      found = { sent: [], next: new Map(), times: new Map() };
      this.sendings.set(key, found);
    }
    return found;
  }
}

function firstNotLost(sent: Sending[], from: number): number {
  let index = from;
  while (sent[index]?.lost) index += 1;
  return index;
}

function countFlights(flights: Flight[], rows: number): number[] {
  const counts = new Array<number>(rows).fill(0);
  for (const { since, until } of flights) {
    counts[since] = (counts[since] ?? 0) + 1;
    if (until < rows) counts[until] = (counts[until] ?? 0) - 1;
  }
  let sum = 0;
  return counts.map((change) => (sum += change));
}

function outages(steps: readonly Step[], lines: number): Outage[] {
  const all: Outage[] = [];
  const down = new Map<number, Outage>();
  steps.forEach(({ scene: { fault, process } }, index) => {
    if (!isLine(process, lines)) return;
    if (fault === "crash" && !down.has(process)) {
      const outage = { line: process, since: index + 1, until: Infinity };
      down.set(process, outage);
      all.push(outage);
    } else if (fault === "restart" && down.has(process)) {
      down.get(process)!.until = index + 1;
      down.delete(process);
    }
  });
  return all;
}
