/** What lasts: through a restart of the server, through the browser's way back, and in a link that is broken. */

import { banner, counterexampleOf, expect, linkOf, offered, open, standsAt, take, test, type Page } from "./page";

/** From now on the server behaves as if it had been started again: it knows a case once it is asked to open it. */
async function restart(page: Page): Promise<string[]> {
  const asked: string[] = [];
  let known = false;
  let met = false;
  await page.route("**/api/v1/cases**", async (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace(/^.*\/api\/v1\//, "");
    asked.push(path.replace(/^cases\/[^/]+/, "cases/…").replace(/[0-9a-f]{16}/, "…"));
    if (path === "cases") known = true;
    else if (!known) return route.fulfill({ status: 404, json: { error: "the case is not open; open it once more" } });
    else if (path.endsWith("/path")) met = true;
    else if (!met) return route.fulfill({ status: 404, json: { error: "the state was not met here" } });
    return route.continue();
  });
  return asked;
}

test("after a restart of the server the reader goes on where they stood", async ({ page }) => {
  await open(page);
  await take(page, "ballot 0 begins");
  await standsAt(page, "1/1");
  const asked = await restart(page);
  await take(page, "acceptor 0 promises ballot 0");
  await standsAt(page, "2/2");
  expect(asked.slice(0, 4)).toEqual(["cases/…/states/…", "cases", "cases/…/path", "cases/…/states/…"]);
  await expect(page.locator(".banner.bad")).toHaveCount(0);
  await page.keyboard.press("d");
  await expect(page.getByText("because").first()).toBeVisible();
});

test("a counterexample stays open through a restart of the server", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "mutual exclusion at the server");
  await open(page, `model=naive-lock&bound=ci&counterexample=${id}`);
  await standsAt(page, "5/5");
  await restart(page);
  await page.keyboard.press("Home");
  await standsAt(page, "0/5");
  await expect(banner(page)).toContainText("mutual exclusion at the server fails");
});

test("what is refused after the case was opened again is told once", async ({ page }) => {
  await open(page);
  let times = 0;
  await page.route("**/api/v1/cases/*/states/**", (route) => {
    times += 1;
    return route.fulfill({ status: 404, json: { error: "the state was not met here" } });
  });
  await take(page, "ballot 0 begins");
  await expect(page.locator(".banner.bad")).toContainText("was not met here");
  expect(times).toBe(2);
});

test("a check whose server went away is told to be gone, and asked for when it is back", async ({ page }) => {
  await open(page);
  const status = {
    state: "running",
    error: null,
    progress: { phase: "exploring", generated: 9, distinct: 7, queue: 1, depth: 2, memory: 1, seconds: 1, rate: 7 },
    actions: [],
    properties: [],
    verdict: null,
    words: null,
  };
  let gone = false;
  await page.route("**/api/v1/cases/*/check**", (route) => {
    if (gone) return route.abort();
    if (!route.request().url().endsWith("/events")) return route.fulfill({ json: status });
    gone = true;
    return route.fulfill({
      contentType: "text/event-stream",
      body: `event: status\ndata: ${JSON.stringify(status)}\n\n`,
    });
  });
  await page.keyboard.press("c");
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "check", exact: true }).click();
  await expect(sheet.getByRole("status")).toContainText("the check’s server is gone");
  await expect(sheet.getByRole("button", { name: /pause|stop|resume/ })).toHaveCount(0);
  await page.unroute("**/api/v1/cases/*/check**");
  await expect(sheet.getByRole("status")).not.toContainText("gone", { timeout: 15_000 });
  await expect(sheet.getByRole("button", { name: /^check/ })).toBeVisible();
});

test("the browser's way back leads to what was open before, and steps are not in it", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "mutual exclusion at the server");
  await open(page);
  await take(page, "ballot 0 begins");
  await take(page, "acceptor 0 promises ballot 0");
  await linkOf(page, /at=2/);
  const before = await page.evaluate(() => history.length);
  await page.keyboard.press("x");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(id) })
    .click();
  await linkOf(page, /counterexample=/);
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  await page.goBack();
  await expect(page).toHaveTitle(/single-decree-paxos at ci/);
  await standsAt(page, "2/2");
  await page.goForward();
  await expect(banner(page)).toBeVisible();
  await standsAt(page, "5/5");
});

test("a broken link stays in the address until the reader does something", async ({ page }) => {
  await page.goto("./#model=voting&at=3&tree=~nonsense");
  await expect(page.getByText(/this link is broken/)).toBeVisible();
  await expect(offered(page).first()).toBeEnabled();
  await page.waitForTimeout(400);
  expect(page.url()).toContain("~nonsense");
  await page.keyboard.press("1");
  await linkOf(page, /at=1/);
});
