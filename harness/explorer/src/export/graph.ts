/** A drawing of the graph as a picture of its own. */

import { light } from "./markup";

/** All of the drawing, however the page shows it, with its styles as attributes and in light colours. */
export function graphSvg(drawn: SVGSVGElement): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  inLight(() => styled(drawn, copy));
  const all = drawn.querySelector<SVGGElement>("g.all");
  const box = all?.getBBox() ?? { x: 0, y: 0, width: drawn.clientWidth, height: drawn.clientHeight };
  copy.querySelector("g.all")?.removeAttribute("transform");
  copy.querySelectorAll(".ring, .lit, .words").forEach((one) => one.remove());
  for (const one of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name } of [...one.attributes]) {
      if (/^(class|id|role|tabindex|style|data-.*|aria-.*)$/.test(name)) one.removeAttribute(name);
    }
  }
  comments(copy).forEach((one) => one.remove());
  const [x, y] = [box.x - MARGIN, box.y - MARGIN];
  const [width, height] = [Math.ceil(box.width + 2 * MARGIN), Math.ceil(box.height + 2 * MARGIN)];
  const paper = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height, fill: light.card }))
    paper.setAttribute(name, `${value}`);
  const title = document.createElementNS(SVG, "title");
  title.textContent = drawn.getAttribute("aria-label") ?? "graph";
  copy.prepend(title, paper);
  for (const [name, value] of Object.entries({ width, height, viewBox: `${x} ${y} ${width} ${height}`, role: "img" })) {
    copy.setAttribute(name, `${value}`);
  }
  return new XMLSerializer().serializeToString(copy);
}

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 24;
const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-family",
  "font-weight",
  "text-anchor",
  "paint-order",
];

function styled(from: Element, to: Element): void {
  const shapes = "path, rect, circle, text";
  const copies = to.querySelectorAll(shapes);
  from.querySelectorAll(shapes).forEach((one, index) => {
    const style = getComputedStyle(one);
    for (const name of STYLES) copies[index]?.setAttribute(name, style.getPropertyValue(name));
  });
}

/** Gives the page its light colours for the time of a look at them, which is never painted. */
function inLight(look: () => void): void {
  const { dataset } = document.documentElement;
  const theme = dataset["theme"];
  dataset["theme"] = "light";
  try {
    look();
  } finally {
    if (theme === undefined) delete dataset["theme"];
    else dataset["theme"] = theme;
  }
}

function comments(root: Node): ChildNode[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const found: ChildNode[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Comment);
  return found;
}
