import { expect, open, tab, test } from "./page";

test("a run of the code is explained by its model, event by event", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await tab(page, "code");
  await page.getByRole("spinbutton", { name: "seed" }).fill("1");
  await page.getByRole("button", { name: "run", exact: true }).click();
  const code = page.getByRole("region", { name: "events of the code" });
  await expect(page.getByText(/the model explains all 158 events/)).toBeVisible();
  const beside = page.getByRole("region", { name: "code and model after the event" });
  await code.locator(".step").filter({ hasText: "votes yes" }).first().click();
  await expect(beside.getByText("the model:").first()).toBeVisible();
  await expect(beside.getByRole("tree", { name: "the model's state", exact: true }).first()).toBeVisible();
  const before = await beside.getByRole("heading", { level: 3 }).innerText();
  await code.getByRole("listbox").focus();
  await page.keyboard.press("ArrowDown");
  await expect(beside.getByRole("heading", { level: 3 })).not.toHaveText(before);
});

test("a mutant's run diverges, and the first field that differs is marked", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await tab(page, "code");
  await page.getByRole("combobox", { name: "mutant" }).selectOption("commit-on-majority");
  await page.getByRole("button", { name: "run", exact: true }).click();
  await expect(page.getByText("code and model diverge at event 9 of 175")).toBeVisible();
  const beside = page.getByRole("region", { name: "code and model after the event" });
  await expect(beside.getByText("no action of the model explains this")).toBeVisible();
  await expect(beside.getByRole("row").filter({ hasText: "first to differ" })).toContainText("tm_state");
  await expect(beside.getByText(/the model would have allowed \(\d+\), the nearest first/)).toBeVisible();
  await expect(beside.getByRole("tree", { name: "the state that it allows" }).first()).toBeVisible();
  await page.getByRole("combobox", { name: "system" }).selectOption("lock-table");
  await expect(page.getByRole("combobox", { name: "mutant" })).toHaveValue("");
  await page.getByRole("button", { name: "run", exact: true }).click();
  await expect(page.getByText(/the model explains all 101 events/)).toBeVisible();
});

test("a trace that is none is refused in words", async ({ page }) => {
  await open(page);
  await tab(page, "code");
  for (const text of ["<img src=x onerror=alert(1)>", "[".repeat(1_000_000), ""]) {
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "trace.jsonl", mimeType: "text/plain", buffer: Buffer.from(text) });
    await expect(page.getByRole("alert")).toContainText("this is no trace");
  }
  await expect(page.locator("img")).toHaveCount(0);
});

test("the histories of a case of threads are shown one after the other", async ({ page }) => {
  test.slow();
  await open(page, "model=lock-table&bound=ci&tab=code");
  await page.getByRole("combobox", { name: "system" }).selectOption("lock-table");
  await page.getByRole("combobox", { name: "case" }).selectOption("cancelled-head");
  await expect(page.getByRole("spinbutton", { name: "seed" })).toHaveCount(0);
  await page.getByRole("spinbutton", { name: "history" }).fill("1");
  await page.getByRole("button", { name: "run", exact: true }).click();
  const verdict = page.locator(".tag.explained");
  await expect(verdict).toHaveText(/the model explains all \d+ events/, { timeout: 40_000 });
  await expect(page.getByText(/^history 1\b/)).toBeVisible();
  await expect(page.getByRole("button", { name: "previous history" })).toBeDisabled();

  // An answer stands beside what the model does to give it.
  const beside = page.getByRole("region", { name: "code and model after the event" });
  await page.keyboard.press("End");
  await expect(beside.getByRole("heading", { level: 3 })).not.toBeEmpty();
  await expect(beside.getByRole("rowheader", { name: /^(call|answer)$/ }).first()).toBeVisible();

  const next = page.getByRole("button", { name: "next history" });
  await next.click();
  await expect(page.getByText(/^history 2\b/)).toBeVisible({ timeout: 40_000 });
  await expect(next).toBeFocused();
  await page.getByRole("button", { name: "previous history" }).click();
  await expect(page.getByText(/^history 1\b/)).toBeVisible({ timeout: 40_000 });

  // There are no more than the case has, and what is shown stays.
  await page.getByRole("spinbutton", { name: "history" }).fill("1000000");
  await page.getByRole("button", { name: "run", exact: true }).click();
  await expect(page.getByRole("alert")).not.toBeEmpty({ timeout: 40_000 });
  await expect(page.getByText(/^history 1\b/)).toBeVisible();

  await page.getByRole("combobox", { name: "case" }).selectOption("");
  await expect(page.getByRole("spinbutton", { name: "seed" })).toBeVisible();
});

test("a mutant of concurrent code does something wrong in one of its histories, and that one is shown", async ({
  page,
}) => {
  test.slow();
  await open(page, "model=lock-table&bound=ci&tab=code");
  await page.getByRole("combobox", { name: "system" }).selectOption("lock-table");
  await page.getByRole("combobox", { name: "case" }).selectOption("cancelled-head");
  await page.getByRole("combobox", { name: "mutant" }).selectOption("leave-serves-nobody");
  await expect(page.getByRole("spinbutton", { name: "history" })).toHaveValue("");
  await page.getByRole("button", { name: "run", exact: true }).click();
  await expect(page.getByText("something is wrong")).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText(/no thread sleeps for ever/)).toBeVisible();
  await expect(page.getByText("after 1 history")).toBeVisible();
  await expect(page.getByRole("button", { name: "next history" })).toBeDisabled();
  // The one before it is as it should be.
  await page.getByRole("button", { name: "previous history" }).click();
  await expect(page.getByText(/the model explains all \d+ events/)).toBeVisible({ timeout: 40_000 });
});

test("a run that takes long can be cancelled", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci&tab=code");
  const held = new Promise<void>((done) => {
    void page.route("**/api/v1/runs", (route) => {
      // It is never answered.
      page.on("requestfailed", (request) => request === route.request() && done());
    });
  });
  await page.getByRole("button", { name: "run", exact: true }).click();
  await page.getByRole("button", { name: "cancel", exact: true }).click();
  await held;
  await expect(page.getByRole("button", { name: "cancel", exact: true })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "run", exact: true })).toBeEnabled();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
