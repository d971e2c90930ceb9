import { expect, test } from "@playwright/test";
import type { Step } from "../api";
import { diagramSvg } from "./diagram";
import { code, escaped } from "./trace";

test("no sign of a model's text counts in Markdown", () => {
  expect(escaped("a *b* [c](d) <e>\n# f")).toBe("a \\*b\\* \\[c\\](d) \\<e\\> \\# f");
  expect(code("a ` b")).toBe("``a ` b``");
  expect(code("`")).toBe("`` ` ``");
});

test("no text of a model breaks out of the picture", () => {
  const action = `</title><script>alert("1")</script>\u0000`;
  const scene = { process: 0, sent: [], received: [], lost: [], fault: null };
  const step: Step = { action, kind: null, to: null, changes: [], violates: [{ claim: "<b>&", why: null }], scene };
  const svg = diagramSvg({
    title: "<t>",
    description: "&",
    processes: ["<p>"],
    steps: [step],
    loop: 0,
    marks: { 1: '"' },
  });
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u0000");
  expect(svg).toContain("&lt;script&gt;");
  expect(svg).toContain("violates &lt;b&gt;&amp;, &quot;");
});
