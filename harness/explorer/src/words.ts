/** Figures as people read them. */

export function whole(n: number): string {
  return Math.round(n).toLocaleString("en");
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}

export function timeInWords(seconds: number): string {
  if (seconds < 0.001) return "under 1 ms";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toFixed(1)} s`;
}

export function bytesInWords(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Whether a claim of this kind fails in each state where it is false; of any other, a state may well be false. */
export function isStrict(kind: string): boolean {
  return kind === "always" || kind === "deadlock";
}
