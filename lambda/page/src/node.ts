// SPDX-License-Identifier: MPL-2.0

// Draws one step, join or folded group as a button, and one edge.
import { broken, el, icon, kindIcon, svg } from "./dom";
import { counted, type Folded, type Shown, type ShownEdge } from "./groups";
import type { Place } from "./layout";
import { look, type Node } from "./model";
import { briefText, lateText, secondLine, statusText } from "./text";

export interface DrawnEdge {
  path: SVGElement;
  label: SVGElement;
}

/** An empty button at a place. */
export function place(n: Shown, at: Place): HTMLButtonElement {
  const button = el("button", { type: "button", "data-id": n.id, tabindex: "-1" });
  if (n.kind === "join") button.append(hexagon(at));
  button.append(el("span", { class: "text", "aria-hidden": "true" }), el("span", { class: "unseen" }));
  button.style.left = `${at.x - at.width / 2}px`;
  button.style.top = `${at.y - at.height / 2}px`;
  button.style.width = `${at.width}px`;
  button.style.height = `${at.height}px`;
  return button;
}

/** Fills a node's button with how it is. */
export function paint(button: HTMLButtonElement, n: Shown, coloured: boolean) {
  if (n.kind === "group") paintGroup(button, n, coloured);
  else paintNode(button, n, coloured);
}

function paintNode(button: HTMLButtonElement, n: Node, coloured: boolean) {
  name(button, n.kind, n.status, n.enabled ? "" : "disabled", n.earlier ? "earlier" : "", coloured ? "" : "plain");
  const status = statusText(n, coloured);
  const second = secondLine(n, coloured);
  const late = lateText(n);
  const label = [n.kind === "join" ? `join before ${n.step}` : n.step, status, late, second].filter(Boolean).join(", ");
  const text = button.querySelector(".text")!;
  if (button.title === label) return;
  const sign = coloured && icon(n.status);
  const short = n.kind === "join" && el("span", { class: "short" }, `${coloured ? `${n.arrived ?? 0}/` : "all "}${n.of ?? 0}`);
  text.replaceChildren(...[
    n.kind === "step" && el("span", { class: "name", dir: "auto" }, kindIcon(n), ...broken(n.step)),
    (status || sign) && el("span", { class: "state" }, sign, short, el("span", { class: "word" }, status),
      n.kind === "step" && el("span", { class: "brief" }, briefText(n, coloured)), late && el("span", { class: "late" }, "late")),
    second && el("span", { class: "line" }, second),
  ].filter((c): c is HTMLSpanElement => Boolean(c)));
  describe(button, label);
}

function paintGroup(button: HTMLButtonElement, group: Folded, coloured: boolean) {
  const counts = coloured ? counted(group.steps) : [];
  name(button, "group", counts[0]?.[0] ?? "", coloured ? "" : "plain");
  const steps = `${group.steps.length} steps`;
  const said = counts.map(([status, n]) => `${n} ${look(status).text}`);
  const label = [`${group.name}: ${steps}, folded`, ...said].join(", ");
  if (button.title === label) return;
  button.querySelector(".text")!.replaceChildren(
    el("span", { class: "name", dir: "auto" }, ...broken(group.name)),
    el("span", { class: "line" }, `${steps}, folded`),
    el("span", { class: "counts" }, ...counts.slice(0, 4).map(([status, n]) => el("span", { class: status }, icon(status), String(n)))));
  button.setAttribute("aria-expanded", "false");
  describe(button, label);
}

function describe(button: HTMLButtonElement, label: string) {
  button.querySelector(".unseen")!.textContent = label;
  button.title = label;
}

function name(button: HTMLButtonElement, ...marks: string[]) {
  const kept = ["selected", "out"].filter((mark) => button.classList.contains(mark));
  button.className = ["node", ...marks, ...kept].filter(Boolean).join(" ");
}

export function paintEdge(drawn: DrawnEdge, e: ShownEdge) {
  const way = e.way === "not taken" ? "not-taken" : (e.way ?? "");
  const kept = drawn.path.classList.contains("out") ? " out" : "";
  const condition = e.condition ?? "success";
  drawn.path.setAttribute("class", `edge ${condition} ${way}${kept}`);
  drawn.path.setAttribute("marker-end", `url(#to-${condition}${e.way === "taken" ? "-taken" : ""})`);
  drawn.label.setAttribute("class", `label ${way}${kept}`);
  drawn.label.textContent = e.count > 1 ? `${e.count} links` : e.condition ? e.condition + (e.way ? `, ${e.way}` : "") : "";
}

/** A join's outline: it is no step. */
function hexagon({ width: w, height: h }: Place): SVGElement {
  const tip = 12;
  const d = `M${tip} 1H${w - tip}L${w - 1} ${h / 2}L${w - tip} ${h - 1}H${tip}L1 ${h / 2}z`;
  return svg("svg", { class: "hexagon", viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" }, svg("path", { d }));
}

/** An arrowhead for each condition, in two colours: an arrowhead cannot take its line's. */
export function markers(): SVGElement {
  const heads = { success: "M0 0L10 5L0 10z", failure: "M1 1L9 5L1 9", completion: "M0 0L10 5L0 10z" };
  return svg(
    "defs",
    {},
    ...Object.entries(heads).flatMap(([condition, d]) =>
      ["", "-taken"].map((taken) =>
        svg(
          "marker",
          {
            id: `to-${condition}${taken}`, viewBox: "0 0 10 10", refX: "8", refY: "5", orient: "auto", markerUnits: "userSpaceOnUse",
            markerWidth: condition === "completion" ? "13" : "10", markerHeight: condition === "completion" ? "13" : "10",
          },
          svg("path", { d, class: `head${taken} ${condition}` }),
        ),
      ),
    ),
  );
}
