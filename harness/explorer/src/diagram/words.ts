/** What the diagram says of its rows and lines in words. */

import type { Message, Step } from "../api";

/** A message with its ends: `Prepare(1), proposer 0 to acceptor 2`. */
export function messageWords(processes: readonly string[], { from, to, text }: Message): string {
  return `${text}, ${processName(processes, from)} to ${to === null ? "everybody" : processName(processes, to)}`;
}

export function processName(processes: readonly string[], process: number): string {
  return processes[process] ?? `process ${process}`;
}

/** What a row shows by lines and arrows, for those who do not see them. */
export function rowWords(processes: readonly string[], step: Step | undefined): string {
  if (step === undefined) return "where it starts";
  const { scene, violates } = step;
  const parts: string[] = [];
  if (scene.process !== null && processes.length > 0) parts.push(`at ${processName(processes, scene.process)}`);
  const verbs = [
    ["sends", scene.sent],
    ["receives", scene.received],
    ["lost", scene.lost],
  ] as const;
  for (const [verb, messages] of verbs) {
    if (messages.length === 0) continue;
    const few = messages.slice(0, 3).map((message) => messageWords(processes, message));
    parts.push(`${verb} ${few.join("; ")}${messages.length > 3 ? ` and ${messages.length - 3} more` : ""}`);
  }
  if (violates.length > 1) parts.push(`violates ${violates.map(({ claim }) => claim).join(", ")}`);
  return parts.join(": ");
}

/** A name that fits: as it is, or its initials with its numbers, such as `p2` of `participant 2`. */
export function shortName(name: string, room: number): string {
  const letter = 6.6;
  if (name.length * letter <= room) return name;
  const parts = name.split(/[\s_-]+/).filter((part) => part !== "");
  const initials = parts.map((part) => (/^\d/.test(part) ? part : (part[0] ?? "") + (/\d+$/.exec(part)?.[0] ?? "")));
  const short = initials.join("");
  return parts.length > 1 || /\d$/.test(name) ? short : `${name.slice(0, Math.max(1, Math.floor(room / letter) - 1))}…`;
}
