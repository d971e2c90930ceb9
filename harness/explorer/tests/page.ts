/** What the tests share: a page that refuses to be wrong in silence. */

import { test as base, expect, type Page } from "@playwright/test";

export { expect };

export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      // A refusal is told by the page; the browser writes it down as well.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        problems.push(message.text());
    });
    page.on("request", (request) => {
      const { origin } = new URL(request.url());
      if (/^https?:/.test(origin) && origin !== new URL(page.url()).origin && page.url() !== "about:blank") {
        problems.push(`a request to another host: ${request.url()}`);
      }
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});

/** Opens a model, and waits until its first state is shown. */
export async function open(page: Page, hash = "model=paxos&bound=ci"): Promise<void> {
  await page.goto(`./#${hash}`);
  await expect(page.getByRole("tree", { name: "the state's fields" })).toBeVisible();
}

/** The steps that are offered. */
export function offered(page: Page) {
  return page.getByRole("region", { name: "actions" }).locator("button.take");
}

/** How far along the trail the page stands, such as `2/5`. */
export async function standsAt(page: Page, place: string): Promise<void> {
  await expect(page.getByRole("region", { name: "trace" }).locator(".stand")).toHaveText(place);
}

/** The address once the page has written into it. */
export async function linkOf(page: Page, holding: string | RegExp): Promise<string> {
  await expect(page).toHaveURL(holding);
  return page.url();
}
