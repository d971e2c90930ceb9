import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { counterexampleOf, expect, offered, open, standsAt, stateTree, tab, test, type Page } from "./page";

/** Takes a file out of the menu: its name, and where it is. */
async function taken(page: Page, words: string, at: string): Promise<{ name: string; path: string; text: string }> {
  if (!(await page.locator("details[open] [data-choice]").count()))
    await page.getByRole("banner").locator("summary").click();
  const arrives = page.waitForEvent("download");
  await page.getByRole("banner").getByRole("button", { name: words, exact: true }).click();
  const download = await arrives;
  const path = `${at}/${download.suggestedFilename()}`;
  await download.saveAs(path);
  return { name: download.suggestedFilename(), path, text: readFileSync(path, "utf8") };
}

test("the trail is taken away in every form", async ({ page }, { outputDir }) => {
  await open(page);
  for (const key of ["1", "3", "3"]) await page.keyboard.press(key);
  await standsAt(page, "3/3");

  const markdown = await taken(page, "Markdown, for people", outputDir);
  expect(markdown.name).toBe("single-decree-paxos-ci-3-steps.md");
  expect(markdown.text).toContain("1. ballot 0 begins: its proposer asks for promises");
  expect(markdown.text).toContain("explore single-decree-paxos --bound ci");

  const json = JSON.parse((await taken(page, "JSON", outputDir)).text) as { steps: unknown[]; states: unknown[] };
  expect([json.steps.length, json.states.length]).toEqual([3, 4]);

  const itf = await taken(page, "ITF, for tools of TLA+", outputDir);
  expect(itf.name).toBe("single-decree-paxos-ci-3-steps.itf.json");
  const trace = JSON.parse(itf.text) as { vars: string[]; states: unknown[] };
  expect(trace.vars).toContain("msgs");
  expect(trace.states).toHaveLength(4);

  const svg = await taken(page, "its diagram as SVG", outputDir);
  expect(svg.text).toMatch(/^<svg[\s\S]+ballot 0 begins/);
  const png = readFileSync((await taken(page, "its diagram as PNG", outputDir)).path);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.length).toBeGreaterThan(5000);
});

test("the graph is taken away as SVG and PNG", async ({ page }, { outputDir }) => {
  await open(page, "model=voting&bound=ci");
  await tab(page, "graph");
  await expect(
    page
      .getByRole("listbox", { name: /states around/ })
      .getByRole("option")
      .first(),
  ).toBeVisible();
  expect((await taken(page, "SVG", outputDir)).text).toMatch(/^<svg/);
  expect(
    readFileSync((await taken(page, "PNG", outputDir)).path)
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});

test("a page that needs no server is stepped in from its file", async ({ page, stranger, request }, { outputDir }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "mutual exclusion at the server");
  await open(page);
  await page.keyboard.press("x");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(id) })
    .click();
  await standsAt(page, "5/5");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const { path, name } = await taken(page, "a page that needs no server", outputDir);
  expect(name).toBe("naive-lock-ci-5-steps.html");
  await stranger.goto(pathToFileURL(path).href);
  await expect(stateTree(stranger)).toBeVisible();
  await expect(stranger.getByText("exported: no server")).toBeVisible();
  await stranger.keyboard.press("ArrowRight");
  await standsAt(stranger, "1/5");
  await stranger.keyboard.press("End");
  await standsAt(stranger, "5/5");
  await stranger.keyboard.press("Home");
  await offered(stranger).and(stranger.locator(":enabled")).first().click();
  await standsAt(stranger, /^1\//);
  await stranger.getByRole("tab", { name: "steps" }).click();
  await expect(stranger.getByRole("listbox", { name: "the steps of the trail" })).toBeVisible();
});

test("the link and the commands are copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "model=two-phase-commit&bound=ci&mutant=drop-up");
  await page.getByRole("banner").locator("summary").click();
  await page.getByRole("button", { name: "copy the command that checks it" }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/check two-phase-commit --bound \S+ --mutant drop-up$|check two-phase-commit .*drop-up/);
  await page.getByRole("banner").locator("summary").click();
  await page.getByRole("button", { name: "copy the link to this view" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain("model=two-phase-commit");
});
