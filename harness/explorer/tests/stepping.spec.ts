import { expect, offered, open, standsAt, take, test } from "./page";

test("a step is taken by click and by number, undone and done again", async ({ page }) => {
  await open(page);
  await standsAt(page, "0/0");
  const words = await offered(page).first().locator(".words").innerText();
  await offered(page).first().click();
  await standsAt(page, "1/1");
  await expect(page.getByRole("region", { name: "trace" })).toContainText(words);
  await page.keyboard.press("3");
  await standsAt(page, "2/2");
  await page.keyboard.press("u");
  await standsAt(page, "1/2");
  await page.keyboard.press("u");
  await standsAt(page, "0/2");
  await page.keyboard.press("Shift+U");
  await page.keyboard.press("Shift+U");
  await standsAt(page, "2/2");
});

test("keys that are pressed faster than states arrive are taken one after the other", async ({ page }) => {
  await open(page);
  for (const key of ["1", "1", "1", "u", "u"]) await page.keyboard.press(key);
  await standsAt(page, "1/3");
});

test("what a step would change is told before it, and marked after it", async ({ page }) => {
  await open(page);
  await expect(offered(page).first()).toContainText("msgs");
  await offered(page).first().click();
  const tree = page.getByRole("tree", { name: "the state's fields" });
  await expect(tree.getByRole("treeitem", { name: /changed: msgs/ })).toBeVisible();
  await page.keyboard.press("p");
  await page.keyboard.press("v");
  await expect(tree.getByRole("treeitem", { name: /changed:/ })).toHaveCount(0);
});

test("a question is answered by the guard that is false", async ({ page }) => {
  await open(page);
  await page.keyboard.press("/");
  await page.keyboard.type("why can't acceptor 2 vote here?");
  const actions = page.getByRole("region", { name: "actions" });
  await expect(actions.getByRole("heading", { name: /cannot happen here/ })).toBeVisible();
  const row = actions.getByRole("listitem").filter({ hasText: "acceptor 2 accepts value 0 in ballot 0" });
  await expect(row).toContainText("because accept sent is false");
});

test("a random walk has as many steps as are asked for, and is one undo", async ({ page }) => {
  await open(page);
  await page.getByRole("spinbutton", { name: "steps of a random walk" }).fill("4");
  await page.getByRole("button", { name: "walk" }).click();
  await standsAt(page, "4/4");
  await page.keyboard.press("u");
  await standsAt(page, "0/4");
});

test("steps are grouped by process, and each tells what it would change", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  const actions = page.getByRole("region", { name: "actions" });
  await expect(actions.getByRole("heading", { level: 2 })).toContainText("8 can happen");
  await expect(actions.getByRole("heading", { level: 3 })).toHaveText([
    /coordinator\s+1/,
    /participant 0\s+2/,
    /participant 1\s+2/,
    /faults\s+3/,
  ]);
  const prepares = offered(page).filter({ hasText: "participant 0 votes yes and is prepared" });
  await expect(prepares.locator(".preview")).toContainText("rm_state[0]");
  await expect(prepares.locator(".preview")).toContainText("prepared");
});

test("what cannot happen is listed on demand, with the guard that is false", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  const actions = page.getByRole("region", { name: "actions" });
  await expect(actions.getByRole("heading", { name: /cannot happen here/ })).toHaveCount(0);
  await actions.getByRole("button", { name: "also what cannot" }).click();
  await expect(actions.getByRole("heading", { name: /cannot happen here/ })).toContainText("12");
  const row = actions.getByRole("listitem").filter({ hasText: "participant 0 is told to commit" });
  await expect(row).toContainText("because commit sent is false");
  await expect(actions).toContainText("of every action that happens in any of the 348 states");
});

test("faults happen by click on a process, and leave their sign", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  const trace = page.getByRole("region", { name: "trace" });
  await trace.getByRole("button", { name: /participant 1/ }).click();
  await expect(offered(page)).toHaveCount(1);
  await take(page, "participant 1 crashes");
  await standsAt(page, "1/1");
  await expect(trace.locator("svg path.fault")).toHaveCount(1);
  await expect(trace.locator("svg path.down").first()).toBeAttached();
  await take(page, "participant 1 restarts");
  await standsAt(page, "2/2");
  await expect(trace.locator("svg rect.dot")).toHaveCount(1);
  await page.getByRole("button", { name: "faults only" }).click();
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: /search what can/ }).fill("");
  await expect(offered(page)).toHaveCount(8);
});

test("a thousand steps are walked and gone through", async ({ page }) => {
  await open(page, "model=lock-table&bound=ci");
  await page.getByRole("spinbutton", { name: "steps of a random walk" }).fill("1000");
  await page.getByRole("button", { name: "walk" }).click();
  await standsAt(page, "1000/1000");
  await page.getByRole("button", { name: "to the start" }).click();
  await standsAt(page, "0/1000");
  // Only what is in view is drawn.
  expect(await page.getByRole("listbox", { name: "steps" }).getByRole("option").count()).toBeLessThan(120);
});

test("a word that no action says is not mistaken for what can happen, and others are suggested", async ({ page }) => {
  await open(page);
  await page.keyboard.press("/");
  await page.keyboard.type("vote");
  const actions = page.getByRole("region", { name: "actions" });
  await expect(actions.getByText("no action says “vote”")).toBeVisible();
  await expect(actions.getByRole("button", { name: "promises" })).toBeVisible();
  await expect(actions.getByText(/can happen here|happening here|cannot happen/)).toHaveCount(0);
  await actions.getByRole("button", { name: "begins" }).click();
  await expect(actions.getByRole("button", { name: /ballot 0 begins/ })).toBeVisible();
});
