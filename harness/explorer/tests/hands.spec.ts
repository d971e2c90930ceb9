import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { counterexampleOf, expect, open, standsAt, test, type Page } from "./page";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Axe {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}

/** What is wrong for those who do not see the page, or see it otherwise. */
async function wrong(page: Page, where: string): Promise<string[]> {
  // What is told by the protocol of the browser is no script of the page, so its policy stays as it is.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async (where) => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run({
      resultTypes: ["violations"],
      rules: { "label-content-name-mismatch": { enabled: true } },
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${where}: ${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, where);
}

const tabs = { D: "diagram", S: "steps", G: "graph", B: "branches", C: "code" };
const sheets = { o: "open", f: "find", c: "check", x: "counterexamples", m: "compare", "?": "help" };

async function everywhere(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const [key, name] of Object.entries(tabs)) {
    await page.keyboard.press(`Shift+${key}`);
    await expect(page.getByRole("tab", { name, selected: true })).toBeVisible();
    if (name === "graph") await expect(page.getByRole("listbox", { name: /states around/ })).toBeVisible();
    if (name === "code") {
      await page.getByRole("combobox", { name: "mutant" }).selectOption("commit-on-majority");
      await page.getByRole("button", { name: "run" }).click();
      await expect(page.getByText(/code and model diverge/)).toBeVisible();
    }
    found.push(...(await wrong(page, name)));
  }
  for (const [key, name] of Object.entries(sheets)) {
    await page.keyboard.press(key);
    await expect(page.getByRole("dialog")).toBeVisible();
    if (name === "counterexamples") await expect(page.getByRole("dialog").locator("code").first()).toBeVisible();
    found.push(...(await wrong(page, `sheet ${name}`)));
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  return found;
}

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
  ["dark", 360],
] as const) {
  test.describe(`${colorScheme}, ${width} px wide`, () => {
    test.use({ colorScheme, viewport: { width, height: 800 } });
    test.setTimeout(60_000);

    test("no tab and no sheet is wrong for a screen reader", async ({ page, request }) => {
      const asked = { model: "naive-lock", bound: "ci" };
      const id = await counterexampleOf(request, asked, "mutual exclusion at the server");
      await page.goto(`./#model=naive-lock&bound=ci&counterexample=${id}`);
      await expect(page).toHaveTitle(/naive-lock/);
      await page.keyboard.press("x");
      await page
        .getByRole("dialog")
        .getByRole("button", { name: new RegExp(id) })
        .click();
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await standsAt(page, "5/5");
      await page.keyboard.press("d");
      await page.keyboard.press("p");
      const found = await everywhere(page);
      if (width < 600) {
        for (const panel of ["actions", "state", "trace", "properties", "more"]) {
          await page.getByRole("navigation", { name: "panels" }).getByRole("button", { name: panel }).click();
          found.push(...(await wrong(page, `panel ${panel}`)));
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          if (wide > width) found.push(`panel ${panel} is ${wide} px wide`);
        }
      } else {
        await page.getByRole("banner").locator("summary").click();
        found.push(...(await wrong(page, "menu")));
      }
      expect(found).toEqual([]);
    });
  });
}

test("everything is done by keyboard", async ({ page }) => {
  await open(page);
  const keys = page.keyboard;
  for (const key of ["1", "3", "u", "Shift+U"]) await keys.press(key);
  await standsAt(page, "2/2");
  // What cannot happen, and the search.
  await keys.press("d");
  await expect(page.getByRole("heading", { name: /cannot happen here/ })).toBeVisible();
  await keys.press("/");
  await keys.type("why can't acceptor 2 accept?");
  await keys.press("Escape");
  await keys.press("Escape");
  await expect(page.getByRole("searchbox", { name: /search what can/ })).toHaveValue("");
  // The walk, the pin, the comparison.
  await keys.press("r");
  await standsAt(page, "12/12");
  await keys.press("Home");
  await standsAt(page, "0/12");
  await keys.press("p");
  await keys.press("ArrowRight");
  await keys.press("j");
  await standsAt(page, "2/12");
  await keys.press("v");
  await expect(page.getByRole("button", { name: "the pinned: 0" })).toHaveAttribute("aria-pressed", "true");
  await keys.press("e");
  await expect(page.getByRole("checkbox", { name: "changes only" })).toBeChecked();
  // The tabs, with the arrow keys within them.
  await keys.press("Shift+S");
  await page.getByRole("tab", { name: "steps" }).focus();
  await keys.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "graph", selected: true })).toBeFocused();
  await expect(page.getByRole("listbox", { name: /states around/ })).toBeVisible();
  await keys.press("Shift+D");
  const diagram = page.getByRole("listbox", { name: "steps", exact: true });
  await diagram.focus();
  await keys.press("ArrowDown");
  await standsAt(page, "3/12");
  await keys.press("End");
  await standsAt(page, "12/12");
  await keys.press("b");
  await keys.type("far");
  await keys.press("Enter");
  await expect(page.getByRole("list", { name: "bookmarks" })).toContainText("far");
  await keys.press("Escape");
  // The sheets: each takes the focus, and gives it back.
  await keys.press("f");
  await expect(page.getByRole("textbox", { name: "predicate" })).toBeFocused();
  await keys.type("size(msgs) == 9999");
  await keys.press("Enter");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText(/none/);
  await keys.press("Escape");
  for (const [key, title] of [
    ["c", "check"],
    ["x", "counterexamples"],
    ["m", "compare with a mutant"],
    ["o", "open a model"],
    ["?", "help"],
  ] as const) {
    await keys.press(key);
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    await keys.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
});

test("the tab key reaches every part, and the focus is seen", async ({ page }) => {
  await open(page);
  const reached = new Set<string>();
  for (let i = 0; i < 70; i += 1) {
    await page.keyboard.press("Tab");
    const { name, seen, region } = await page.evaluate(() => {
      const at = document.activeElement;
      if (!(at instanceof HTMLElement || at instanceof SVGElement) || at === document.body)
        return { name: "nothing", seen: true, region: "" };
      const around = [at, at.closest("label")].filter((e) => e !== null);
      const seen = around.some((e) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      });
      const region = at.closest("section")?.getAttribute("aria-labelledby") ?? "bar";
      return { name: at.outerHTML.slice(0, 120), seen, region };
    });
    expect(seen, name).toBe(true);
    if (region !== "") reached.add(region);
  }
  expect([...reached].sort()).toEqual(["actions-title", "bar", "properties-title", "state-title", "trace-title"]);
});

test("who asks for less motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].some((e) => {
      const { transitionDuration, animationDuration } = getComputedStyle(e);
      return [transitionDuration, animationDuration].some((d) => d.split(",").some((t) => parseFloat(t) > 0.01));
    }),
  );
  expect(moving).toBe(false);
});

test("the first load is small, and asks no other host", async ({ page }) => {
  let bytes = 0;
  page.on("response", async (response) => {
    if (!response.url().includes("/api/")) bytes += (await response.request().sizes()).responseBodySize;
  });
  await open(page);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(700_000);
});
