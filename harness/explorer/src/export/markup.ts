/** SVG as text, of which nothing that a model says can break out. */

/** Text that is markup already. */
export interface Markup {
  text: string;
}

export type Look = { readonly [name: string]: string | number };

/** An element that holds a text, or other elements. */
export function element(name: string, attributes: Look, content: string | readonly (Markup | null)[] = []): Markup {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join("");
  const inner = typeof content === "string" ? escaped(content) : content.map((one) => one?.text ?? "").join("");
  return { text: inner === "" ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>` };
}

/** For text and for attributes; characters that XML forbids are left out. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
}

const entities: { [sign: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The light colours of the page, for what leaves it. */
export const light = {
  card: "#ffffff",
  ink: "#1b1f24",
  soft: "#575e67",
  line: "#dfdfda",
  edge: "#8a8f96",
  accent: "#1f57a6",
  good: "#1c6b45",
  bad: "#a3271f",
  open: "#7a5000",
};
