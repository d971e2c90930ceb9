/** What the tests share: a page that refuses to be wrong in silence. */

import { test as base, expect, type APIRequestContext, type BrowserContext, type Page } from "@playwright/test";
import type { Case, CheckStatus, Counterexample } from "../src/api";

export { expect };
export type { Page };

/** Writes down all that no page may do: ask another host, break the policy, or fail unseen. */
function watch(context: BrowserContext, home: string, problems: string[]): void {
  context.on("page", (page) => {
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("dialog", (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      // A refusal is told by the page; the browser writes it down as well.
      const refused =
        message.text().startsWith("Failed to load resource") && message.location().url.includes("/api/v1/");
      if (message.type() === "error" && !refused) problems.push(message.text());
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):/.test(url.protocol) && url.origin !== home) {
        problems.push(`a request to another host: ${request.url()}`);
      }
    });
  });
}

interface Fixtures {
  /** A page of another browser profile, which has nothing of the first one. */
  stranger: Page;
}

export const test = base.extend<Fixtures>({
  context: async ({ context, baseURL }, use) => {
    const problems: string[] = [];
    watch(context, new URL(baseURL ?? "").origin, problems);
    await use(context);
    expect(problems).toEqual([]);
  },
  stranger: async ({ browser, baseURL }, use) => {
    const problems: string[] = [];
    const context = await browser.newContext({ baseURL: baseURL ?? "" });
    watch(context, new URL(baseURL ?? "").origin, problems);
    await use(await context.newPage());
    await context.close();
    expect(problems).toEqual([]);
  },
});

/** Opens a model, and waits until its first state is shown. */
export async function open(page: Page, hash = "model=single-decree-paxos&bound=ci"): Promise<void> {
  await page.goto(`./#${hash}`);
  await expect(stateTree(page)).toBeVisible();
}

export function stateTree(page: Page) {
  return page.getByRole("tree", { name: "the state's fields" });
}

/** The steps that are offered. */
export function offered(page: Page) {
  return page.getByRole("region", { name: "actions" }).locator("button.take");
}

/** Takes the step with these words. */
export async function take(page: Page, words: string | RegExp): Promise<void> {
  await offered(page).filter({ hasText: words }).first().click();
}

/** How far along the trail the page stands, such as `2/5`. */
export async function standsAt(page: Page, place: string | RegExp): Promise<void> {
  await expect(page.locator(".stand")).toHaveText(place);
}

/** The address once the page has written into it. */
export async function linkOf(page: Page, holding: string | RegExp): Promise<string> {
  await expect(page).toHaveURL(holding);
  return page.url();
}

export async function tab(page: Page, name: "diagram" | "steps" | "graph" | "branches" | "code"): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

/** What the banner says of an open counterexample. */
export function banner(page: Page) {
  return page.locator(".banner").filter({ hasText: "fails: a counterexample" });
}

/** Checks a model to its end, without the page, and answers the counterexample of a property. */
export async function counterexampleOf(
  request: APIRequestContext,
  asked: { model: string; bound: string; mutant?: string },
  property: string,
): Promise<string> {
  const opened = (await (await request.post("api/v1/cases", { data: asked })).json()) as Case;
  const check = `api/v1/cases/${opened.case}/check`;
  await request.post(check, { data: {} });
  let status: CheckStatus | null = null;
  await expect(async () => {
    status = (await (await request.get(check)).json()) as CheckStatus;
    expect(status.state).toBe("done");
  }).toPass({ intervals: [50, 100, 200] });
  const id = (status as CheckStatus | null)?.properties.find((p) => p.name === property)?.counterexample;
  expect(id).toBeTruthy();
  return id ?? "";
}

/** The text of a counterexample's file. */
export async function fileOf(request: APIRequestContext, id: string): Promise<string> {
  const told = (await (await request.get(`api/v1/counterexamples/${id}`)).json()) as Counterexample;
  const steps = told.path.steps.map(({ action, to }) => ({ action, to }));
  const data = { path: { steps }, loop: told.loop, property: told.property };
  return (await request.post(`api/v1/cases/${told.case.case}/export?format=json`, { data })).text();
}
