/**
 * The figures of the guide, measured and printed as a table in Markdown: `npm run figures`.
 *
 * `PROOFMARK` is the program, `CHROMIUM` the browser, and `SLOWNESS` how many times slower a processor to pretend. No
 * model that is shipped is as large as the page must bear, so a server in here speaks the API about a made-up model of
 * the size in question and sends the page that was built, under the program's own content security policy. What the
 * server of the program takes is measured with the program.
 */

import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const program = resolve(process.env.PROOFMARK ?? "../../target/release/proofmark");
const dist = process.env.DIST ?? fileURLToPath(new URL("dist/", import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const types = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml" };

/** How long a frame may keep its reader waiting. */
const BUDGET = 100;
/** How many times slower than this one the machine is to be. */
const slowness = Number(process.env.SLOWNESS ?? 1);
/** Interactions of each kind. */
const TIMES = 24;

const rows = [];
/** What else goes on here: figures from a machine that is busy are worse than the page. */
const [load] = loadavg();

// The model that is made up: a line of states, each with so many steps and a value of so many bytes.

const size = { bytes: 500, steps: 4, line: 2_000, nodes: 80, points: 1_000 };
const LAYER = 12;

const idOf = (n) => n.toString(16).padStart(16, "0");
const claim = { name: "nothing is lost", kind: "always", checked: true, expected_to_fail: false, stated: null };
const model = {
  case: "made-up-1",
  model: "made-up",
  about: "A model of whatever size.",
  bound: "ci",
  bound_about: "as large as asked for",
  constants: {},
  mutant: null,
  lesson: null,
  processes: ["client 0", "client 1", "client 2", "server"],
  kinds: ["Send", "Receive"],
  guards: [],
  claims: [claim],
  initial: [idOf(0)],
  commands: { check: "proofmark check made-up", explore: "proofmark explore made-up" },
};

/** About so many bytes as JSON: a log, sets and records, of which each state changes a few. */
function valueOf(n) {
  const entry = (i) => ({
    index: i,
    term: n % 7 === i % 7 ? n : i % 5,
    command: `put key ${i} value ${i * 31}`,
    by: i % 3,
  });
  const each = JSON.stringify(entry(100)).length + 1;
  const entries = Math.max(1, Math.floor(size.bytes / each));
  const nodes = 4;
  const of = (node) => Array.from({ length: Math.ceil(entries / nodes) }, (_, i) => entry(i * nodes + node));
  return {
    at: n,
    nodes: Array.from({ length: nodes }, (_, node) => ({
      role: node === n % nodes ? "leader" : "follower",
      log: of(node),
    })),
    acked: { "#set": [0, 1, 2].filter((i) => n & (1 << i)) },
  };
}

function stepOf(n, i) {
  const [from, to] = [i % 4, (i + 1 + (n % 3)) % 4];
  const sends = n % 2 === 0;
  const message = { from: n % 4, to: (n + 1) % 4, text: `entry ${Math.floor(n / 2)}` };
  const received = { from: (n - 1) % 4, to: n % 4, text: `entry ${Math.floor(n / 2)}` };
  return {
    action:
      i === 0
        ? `step ${n + 1}: ${sends ? "sends" : "receives"} entry ${Math.floor(n / 2)}`
        : `client ${from} asks ${to}, way ${i}`,
    kind: sends ? "Send" : "Receive",
    to: idOf(n + 1 + i),
    changes: [{ path: "at", before: n, after: n + 1 + i }],
    violates: [],
    scene: {
      process: i === 0 ? n % 4 : from,
      sent: sends && i === 0 ? [message] : [],
      received: !sends && i === 0 && n > 0 ? [received] : [],
      lost: [],
      fault: null,
    },
  };
}

function stateOf(n) {
  const steps = n >= size.line ? [] : Array.from({ length: size.steps }, (_, i) => stepOf(n, i));
  const truth = { claim: claim.name, kind: "always", predicate: "state", holds: true, clauses: [] };
  return { id: idOf(n), value: valueOf(n), truths: [truth], initial: n === 0, deadlock: false, steps };
}

function pathFrom(n, length) {
  const states = Array.from({ length: length + 1 }, (_, i) => idOf(n + i));
  return { states, steps: Array.from({ length }, (_, i) => stepOf(n + i, 0)), changed: null };
}

function neighbourhoodOf(around, most) {
  const nodes = [];
  const edges = [];
  for (let i = 0; i < most; i += 1) {
    const layer = i === 0 ? 0 : 1 + Math.floor((i - 1) / LAYER);
    nodes.push({
      id: idOf(around + i),
      layer,
      initial: false,
      deadlock: false,
      violates: [],
      label: `client ${i % 3} sends entry ${i}`,
    });
    if (layer === 0) continue;
    const first = layer === 1 ? 0 : 1 + (layer - 2) * LAYER;
    const before = layer === 1 ? 1 : LAYER;
    for (const k of new Set([i % before, (i * 5 + 3) % before])) {
      edges.push({
        from: idOf(around + first + k),
        to: idOf(around + i),
        action: `step ${i}`,
        kind: "Send",
        violates: [],
      });
    }
  }
  return { nodes, edges, left_out: 0 };
}

function pointsOf(most) {
  const ids = Array.from({ length: most }, (_, i) => idOf(i));
  const width = Math.ceil(Math.sqrt(most));
  const edges = ids.flatMap((_, i) => (i === 0 ? [] : [Math.max(0, i - 1 - ((i * 7) % width)), i]));
  return {
    ids,
    depth: ids.map((_, i) => Math.floor(i / width)),
    x: ids.map((_, i) => Math.floor(i / width)),
    y: ids.map((_, i) => (i % width) - width / 2),
    violating: [],
    deadlocks: [],
    edges,
    left_out_edges: 0,
    exhaustive: true,
  };
}

const nothing = { state: "none", error: null, progress: null, actions: [], properties: [], verdict: null, words: null };

function answer(url, body) {
  const place = url.pathname.replace(/^\/api\/v1\//, "");
  const [, state] = /states\/([0-9a-f]{16})/.exec(place) ?? [];
  const number = (id) => parseInt(id ?? "0", 16);
  if (place === "models") {
    const row = { name: "made-up", about: model.about, cluster: false, constants: [], bounds: [], mutants: [] };
    const start = { model: "made-up", bound: null, set: {}, mutant: null, counterexample: null };
    return { program: "proofmark", version: "0", models: [row], systems: [], start };
  }
  if (place === "cases") return model;
  if (place.endsWith("/disabled")) return { disabled: [], looked_at: 1, exhaustive: true };
  if (state !== undefined) return stateOf(number(state));
  if (place.endsWith("/walk")) return pathFrom(number(body.from), body.steps);
  if (place.endsWith("/path")) return pathFrom(0, body.steps.length);
  if (place.endsWith("/neighbourhood")) return neighbourhoodOf(number(url.searchParams.get("around")), size.nodes);
  if (place.endsWith("/points")) return pointsOf(size.points);
  if (place.endsWith("/check")) return nothing;
  if (place === "counterexamples") return { counterexamples: [] };
  return null;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://here");
  response.setHeader("content-security-policy", policy);
  if (url.pathname.endsWith("/check/events")) {
    response.setHeader("content-type", "text/event-stream");
    response.write(`event: status\ndata: ${JSON.stringify(nothing)}\n\n`);
    return;
  }
  if (url.pathname.startsWith("/api/")) {
    let text = "";
    for await (const more of request) text += more;
    const found = answer(url, text ? JSON.parse(text) : {});
    response.statusCode = found === null ? 404 : 200;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(found ?? { error: "no such thing" }));
    return;
  }
  const file = url.pathname === "/" ? "index.html" : url.pathname.slice(1);
  try {
    const content = await readFile(join(dist, file));
    response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
    response.end(content);
  } catch {
    response.statusCode = 404;
    response.end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const madeUp = `http://127.0.0.1:${server.address().port}/`;

// What is measured.

/** What a browser fetches before anything is shown: the page, and what it names. */
async function firstLoad() {
  const html = await readFile(join(dist, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file);
  let bytes = gzipSync(html, { level: 9 }).length;
  for (const file of named) bytes += gzipSync(await readFile(join(dist, file)), { level: 9 }).length;
  const assets = await readdir(join(dist, "assets"));
  let all = 0;
  for (const file of assets) all += gzipSync(await readFile(join(dist, "assets", file)), { level: 9 }).length;
  rows.push([
    "first load, gzipped",
    `${kilobytes(bytes)}`,
    `at most 150 KB; with all that is fetched later ${kilobytes(all)}`,
  ]);
}

/**
 * From a key or a click to the frame that shows what it did: Chromium's own event timing, which counts in steps of 8 ms
 * from 16 ms on. An interaction is the longest of its events, such as `keydown` and `keyup`.
 */
async function watch(page) {
  await page.addInitScript(() => {
    window.interactions = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId > 0)
          window.interactions.set(interactionId, Math.max(duration, window.interactions.get(interactionId) ?? 0));
      }
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
  });
}

async function interact(page, what, does) {
  // Those before are told late, and are none of these.
  await page.waitForTimeout(300);
  await page.evaluate(() => window.interactions.clear());
  for (let i = 0; i < TIMES; i += 1) {
    await does(i);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));
  }
  await page.waitForTimeout(200);
  const seen = await page.evaluate(() => [...window.interactions.values()]);
  // What is not told took less than 16 ms.
  const all = [...seen, ...Array(Math.max(0, TIMES - seen.length)).fill(8)].sort((a, b) => a - b);
  const at = (share) => all[Math.min(all.length - 1, Math.ceil(share * all.length) - 1)];
  const told = (ms) => (ms < 16 ? "< 16" : `${ms}`);
  const over = all.filter((ms) => ms > BUDGET).length;
  rows.push([
    what,
    `${told(at(0.5))}, ${told(at(0.95))}, ${told(all.at(-1))} ms`,
    over === 0 ? `p50, p95, max of ${all.length}; kept` : `p50, p95, max of ${all.length}; **missed** by ${over}`,
  ]);
}

async function opened(browser, sizes, viewport = { width: 1440, height: 900 }) {
  Object.assign(size, { bytes: 500, steps: 4, line: 2_000, nodes: 80, points: 1_000 }, sizes);
  const page = await (await browser.newContext({ viewport, colorScheme: "light" })).newPage();
  page.setDefaultTimeout(60_000);
  if (slowness > 1) {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  }
  page.on("pageerror", (error) => console.error(`the page: ${error.message}`));
  await watch(page);
  await page.goto(madeUp);
  await page.getByRole("tree", { name: "the state's fields" }).waitFor();
  return page;
}

async function stepping(page, words) {
  await interact(page, `${words}: a step by key`, () => page.keyboard.press("1"));
  await interact(page, `${words}: undo`, () => page.keyboard.press("u"));
}

async function largeState(browser) {
  const page = await opened(browser, { bytes: 50_000 });
  const bytes = JSON.stringify(valueOf(1)).length;
  const words = `a state of ${kilobytes(bytes)}`;
  await stepping(page, words);
  await interact(page, `${words}: changes only, on and off`, () => page.keyboard.press("e"));
  const fields = page.getByRole("tree", { name: "the state's fields" });
  await fields.getByRole("treeitem").filter({ hasText: "nodes" }).first().click();
  await interact(page, `${words}: open, close and pass through its fields`, (i) =>
    page.keyboard.press(["ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"][i % 6]),
  );
  await page.context().close();
}

async function longTrace(browser) {
  const page = await opened(browser, { line: 5_000 });
  await page.getByRole("spinbutton", { name: "steps of a random walk" }).fill("1000");
  await page.getByRole("button", { name: "walk" }).click();
  await page.locator(".stand").filter({ hasText: "1000/1000" }).waitFor();
  await page.keyboard.press("Escape");
  const words = "a trace of 1,000 steps";
  await interact(page, `${words}, as a diagram: a step back or forth`, (i) => page.keyboard.press(i % 3 ? "k" : "j"));
  await interact(page, `${words}, as a diagram: to its start or end`, (i) =>
    page.keyboard.press(i % 2 ? "End" : "Home"),
  );
  await page.keyboard.press("S");
  await interact(page, `${words}, as a list: to its start or end`, (i) => page.keyboard.press(i % 2 ? "End" : "Home"));
  await page.keyboard.press("B");
  await interact(page, `${words}, as a tree: a step back or forth`, (i) => page.keyboard.press(i % 3 ? "k" : "j"));
  await interact(page, `${words}: from tab to tab`, (i) => page.keyboard.press("DSB"[i % 3]));
  await page.context().close();
}

async function manyActions(browser) {
  const page = await opened(browser, { steps: 1_000, line: 5_000 });
  await stepping(page, "1,000 enabled actions");
  await page.keyboard.press("/");
  const asked = "client 2 asks 3, way 77";
  await interact(page, "1,000 enabled actions: a letter in the search", (i) =>
    page.keyboard.press(i < asked.length ? asked[i] : "Backspace"),
  );
  await page.context().close();
}

/** The time of the worker, as the page sees it: from the question to the places. */
async function layouts(browser) {
  for (const nodes of [50, 100, 200]) {
    const page = await opened(browser, { nodes });
    await page.addInitScript(() => {
      const Plain = window.Worker;
      window.layouts = [];
      window.Worker = class extends Plain {
        constructor(...rest) {
          super(...rest);
          this.addEventListener("message", ({ data }) => window.layouts.push(data.milliseconds));
        }
      };
    });
    await page.reload();
    await page.getByRole("tree", { name: "the state's fields" }).waitFor();
    await page.keyboard.press("G");
    const begun = Date.now();
    await page.waitForFunction(() => window.layouts.length > 0);
    await page
      .locator(".graph svg rect.node")
      .nth(nodes - 1)
      .waitFor();
    const [first] = await page.evaluate(() => window.layouts);
    await page.waitForTimeout(300);
    rows.push([
      `neighbourhood of ${nodes} states: layout in the worker`,
      `${Math.round(first)} ms`,
      `shown ${Date.now() - begun - 300} ms after it was asked for`,
    ]);
    const zoom = page.getByRole("button", { name: "closer" });
    const other = page.getByRole("button", { name: "farther" });
    if (nodes === 200) {
      await interact(page, "neighbourhood of 200 states: closer and farther", (i) => (i % 2 ? other : zoom).click());
    }
    await page.context().close();
  }
}

async function points(browser) {
  // Without hardware the page asks for 2,000 at most; here it is given more, to see why.
  for (const count of [1_000, 10_000]) {
    const page = await opened(browser, { points: count });
    await page.keyboard.press("G");
    await page.getByRole("button", { name: "points", exact: true }).click();
    const anyway = page.getByRole("button", { name: /points all the same/ });
    const drawn = page.getByText(/drawn in \d+ ms/);
    await anyway.or(drawn).first().waitFor();
    const falls = await anyway.isVisible();
    if (falls) await anyway.click();
    await drawn.waitFor();
    const [, ms, renderer] = /drawn in (\d+) ms of the page's own time by (.+)$/.exec(await drawn.innerText()) ?? [];
    rows.push([
      `${count.toLocaleString("en")} points: the page's own time`,
      `${ms} ms`,
      `${renderer}${falls ? "; no hardware, so the page shows clusters first" : ""}`,
    ]);
    await page.context().close();
  }
}

/** The program's own server, about a model with many states. */
async function clusters() {
  const directory = await mkdtemp(join(tmpdir(), "figures-"));
  const child = spawn(program, ["explore", "single-decree-paxos", "--listen", "127.0.0.1:0"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const address = await new Promise((tell, fail) => {
      child.stdout.on("data", (text) => tell(/http:\/\/\S+/.exec(text)?.[0]));
      child.on("error", fail);
      child.on("exit", (code) => fail(new Error(`the program ended with ${code}`)));
    });
    const ask = async (path, body) => {
      const sent = body && {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      };
      const response = await fetch(`${address}api/v1/${path}`, sent);
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    };
    for (const [bound, most] of [
      ["three-ballots", 1_000_000],
      ["deep", 1_000_000],
    ]) {
      const { case: id } = await ask("cases", { model: "single-decree-paxos", bound });
      for (const times of ["first", "again"]) {
        const begun = performance.now();
        const told = await ask(`cases/${id}/clusters?by=depth&states=${most}`);
        const seconds = (performance.now() - begun) / 1000;
        rows.push([
          `clusters by depth on the server, single-decree-paxos at ${bound}${times === "again" ? ", asked again" : ""}`,
          `${seconds.toFixed(1)} s`,
          `${told.states.toLocaleString("en")} states${told.exhaustive ? ", all" : ", and there are more"}`,
        ]);
      }
    }
  } finally {
    child.removeAllListeners("exit");
    child.kill("SIGINT");
    await rm(directory, { recursive: true, force: true });
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

const parts = { firstLoad, largeState, longTrace, manyActions, layouts, points, clusters };
const wanted = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
try {
  for (const [name, part] of Object.entries(parts))
    if (wanted.length === 0 || wanted.includes(name)) await part(browser);
} finally {
  const [processor] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  console.log(
    `${cpus().length} cores (${processor?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Chromium ${browser.version()}, ${date}`,
  );
  const slowed = slowness > 1 ? ` The page has a processor ${slowness} times slower.` : "";
  console.log(`The load of the machine before: ${load.toFixed(1)}.${slowed}\n`);
  console.log("| what | figure | |\n| --- | --- | --- |");
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
  await browser.close();
  server.closeAllConnections();
  server.close();
}
