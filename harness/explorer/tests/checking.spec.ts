import { banner, counterexampleOf, expect, fileOf, linkOf, open, standsAt, tab, test } from "./page";

test("until a check has ended, nothing is said to be checked", async ({ page }) => {
  await open(page, "model=transaction-commit&bound=ci");
  const properties = page.getByRole("region", { name: "properties" });
  await expect(properties.getByText("not yet checked").first()).toBeVisible();
  await page.keyboard.press("c");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("status")).toContainText("nothing is known of this bound until");
  await expect(sheet.getByText("never", { exact: true })).toHaveCount(0);
  await expect(sheet.locator(".never")).toHaveCount(0);
  await sheet.getByRole("button", { name: "check", exact: true }).click();
  await expect(sheet.getByRole("status")).toContainText("every property holds in all 12 states of the bound ci");
  await page.keyboard.press("Escape");
  await expect(properties.getByText("not yet checked")).toHaveCount(0);
  await expect(properties.getByText("holds").first()).toBeVisible();
});

test("a check is paused, goes on and is stopped, and its counts are live", async ({ page }) => {
  await open(page, "model=lock-table&bound=deep");
  await page.keyboard.press("c");
  const sheet = page.getByRole("dialog");
  const distinct = sheet.locator("dl div").filter({ hasText: "distinct states" }).locator("dd");
  await sheet.getByRole("button", { name: "check", exact: true }).click();
  await expect(sheet.getByRole("status")).toContainText("not yet decided: running");
  await expect(distinct).not.toHaveText("0");
  const first = await distinct.innerText();
  await expect(distinct).not.toHaveText(first);
  await sheet.getByRole("button", { name: "pause" }).click();
  await expect(sheet.getByRole("status")).toContainText("not yet decided: paused");
  await expect(sheet.getByText("not yet checked").first()).toBeVisible();
  await page.waitForTimeout(600);
  const paused = await distinct.innerText();
  await page.waitForTimeout(600);
  await expect(distinct).toHaveText(paused);
  await sheet.getByRole("button", { name: "resume" }).click();
  await expect(distinct).not.toHaveText(paused);
  await sheet.getByRole("button", { name: "stop" }).click();
  await expect(sheet.getByRole("button", { name: "check again" })).toBeVisible({ timeout: 15_000 });
  await expect(sheet.getByRole("status")).not.toContainText("every property holds");
  await expect(sheet.getByRole("table")).toContainText("Request");
});

test("a violation is found from the page, and its link is opened by a browser that never was here", async ({
  page,
  stranger,
}) => {
  await open(page);
  await page.keyboard.press("o");
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("searchbox", { name: "find a model" }).fill("single-decree");
  await sheet.getByRole("button", { name: /^single-decree-paxos/ }).click();
  await sheet.getByRole("combobox", { name: "mutant" }).selectOption("adopts-any-report");
  await expect(sheet.getByRole("combobox", { name: "bound" })).toHaveValue("three-ballots");
  await sheet.getByRole("button", { name: "open single-decree-paxos" }).click();
  await expect(page.getByRole("banner").getByText("mutant adopts-any-report")).toBeVisible();
  await expect(sheet).toHaveCount(0);
  await page.keyboard.press("c");
  await sheet.getByRole("button", { name: "check", exact: true }).click();
  await expect(sheet.getByRole("status")).toContainText("violated at three-ballots: agreement", { timeout: 15_000 });
  const agreement = sheet.getByRole("listitem").filter({ hasText: "agreement" });
  await expect(agreement).toContainText("fails");
  await agreement.getByRole("button", { name: "open the counterexample" }).click();
  await expect(banner(page)).toContainText("agreement fails: a counterexample of");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("End");
  await standsAt(page, /^(\d+)\/\1$/);
  await expect(banner(page).locator(".clause .bad").first()).toBeAttached();
  const link = await linkOf(page, /counterexample=single-decree-paxos-.*&at=\d/);
  await stranger.goto(link);
  await expect(banner(stranger)).toContainText("agreement fails");
  await standsAt(stranger, /^(\d+)\/\1$/);
  await expect(stranger.getByRole("banner").getByText("mutant adopts-any-report")).toBeVisible();
});

