import { expect, offered, open, standsAt, stateTree, tab, take, test } from "./page";

test("a state is a tree that opens and closes, with sets as sets", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await take(page, "participant 0 votes yes");
  const tree = stateTree(page);
  await expect(tree.getByRole("treeitem", { name: /msgs/ }).first()).toContainText("{Prepared(0)}");
  await page.goto("about:blank");
  await open(page, "model=two-phase-commit.cluster&bound=ci");
  const nodes = tree.getByRole("treeitem", { name: /^nodes/ });
  const fields = tree.getByRole("treeitem");
  const first = await fields.count();
  const was = (await nodes.getAttribute("aria-expanded")) === "true";
  await nodes.focus();
  await page.keyboard.press(was ? "ArrowLeft" : "ArrowRight");
  await expect(nodes).toHaveAttribute("aria-expanded", `${!was}`);
  await expect(fields).not.toHaveCount(first);
  await nodes.click();
  await expect(fields).toHaveCount(first);
});

test("changes are marked against the state before, and against the pinned one", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  const tree = stateTree(page);
  const changed = tree.getByRole("treeitem", { name: /changed:|added:|removed:/ });
  await page.keyboard.press("p");
  await take(page, "participant 0 refuses");
  await expect(changed.filter({ hasText: "rm_state" }).first()).toBeVisible();
  await take(page, "participant 1 crashes");
  await expect(changed.filter({ hasText: "rm_state" })).toHaveCount(0);
  await page.getByRole("button", { name: "the pinned: 0" }).click();
  await expect(changed.filter({ hasText: "rm_state" }).first()).toBeVisible();
  await expect(changed.filter({ hasText: "down" }).first()).toBeVisible();
  await page.getByRole("checkbox", { name: "changes only" }).check();
  await expect(tree.getByRole("treeitem", { name: /tm_state/ })).toHaveCount(0);
});

test("messages are arrows, from who sends to who receives", async ({ page }) => {
  await open(page);
  const trace = page.getByRole("region", { name: "trace" });
  await take(page, "ballot 0 begins");
  await expect(trace.getByText("in flight (1)")).toBeVisible();
  await take(page, "acceptor 0 promises ballot 0");
  await expect(trace.locator("svg path.arrow").first()).toBeAttached();
  const steps = trace.getByRole("listbox", { name: "steps" });
  await expect(
    steps.getByRole("option", { name: /^2 acceptor 0 promises.*sends .*receives 1a ballot 0/ }),
  ).toBeVisible();
  await trace.getByText(/in flight \(\d+\)/).click();
  await expect(trace.locator("footer li").filter({ hasText: /1b .*acceptor 0 to proposer of ballot 0/ })).toBeVisible();
});

test("the diagram and the steps go to a state by click, and a row under the pointer is lit", async ({ page }) => {
  await open(page);
  for (const key of ["1", "3", "3"]) await page.keyboard.press(key);
  await standsAt(page, "3/3");
  const diagram = page.getByRole("listbox", { name: "steps", exact: true });
  await diagram.getByRole("option").nth(1).hover();
  await expect(page.locator(".light.hovered")).toHaveCount(1);
  await expect(page.locator("svg text.label").first()).toBeAttached();
  await diagram.getByRole("option").nth(1).click();
  await standsAt(page, "1/3");
  await expect(page.getByRole("region", { name: "state" }).getByRole("heading", { level: 2 })).toContainText("state 1");
  await tab(page, "steps");
  await page.getByRole("listbox", { name: "the steps of the trail" }).getByRole("option").nth(2).click();
  await standsAt(page, "2/3");
  await tab(page, "diagram");
  await expect(diagram.getByRole("option", { selected: true })).toHaveText(/^2/);
});

test("every branch that was visited is in the tree, and is gone to by click", async ({ page }) => {
  await open(page, "model=naive-lock&bound=ci");
  await take(page, "client 0 begins to wait");
  await page.keyboard.press("u");
  await standsAt(page, "0/1");
  await take(page, "client 1 begins to wait");
  await standsAt(page, "1/1");
  await tab(page, "branches");
  const visited = page.getByRole("tree", { name: "what was visited" });
  await expect(visited.getByRole("treeitem")).toHaveCount(3);
  await expect(page.getByText("3 visited, 2 branches")).toBeVisible();
  await visited.getByRole("treeitem", { name: /client 0 begins to wait/ }).click();
  await expect(visited.getByRole("treeitem", { selected: true })).toContainText("client 0");
  await expect(offered(page).filter({ hasText: "client 0 finds no key" })).toBeVisible();
});

test("the neighbourhood of a state is drawn by layers, and gone into", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await tab(page, "graph");
  const chart = page.getByRole("listbox", { name: /states around/ });
  await expect(chart.getByRole("option").first()).toBeVisible();
  expect(await chart.getByRole("option").count()).toBeGreaterThan(8);
  await expect(page.getByText(/\d+ states within 2 layers; \d+ more in the next layer/)).toBeVisible();
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await standsAt(page, /^[1-9]/);
  await page.getByRole("combobox", { name: "layers" }).selectOption("1");
  await page.getByText("as a list").click();
  await page
    .getByRole("button", { name: /layer 1/ })
    .first()
    .click();
  await standsAt(page, /^[2-9]/);
});

test("the whole graph is summarised by depth, by a field and by a predicate", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await tab(page, "graph");
  await page.getByRole("button", { name: "clusters" }).click();
  await expect(page.getByText(/\d+ clusters of all 348 states/)).toBeVisible();
  await page.getByRole("combobox", { name: "by", exact: true }).selectOption("field");
  await page.getByRole("textbox", { name: "path of a field" }).fill("tm_state");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/4 clusters of all 348 states/)).toBeVisible();
  const clusters = page.getByRole("listbox", { name: "clusters of states" });
  await expect(clusters.getByRole("option", { name: /^init, \d+ states, with an initial one/ })).toBeVisible();
  await page.getByRole("combobox", { name: "by", exact: true }).selectOption("predicate");
  await page.getByRole("textbox", { name: "predicate in CEL" }).fill("size(down) > ");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tabpanel").getByRole("status").locator(".bad")).toBeVisible();
  await page.getByRole("textbox", { name: "predicate in CEL" }).fill("size(down) > 1");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/2 clusters of all 348 states/)).toBeVisible();
  await clusters.getByRole("option", { name: /^true, / }).click();
  await standsAt(page, "2/2");
});

test("points fall back to clusters where nothing but software draws", async ({ page }) => {
  await open(page, "model=voting&bound=ci");
  await tab(page, "graph");
  await page.getByRole("button", { name: "points" }).click();
  await expect(page.getByText(/(has no WebGL|No graphics hardware draws here \(.+\)), so the states/)).toBeVisible();
  await expect(page.getByText(/clusters of all 599 states/)).toBeVisible();
});
