/** What can be taken away from the page as a file. */

import type { Case, Path } from "../api";
import type { Server } from "../server";
import type { About } from "./trace";

export { diagramSvg, type Diagram } from "./diagram";
export { graphSvg } from "./graph";
export { png } from "./png";
export { json, markdown, type About, type Known } from "./trace";

/** The behaviour as the server writes it: in ITF, or as a page that needs no server. */
export function written(
  server: Server,
  model: Case,
  format: "itf" | "html",
  { states, steps }: Path,
  { loop = null, property = null }: About = {},
): Promise<string> {
  const path = { start: states[0] ?? null, steps: steps.map(({ action, to }) => ({ action, to })) };
  return server.export(model.case, format, { path, loop, property });
}

/** A name for a file, such as `single-decree-paxos-ci-12-steps.svg`. */
export function fileName(model: Case, what: string, extension: string): string {
  const parts = [model.model, model.bound, model.mutant ?? "", what];
  const plain = parts.map((part) =>
    part
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, "-")
      .replace(/^-+|-+$/g, ""),
  );
  return `${plain.filter((part) => part !== "").join("-")}.${extension}`;
}

/** Hands a file over to the reader. */
export function download(name: string, content: string | Blob): void {
  const blob = typeof content === "string" ? new Blob([content], { type: typeOf(name) }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read it by then, and must not lose it before.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function typeOf(name: string): string {
  const types: { [extension: string]: string } = {
    svg: "image/svg+xml",
    md: "text/markdown;charset=utf-8",
    json: "application/json",
    html: "text/html;charset=utf-8",
  };
  return types[name.split(".").at(-1) ?? ""] ?? "text/plain;charset=utf-8";
}
