import { expect, offered, open, standsAt, test } from "./page";

test("a predicate leads to the nearest state where it is true, and its errors are told", async ({ page }) => {
  await open(page);
  await page.keyboard.press("f");
  const predicate = page.getByRole("textbox", { name: "predicate" });
  await predicate.fill("size(chosen) ==");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await predicate.fill("size(chosen) == 1");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/found after 6 steps; looked at/).first()).toBeVisible();
  await standsAt(page, "6/6");
});

test("what is nowhere true is said to be so only after all was looked at", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  await page.keyboard.press("f");
  await page.getByRole("textbox", { name: "predicate" }).fill("size(down) > 3");
  await page.getByRole("spinbutton", { name: /look at no more than/ }).fill("50");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("none was found, and there may be one");
  await page.getByRole("spinbutton", { name: /look at no more than/ }).fill("");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("which are all that can be reached");
  await page.getByRole("radio", { name: /nothing can happen/ }).check();
  await page.getByRole("button", { name: "find", exact: true }).last().click();
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("there is none: looked at 348 states");
});

test("a predicate speaks of fields, of the action and of properties", async ({ page }) => {
  await open(page, "model=two-phase-commit&bound=ci");
  for (const [text, place] of [
    ['tm_state == "committed" && !(0 in down)', "5/5"],
    ['kind == "RMCrash"', "6/6"],
    ['properties["can be in doubt"]', /./],
  ] as const) {
    await page.keyboard.press("f");
    await page.getByRole("textbox", { name: "predicate" }).fill(text);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await standsAt(page, place);
  }
});

test("a can that is not met yet is found from its property", async ({ page }) => {
  await open(page);
  const property = page.getByRole("region", { name: "properties" }).getByRole("listitem").filter({
    hasText: "two proposers duel",
  });
  await property.locator("summary").click();
  await expect(property.getByText("false here").last()).toBeVisible();
  await property.getByRole("button", { name: "find where true" }).click();
  await expect(page.getByText(/two proposers duel: found after \d+ steps/)).toBeVisible();
  await expect(property.getByText("true here").last()).toBeAttached();
});

test("the next state where a property's truth changes", async ({ page }) => {
  await open(page, "model=naive-lock&bound=ci");
  const property = page
    .getByRole("region", { name: "properties" })
    .getByRole("listitem")
    .filter({ has: page.locator(".name", { hasText: /^can hold$/ }) });
  await property.locator("summary").click();
  await property.getByRole("button", { name: "next change" }).click();
  await standsAt(page, "2/2");
  await property.getByRole("button", { name: "next change" }).click();
  await standsAt(page, "3/3");
});

test("a mutant is compared with its model, to the step where they differ", async ({ page }) => {
  await open(page);
  await page.keyboard.press("m");
  await page.getByRole("combobox", { name: "mutant" }).selectOption("drop-highest-accepted");
  await page.getByRole("button", { name: "compare", exact: true }).last().click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("status")).toContainText("they go the same way for 8 steps, and then differ");
  await expect(sheet.getByRole("heading", { name: /only drop-highest-accepted can/ })).toContainText("1");
  const only = await sheet.locator(".sides li").first().innerText();
  await sheet.getByRole("button", { name: "go there" }).click();
  await standsAt(page, "8/8");
  await expect(page.getByRole("banner").getByText(/^mutant/)).toHaveCount(0);
  await page.keyboard.press("m");
  await page.getByRole("combobox", { name: "mutant" }).selectOption("drop-highest-accepted");
  await page.getByRole("button", { name: "compare", exact: true }).last().click();
  await sheet.getByRole("button", { name: "open drop-highest-accepted there" }).click();
  await standsAt(page, "8/8");
  await expect(page.getByRole("banner").getByText("mutant drop-highest-accepted")).toBeVisible();
  await expect(
    offered(page)
      .filter({ hasText: only.split("\n")[0]?.trim().slice(0, 24) ?? "" })
      .first(),
  ).toBeVisible();
});
