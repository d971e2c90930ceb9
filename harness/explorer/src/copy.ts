/** Copies a text, and tells in words whether it did. */
export async function copy(text: string, what: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return `copied ${what}`;
  } catch {
    return byHand(text) ? `copied ${what}` : `the browser does not let this page copy ${what}`;
  }
}

/** A page that is not from a secure origin has no clipboard of its own: a selection does. */
function byHand(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
