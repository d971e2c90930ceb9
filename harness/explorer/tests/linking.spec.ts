import { inflateRawSync } from "node:zlib";
import { expect, linkOf, offered, open, standsAt, tab, take, test } from "./page";

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
  const link = await linkOf(page, /at=200/);
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
  await page.goto(link.replace("model=single-decree-paxos", "model=voting"));
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

test("an action in the link that no longer happens is told, and the way to it is kept", async ({ page, stranger }) => {
  await open(page);
  for (const key of ["1", "3", "1"]) await page.keyboard.press(key);
  await standsAt(page, "3/3");
  const link = new URL(await linkOf(page, /at=3/));
  const fields = new URLSearchParams(link.hash.slice(1));
  const text = fields.get("tree") ?? "";
  const bytes = Buffer.from(text.slice(1), "base64url");
  const tree = JSON.parse(text.startsWith("~") ? inflateRawSync(bytes).toString() : text) as [string[], unknown];
  tree[0][1] = "an action of long ago";
  fields.set("tree", JSON.stringify(tree));
  link.hash = fields.toString();
  await stranger.goto(link.href);
  await expect(stranger.getByText(/model changed at step 2/)).toBeVisible();
  await standsAt(stranger, "1/1");
});

test("a link is followed by a browser that never was here", async ({ page, stranger }) => {
  await open(page, "model=two-phase-commit&bound=ci&set=participants=3");
  await expect(page.getByRole("banner").getByRole("button", { name: /two-phase-commit/ })).toContainText(
    "participants=3",
  );
  await take(page, "participant 2 votes yes");
  await tab(page, "steps");
  await standsAt(page, "1/1");
  const link = await linkOf(page, /tab=steps.*at=1/);
  await stranger.goto(link);
  await standsAt(stranger, "1/1");
  await expect(stranger.getByRole("tab", { name: "steps", selected: true })).toBeVisible();
  await expect(stranger.getByRole("listbox", { name: "the steps of the trail" })).toContainText("participant 2 votes");
  await expect(stranger.getByRole("banner").getByRole("button", { name: /two-phase-commit/ })).toContainText(
    "participants=3",
  );
});

test("a bookmark and a model's name in a link are text, whatever they hold", async ({ page }) => {
  const tree = encodeURIComponent('[[],[[-1,-1,""]]]');
  await page.goto(
    `./#model=single-decree-paxos&bound=ci&at=0&tab=branches&mark=${encodeURIComponent("0:<img src=x onerror=alert(1)>")}&tree=${tree}`,
  );
  await expect(page.getByRole("button", { name: "<img src=x onerror=alert(1)>" })).toBeVisible();
  await page.goto("about:blank");
  await page.goto(`./#model=${encodeURIComponent("<img src=x onerror=alert(1)>")}`);
  await expect(page.locator(".banner.bad")).toContainText("<img");
  await expect(page.locator("img")).toHaveCount(0);
});

test("a bookmark is given, gone to and taken away again", async ({ page }) => {
  await open(page);
  await page.keyboard.press("b");
  await page.getByRole("textbox", { name: "a name for this state" }).fill("begun");
  await page.getByRole("button", { name: "bookmark" }).click();
  await page.getByRole("tab", { name: "branches" }).focus();
  await page.keyboard.press("1");
  await standsAt(page, "1/1");
  await page.getByRole("list", { name: "bookmarks" }).getByRole("button", { name: "begun" }).click();
  await standsAt(page, "0/1");
  await page.getByRole("button", { name: "remove" }).click();
  await expect(page.getByRole("list", { name: "bookmarks" })).toHaveCount(0);
  await expect(page).not.toHaveURL(/mark=/);
});
