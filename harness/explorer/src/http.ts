/** The server over HTTP. A token that came with the page's address goes along with every request. */

import type { CheckStatus, Refusal } from "./api";
import type { Server } from "./server";

const base = "api/v1";

/** The server answered, and said no. */
class Refused extends Error {
  constructor(
    words: string,
    readonly status: number,
  ) {
    super(words);
  }
}

export function httpServer(token: string | null): Server {
  const ask = async <T>(path: string, options: { body?: unknown; signal?: AbortSignal } = {}): Promise<T> =>
    (await respond(token, path, options)).json() as Promise<T>;
  const of = (model: string) => `cases/${encodeURIComponent(model)}`;

  /** A server that was started again, or that put the case away, has forgotten it: it is told of it once, and asked again. */
  const remind = async <T>(model: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      const forgotten = error instanceof Refused && error.status === 404;
      if (!forgotten || !(await server.meetAgain?.(model))) throw error;
      return request();
    }
  };
  const within = <T>(model: string, path: string, options: { body?: unknown; signal?: AbortSignal } = {}): Promise<T> =>
    remind(model, () => ask<T>(`${of(model)}/${path}`, options));

  const server: Server = {
    recorded: false,
    meetAgain: null,
    shows: () => true,

    models: () => ask("models"),
    open: (asked) => ask("cases", { body: asked }),
    state: (model, id) => within(model, `states/${id}`),
    disabled: (model, id) => within(model, `states/${id}/disabled`),
    // By this the server is told again, so that it is not repeated itself.
    path: (model, asked) => ask(`${of(model)}/path`, { body: asked }),
    walk: (model, asked) => within(model, "walk", { body: asked }),
    find: (model, asked, signal) => within(model, "find", { body: asked, signal }),

    neighbourhood: (model, around, layers, nodes) =>
      within(model, `neighbourhood?${new URLSearchParams({ around, layers: `${layers}`, nodes: `${nodes}` })}`),
    clusters: (model, by, states, signal) =>
      within(model, `clusters?${new URLSearchParams({ by, states: `${states}` })}`, { signal }),
    points: (model, states, signal) =>
      within(model, `points?${new URLSearchParams({ states: `${states}` })}`, { signal }),

    check: (model) => within(model, "check"),
    startCheck: (model, limits) => within(model, "check", { body: limits }),
    steerCheck: (model, how) => within(model, `check/${how}`, { body: {} }),
    async watchCheck(model, told, signal) {
      const response = await remind(model, () => respond(token, `${of(model)}/check/events`, { signal }));
      for await (const event of eventsOf(response)) {
        if (event.name === "status") told(JSON.parse(event.data) as CheckStatus);
      }
    },

    kept: () => ask("counterexamples"),
    counterexample: (id) => ask(`counterexamples/${encodeURIComponent(id)}`),
    readCounterexample: async (text) => (await respond(token, "counterexamples", { text })).json(),
    compare: (model, asked) => within(model, "compare", { body: asked }),
    run: (asked, signal) => ask("runs", { body: asked, signal }),
    export: async (model, format, asked) =>
      (await remind(model, () => respond(token, `${of(model)}/export?format=${format}`, { body: asked }))).text(),
  };
  return server;
}

/** The token in the page's address, which is taken out of it and kept for as long as the tab lives. */
export function takeToken(): string | null {
  const hash = new URLSearchParams(location.hash.slice(1));
  const given = hash.get("token");
  try {
    if (given !== null) {
      sessionStorage.setItem("token", given);
      hash.delete("token");
      history.replaceState(null, "", `${location.pathname}${location.search}#${hash}`);
    }
    return given ?? sessionStorage.getItem("token");
  } catch {
    return given;
  }
}

/** The text of a body goes as it is; any other body as JSON. */
async function respond(
  token: string | null,
  path: string,
  { body, text, signal }: { body?: unknown; text?: string; signal?: AbortSignal },
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token !== null) headers["authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (text !== undefined) headers["content-type"] = "text/plain; charset=utf-8";
  const sent = body !== undefined ? JSON.stringify(body) : text;
  let response: Response;
  try {
    response = await fetch(`${base}/${path}`, {
      method: sent === undefined ? "GET" : "POST",
      headers,
      body: sent ?? null,
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error("the server does not answer: it may have been stopped");
  }
  if (!response.ok) throw new Refused(await refusalOf(response), response.status);
  return response;
}

async function refusalOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as Refusal;
    if (typeof error === "string") return error;
  } catch {
    // Whoever refused is not the server of this page, so its words are all there is.
  }
  return text.trim() || `the server answers ${response.status}`;
}

/** The server-sent events of a response. `EventSource` would do, but it cannot send a token. */
async function* eventsOf(response: Response): AsyncGenerator<{ name: string; data: string }> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let name = "message";
  let data: string[] = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { name, data: data.join("\n") };
        name = "message";
        data = [];
      } else if (line.startsWith("event:")) {
        name = line.slice("event:".length).trim();
      } else if (line.startsWith("data:")) {
        data.push(line.slice("data:".length).replace(/^ /, ""));
      }
    }
  }
}
