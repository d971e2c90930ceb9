/**
 * The pictures of the guide, taken from the running program: `npm run pictures`.
 *
 * `PROOFMARK` is the program, `CHROMIUM` the browser. Every picture has a fixed size and begins with a link of its own, so
 * that the same program makes the same pictures.
 */

import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync, inflateSync } from "node:zlib";

const program = resolve(process.env.PROOFMARK ?? "../../target/release/proofmark");
const pictures = fileURLToPath(new URL("../../docs/img/explorer/", import.meta.url));
/** A page that shows more than fits is no picture for a guide, and a file that is larger slows its page. */
const MOST_BYTES = 120_000;

/** The story of the guide: acceptor 2 has heard of ballot 1, and so must not vote in ballot 0. */
const story = [
  "ballot 0 begins",
  "acceptor 0 promises ballot 0",
  "acceptor 1 promises ballot 0",
  "ballot 0 asks to accept value 0",
  "ballot 1 begins",
  "acceptor 2 promises ballot 1",
];

const scenes = {
  async "why-not"(page) {
    await open(page, "model=single-decree-paxos&bound=ci");
    for (const words of story) await take(page, words);
    await page.keyboard.press("/");
    await page.keyboard.type("why can't acceptor 2 vote here?");
    await page.getByText("because not below promise is false").first().waitFor();
  },

  async step(page) {
    await page.setViewportSize({ width: 1280, height: 640 });
    await open(page, "model=single-decree-paxos&bound=ci");
    for (const words of story.slice(0, 3)) await take(page, words);
    return region(page, "actions");
  },

  async state(page) {
    await page.setViewportSize({ width: 1280, height: 640 });
    await open(page, "model=single-decree-paxos&bound=ci");
    for (const words of story.slice(0, 2)) await take(page, words);
    await page.keyboard.press("p");
    for (const words of story.slice(2, 4)) await take(page, words);
    await page.keyboard.press("v");
    return region(page, "state");
  },

  async diagram(page) {
    await page.setViewportSize({ width: 1440, height: 560 });
    await open(page, "model=two-phase-commit&bound=ci");
    await find(page, `"committed" in rm_state && kind == "TMRestart"`);
    // It tells how long it took, which differs each time.
    await page
      .getByRole("button", { name: /close|dismiss/ })
      .first()
      .click();
    return region(page, "trace");
  },

  async branches(page) {
    await page.setViewportSize({ width: 1280, height: 640 });
    await open(page, "model=single-decree-paxos&bound=ci");
    for (const words of story.slice(0, 4)) await take(page, words);
    for (let i = 0; i < 2; i += 1) await page.keyboard.press("ArrowLeft");
    await take(page, "acceptor 2 promises ballot 0");
    await take(page, "ballot 0 asks to accept value 1");
    await page.keyboard.press("b");
    await page.getByRole("textbox", { name: "a name for this state" }).fill("value 1 instead");
    await page.keyboard.press("Enter");
    return region(page, "trace");
  },

  async neighbourhood(page) {
    await page.setViewportSize({ width: 1720, height: 620 });
    await open(page, "model=single-decree-paxos&bound=ci");
    await take(page, story[0]);
    await take(page, story[1]);
    await page.keyboard.press("G");
    await page.getByText(/more in the next layer/).waitFor();
    await page.getByRole("button", { name: "all", exact: true }).click();
    return region(page, "trace");
  },

  async clusters(page) {
    await page.setViewportSize({ width: 1500, height: 620 });
    await open(page, "model=two-phase-commit&bound=ci&tab=graph");
    await page.getByRole("button", { name: "clusters" }).click();
    await page.getByRole("combobox", { name: "by" }).selectOption("field");
    await page.getByRole("textbox", { name: "path of a field" }).fill("rm_state");
    await page.getByRole("button", { name: "show", exact: true }).click();
    await page.getByText(/clusters of all 348/).waitFor();
    return region(page, "trace");
  },

  async find(page) {
    await open(page, "model=single-decree-paxos&bound=ci");
    await page.keyboard.press("f");
    await page.getByRole("textbox", { name: "predicate" }).fill("size(chosen) == 1 && max_bal[2] == 1");
    return page.getByRole("dialog");
  },

  async check(page) {
    await open(page, "model=single-decree-paxos&bound=ci&mutant=paxos-stale-promise-counted");
    await check(page);
    // What differs with each run is no part of a picture that is to be the same.
    await page.getByRole("dialog").evaluate((sheet) => {
      for (const term of sheet.querySelectorAll("dt")) {
        if (["states a second", "memory", "time"].includes(term.textContent)) term.parentElement.remove();
      }
    });
    return page.getByRole("dialog");
  },

  async counterexample(page) {
    await page.setViewportSize({ width: 1440, height: 800 });
    await open(page, "model=single-decree-paxos&bound=ci&mutant=paxos-stale-promise-counted");
    await check(page);
    await page.getByRole("button", { name: "open the counterexample" }).first().click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("End");
    await page
      .locator(".stand")
      .filter({ hasText: /^(\d+)\/\1$/ })
      .waitFor();
  },

  async compare(page) {
    await open(page, "model=single-decree-paxos&bound=ci");
    await page.keyboard.press("m");
    await page.getByRole("combobox", { name: "mutant" }).selectOption("paxos-stale-promise-counted");
    await page.getByRole("button", { name: "compare", exact: true }).last().click();
    await page.getByText(/they go the same way/).waitFor();
    return page.getByRole("dialog");
  },

  async code(page) {
    await page.setViewportSize({ width: 1280, height: 1040 });
    await open(page, "model=two-phase-commit&bound=ci&tab=code");
    await page.getByRole("combobox", { name: "mutant" }).selectOption("commit-on-majority");
    await page.getByRole("button", { name: "run", exact: true }).click();
    await page
      .getByText(/the model would (have )?allow/)
      .first()
      .waitFor();
    return region(page, "trace");
  },
};