test("a counterexample opens by its name, and its clause is told at each step", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "mutual exclusion at the server");
  await open(page);
  await page.keyboard.press("x");
  await page.getByRole("textbox", { name: "the counterexample's name" }).fill("no-such-thing");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("alert")).toBeVisible();
  await page.getByRole("textbox", { name: "the counterexample's name" }).fill(id);
  await page.keyboard.press("Enter");
  await expect(banner(page)).toContainText("mutual exclusion at the server fails: a counterexample of 5 steps");
  // It opens at its end, where it fails.
  await standsAt(page, "5/5");
  const clause = banner(page).locator(".clause").filter({ hasText: "clients 0 and 1 do not both hold the lock" });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(clause.locator(".bad")).toBeAttached();
  await page.keyboard.press("Home");
  await expect(clause.locator(".good")).toBeAttached();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("End");
  await expect(clause.locator(".bad")).toBeAttached();
  await tab(page, "steps");
  const steps = page.getByRole("listbox", { name: "the steps of the trail" }).getByRole("option");
  await expect(steps.nth(4).locator(".truth.good")).toBeAttached();
  await expect(steps.nth(5).locator(".truth.bad")).toBeAttached();
});

test("a lasso shows its loop", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "two-phase-commit", bound: "ci" }, "non-blocking");
  await open(page);
  await page.keyboard.press("x");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(id) })
    .click();
  await expect(banner(page)).toContainText("of which those from 1 repeat for ever");
  await expect(page.locator("svg path.loop")).toBeAttached();
  await tab(page, "steps");
  const steps = page.getByRole("listbox", { name: "the steps of the trail" }).getByRole("option");
  await expect(steps.nth(1)).toContainText("the loop begins");
  await expect(steps.last()).toContainText("back to 1");
});

test("a counterexample opens from a file, chosen or dropped", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "a grant is never lost");
  const text = await fileOf(request, id);
  await open(page);
  await page.keyboard.press("x");
  const input = page.locator("dialog input[type=file]");
  await input.setInputFiles({ name: "one.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await expect(banner(page)).toContainText("a grant is never lost fails");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("End");
  await standsAt(page, "3/3");
  await open(page, "model=voting&bound=ci");
  await expect(page).toHaveTitle(/voting/);
  await page.keyboard.press("x");
  const files = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "one.json", { type: "application/json" }));
    return data;
  }, text);
  const drop = page.locator("dialog .drop");
  await drop.dispatchEvent("dragover", { dataTransfer: files });
  await drop.dispatchEvent("drop", { dataTransfer: files });
  await expect(banner(page)).toContainText("a grant is never lost fails");
  await expect(page).toHaveTitle(/naive-lock/);
});

test("a hostile file is refused in words, and nothing of it is carried out", async ({ page, request }) => {
  const id = await counterexampleOf(request, { model: "naive-lock", bound: "ci" }, "a grant is never lost");
  const good = await fileOf(request, id);
  const image = "<img src=x onerror=alert(1)>";
  const hostile = [
    JSON.stringify({ [image]: image }),
    JSON.stringify({ ...(JSON.parse(good) as object), model: image }),
    JSON.stringify({ ...(JSON.parse(good) as object), property: image }),
    good.slice(0, 300),
    "[".repeat(1_000_000),
    "\u0000\uFFFF",
    "",
  ];
  await open(page);
  for (const text of hostile) {
    await page.keyboard.press("x");
    await page
      .locator("dialog input[type=file]")
      .setInputFiles({ name: `${image}.json`, mimeType: "application/json", buffer: Buffer.from(text) });
    await expect(page.getByRole("dialog").getByRole("alert"), text.slice(0, 80)).not.toBeEmpty();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "dismiss" }).click();
  }
  await expect(page).toHaveTitle(/paxos/);
  // An action that no model has: what it says is shown, and the path ends before it.
  const odd = JSON.parse(good) as { steps: { action: string | null }[] };
  for (const step of odd.steps.slice(1)) step.action = image;
  await page.keyboard.press("x");
  await page
    .locator("dialog input[type=file]")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(odd)) });
  await expect(page.getByText(/model changed at step 1|<img/).first()).toBeVisible();
  await expect(page.locator("img")).toHaveCount(0);
});
