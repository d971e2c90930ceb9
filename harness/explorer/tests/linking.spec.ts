import { expect, linkOf, offered, open, standsAt, test } from "./page";

test("a link keeps every branch, the pin, the bookmarks and the tab", async ({ page, context }) => {
  await open(page);
  await page.keyboard.press("1");
  await page.keyboard.press("3");
  await page.keyboard.press("p");
  await standsAt(page, "2/2");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("4");
  await standsAt(page, "2/2");
  await page.keyboard.press("b");
  await page.getByRole("textbox", { name: "a name for this state" }).fill("the other way");
  await page.keyboard.press("Enter");
  const link = await linkOf(page, /mark=/);
  expect(link).toContain("pin=2");

  const other = await context.newPage();
  await other.goto(link);
  await standsAt(other, "2/2");
  const visited = other.getByRole("tree", { name: "what was visited" });
  await expect(visited.getByRole("treeitem")).toHaveCount(4);
  await expect(visited.getByRole("treeitem", { selected: true })).toContainText("the other way");
  await expect(other.getByRole("button", { name: /the pinned/ })).toBeEnabled();
});

test("a long trail fits into a link", async ({ page, context }) => {
  await open(page);
  await page.getByRole("spinbutton", { name: "steps of a random walk" }).fill("200");
  await page.getByRole("button", { name: "walk" }).click();
  await standsAt(page, "200/200");
  const link = await linkOf(page, /at=/);
  expect(link.length).toBeLessThan(4000);
  const other = await context.newPage();
  await other.goto(link);
  await standsAt(other, "200/200");
});

test("a link through a model that has changed goes as far as it can", async ({ page }) => {
  await open(page);
  await page.keyboard.press("1");
  await page.keyboard.press("3");
  await standsAt(page, "2/2");
  const link = await linkOf(page, /at=2/);
  await page.goto("about:blank");
  await page.goto(link.replace("model=paxos", "model=voting"));
  await expect(page.getByText(/model changed at step \d/)).toBeVisible();
  await standsAt(page, "0/0");
});

test("a link that is broken is refused in words, and its model opens at its start", async ({ page }) => {
  await page.goto("./#model=voting&at=3&tree=~nonsense");
  await expect(page.getByText(/this link is broken/)).toBeVisible();
  await expect(page).toHaveTitle(/voting/);
  await standsAt(page, "0/0");
  await expect(offered(page).first()).toBeEnabled();
});

test("another link in the same tab is followed", async ({ page }) => {
  await open(page);
  await page.evaluate(() => (location.hash = "#model=voting&bound=ci"));
  await expect(page).toHaveTitle(/voting at ci/);
});