/** Opens a link, and waits until its first state is shown. */
async function open(page, link) {
  await page.goto(`./#${link}`);
  await page.getByRole("tree", { name: "the state's fields" }).waitFor();
}

/** Takes the first step that says so, and waits until the page stands after it. */
async function take(page, words) {
  const stand = region(page, "trace").locator(".stand");
  const taken = Number((await stand.innerText()).split("/")[0]) + 1;
  await region(page, "actions").locator("button.take").filter({ hasText: words }).first().click();
  await stand.filter({ hasText: `${taken}/` }).waitFor();
}

async function find(page, predicate) {
  await page.keyboard.press("f");
  await page.getByRole("textbox", { name: "predicate" }).fill(predicate);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Checks what is open, to the end. */
async function check(page) {
  await page.keyboard.press("c");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^check( again)?$/ })
    .click();
  await page.getByRole("button", { name: "open the counterexample" }).first().waitFor();
}

function region(page, name) {
  return page.getByRole("region", { name });
}

/** Starts the program on a free port, and tells its address. */
async function start(directory) {
  const child = spawn(program, ["explore", "single-decree-paxos", "--listen", "127.0.0.1:0"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await new Promise((tell, fail) => {
    let text = "";
    child.stdout.on("data", (more) => {
      text += more;
      const found = /http:\/\/\S+/.exec(text);
      if (found) tell(found[0]);
    });
    child.on("error", fail);
    child.on("exit", (code) => fail(new Error(`the program ended with ${code}`)));
  });
  return { child, address };
}

/** The same picture in its 256 most frequent colours, which takes a third of the bytes and looks the same. */
function smaller(png) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const pixels = pixelsOf(png, width, height);
  const often = new Map();
  for (const pixel of pixels) often.set(pixel, (often.get(pixel) ?? 0) + 1);
  const palette = [...often.keys()].sort((a, b) => often.get(b) - often.get(a) || a - b).slice(0, 256);
  const index = new Map(palette.map((pixel, i) => [pixel, i]));
  for (const pixel of often.keys()) if (!index.has(pixel)) index.set(pixel, nearest(palette, pixel));

  const rows = Buffer.alloc(height * (width + 1));
  pixels.forEach((pixel, i) => (rows[i + Math.floor(i / width) + 1] = index.get(pixel)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, which are an index into the palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    png.subarray(0, 8),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap((pixel) => [pixel >> 16, (pixel >> 8) & 255, pixel & 255]))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The pixels of a picture as Chromium writes it: eight bits a channel, not interlaced; each as one number. */
function pixelsOf(png, width, height) {
  const channels = png[25] === 6 ? 4 : 3;
  if (png[24] !== 8 || ![2, 6].includes(png[25]) || png[28] !== 0) throw new Error("a picture of another form");
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const written = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const bytes = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = written[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : bytes[y * stride + x - channels];
      const up = y === 0 ? 0 : bytes[(y - 1) * stride + x];
      const corner = x < channels || y === 0 ? 0 : bytes[(y - 1) * stride + x - channels];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[y * stride + x] = written[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * channels, 3));
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function nearest(palette, pixel) {
  const apart = (other) =>
    [16, 8, 0].reduce((sum, bits) => sum + (((pixel >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0);
  return palette.reduce((best, other, i) => (apart(other) < apart(palette[best]) ? i : best), 0);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

const wanted = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), "pictures-"));
const { child, address } = await start(directory);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--disable-lcd-text", "--font-render-hinting=none"],
});
try {
  await mkdir(pictures, { recursive: true });
  for (const [name, scene] of Object.entries(scenes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const context = await browser.newContext({
      baseURL: address,
      viewport: { width: 1280, height: 800 },
      colorScheme: "light",
      reducedMotion: "reduce",
      locale: "en",
      timezoneId: "UTC",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const part = (await scene(page)) ?? page;
    // The pointer rests where nothing answers to it, and what loads late has come.
    await page.mouse.move(640, 799);
    await page.waitForTimeout(700);
    const path = join(pictures, `${name}.png`);
    const picture = smaller(await part.screenshot({ animations: "disabled", caret: "hide" }));
    const size = picture.length;
    await writeFile(path, picture);
    if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes, and may have ${MOST_BYTES}`);
    console.log(`${name}.png: ${size} bytes`);
    await context.close();
  }
} finally {
  await browser.close();
  child.removeAllListeners("exit");
  child.kill("SIGINT");
  await rm(directory, { recursive: true, force: true });
}
