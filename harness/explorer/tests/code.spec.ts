import { expect, open, tab, test } from "./page";

test("a run of the code is explained by its model, event by event", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await tab(page, "code");
  await page.getByRole("spinbutton", { name: "seed" }).fill("1");
  await page.getByRole("button", { name: "run" }).click();
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
  await page.getByRole("button", { name: "run" }).click();
  await expect(page.getByText("code and model diverge at event 9 of 175")).toBeVisible();
  const beside = page.getByRole("region", { name: "code and model after the event" });
  await expect(beside.getByText("no action of the model explains this")).toBeVisible();
  await expect(beside.getByRole("row").filter({ hasText: "first to differ" })).toContainText("tm_state");
  await expect(beside.getByText(/the model would have allowed \(\d+\), the nearest first/)).toBeVisible();
  await expect(beside.getByRole("tree", { name: "the state that it allows" }).first()).toBeVisible();
  await page.getByRole("combobox", { name: "system" }).selectOption("lock-table");
  await expect(page.getByRole("combobox", { name: "mutant" })).toHaveValue("");
  await page.getByRole("button", { name: "run" }).click();
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
