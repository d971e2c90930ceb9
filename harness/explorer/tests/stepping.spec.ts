import { expect, offered, open, standsAt, test } from "./page";

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

test("a predicate leads to the nearest state where it is true", async ({ page }) => {
  await open(page);
  await page.keyboard.press("f");
  await page.getByRole("textbox", { name: "predicate" }).fill("size(chosen) ==");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await page.getByRole("textbox", { name: "predicate" }).fill("size(chosen) == 1");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/found after \d+ steps; looked at/).first()).toBeVisible();
});

test("until a check has ended, nothing is said to be checked", async ({ page }) => {
  await open(page, "model=voting&bound=ci");
  const properties = page.getByRole("region", { name: "properties" });
  await expect(properties.getByText("not yet checked").first()).toBeVisible();
  await page.keyboard.press("c");
  await page.getByRole("dialog").getByRole("button", { name: "check", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("every property holds");
  await page.keyboard.press("Escape");
  await expect(properties.getByText("holds").first()).toBeVisible();
});
