/** Where a page begins, and how its address keeps up with it. */

import type { Recorded } from "./recorded";
import { wordsOf } from "./server";
import type { Session } from "./session.svelte";
import type { Ui } from "./ui.svelte";

/** What this page last wrote into its address, to tell it from a link that is opened. */
let written: string | null = null;
/** What had been opened when the address was last written: what is opened afterwards gets an entry of its own. */
let entry = 0;
/** How many links are being followed: meanwhile what is shown is not yet what the address names. */
let following = 0;
/** What a link that fits no longer led to. The link stays in the address until the reader does something. */
let refused: readonly unknown[] | null = null;

/** Opens what the address names; where it names nothing, or nothing that can be followed, the start. */
export async function begin(session: Session, ui: Ui, recorded: Recorded | null): Promise<void> {
  try {
    ui.models = await session.server.models();
  } catch (error) {
    session.notice = { kind: "bad", text: wordsOf(error) };
    return;
  }
  if (recorded) return show(session, recorded);
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== written) void open(session, ui);
  });
  await open(session, ui);
}

/** An export opens with what was recorded, at its start. */
async function show(session: Session, { counterexample, case: model, path }: Recorded): Promise<void> {
  if (counterexample) {
    await session.openCounterexample(() => Promise.resolve(counterexample), null);
    return;
  }
  await session.open({ model: model.model });
  await session.append(path);
  await session.along(-Infinity);
}

async function open(session: Session, ui: Ui): Promise<void> {
  refused = null;
  written = location.hash.slice(1);
  following += 1;
  await followOrStart(session, ui);
  following -= 1;
  entry = session.opened;
  refused = session.notice ? shownBy(session) : null;
}

async function followOrStart(session: Session, ui: Ui): Promise<void> {
  if (await session.followHash(location.hash)) return;
  const refusal = session.notice;
  const start = ui.models?.start;
  if (!start) return;
  const { counterexample, ...asked } = start;
  const named = new URLSearchParams(location.hash.slice(1)).get("model");
  const known = ui.models?.models.some((m) => m.name === named);
  if (named !== null && known && refusal) await session.open({ model: named });
  else if (counterexample === null) await session.open(asked);
  else await session.openCounterexample(() => session.server.counterexample(counterexample), counterexample);
  if (refusal) session.notice = refusal;
}

/**
 * Writes the link into the address once the reader has come to rest: browsers refuse many writes in a row. Steps change
 * the entry of the history, and what is opened gets a new one.
 */
export function keepLink(session: Session): (() => void) | undefined {
  void [shownBy(session), session.opened];
  if (!session.model || session.server.recorded) return;
  const timer = setTimeout(async () => {
    const shown = shownBy(session);
    if (following > 0) return;
    if (refused?.every((value, i) => value === shown[i])) return;
    refused = null;
    const link = await session.link();
    if (following > 0) return;
    written = link;
    if (session.opened > entry) history.pushState(null, "", `#${written}`);
    else history.replaceState(history.state, "", `#${written}`);
    entry = session.opened;
    written = location.hash.slice(1);
  }, 120);
  return () => clearTimeout(timer);
}

/** All that a link holds. */
function shownBy(session: Session): readonly unknown[] {
  const { model, tree, cursor, pin, bookmarks, tab, watched, counterexample } = session;
  return [model, tree, cursor, pin, bookmarks, tab, watched, counterexample];
}
