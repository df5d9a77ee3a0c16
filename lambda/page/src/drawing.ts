// SPDX-License-Identifier: MPL-2.0

// Draws the chain: its steps as buttons, its edges below them.
import { el, icon, kindIcon, svg } from "./dom";
import { layout, type Layout, type Place } from "./layout";
import { look, urgency, type Edge, type Node, type Picture } from "./model";
import { edgeText, secondLine, statusText } from "./text";
import type { View } from "./view";

interface DrawnEdge {
  path: SVGElement;
  label: SVGElement;
}

export class Drawing {
  private shape = ""; // what the layout depends on
  private placed: Layout | null = null;
  private picture: Picture | null = null;
  private buttons = new Map<string, HTMLButtonElement>();
  private edges: DrawnEdge[] = [];
  private selected = "";

  constructor(
    private readonly sheet: HTMLElement,
    private readonly view: View,
    private readonly choose: (id: string) => void,
  ) {
    sheet.addEventListener("click", (e) => this.choose(idOf(e)));
    sheet.addEventListener("keydown", (e) => this.key(e));
  }

  /** Draws a picture. Only a change of the chain itself lays it out anew. */
  show(picture: Picture) {
    this.picture = picture;
    const shape = JSON.stringify([picture.nodes.map((n) => n.id), picture.edges.map((e) => [e.from, e.to])]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build(picture);
    }
    this.paint(picture);
  }

  private paint(picture: Picture) {
    const coloured = picture.runs.length > 0;
    for (const n of picture.nodes) paintNode(this.buttons.get(n.id)!, n, coloured);
    picture.edges.forEach((e, i) => paintEdge(this.edges[i]!, e));
  }

  private build(picture: Picture) {
    const placed = layout(picture.nodes, picture.edges);
    this.placed = placed;
    this.buttons.clear();
    const size = { width: String(placed.width), height: String(placed.height) };
    const below = svg("svg", { class: "edges", ...size, "aria-hidden": "true" }, markers());
    this.edges = picture.edges.map((_, i) => {
      const path = svg("path", { d: placed.ways[i]! });
      const label = svg("text", { x: String(placed.labels[i]!.x), y: String(placed.labels[i]!.y - 5) });
      return { path, label };
    });
    below.append(...this.edges.map((e) => e.path), ...this.edges.map((e) => e.label));
    const nodes = picture.nodes.map((n) => {
      const place = placed.nodes.get(n.id)!;
      const button = el("button", { type: "button", "data-id": n.id, tabindex: "-1" });
      if (n.kind === "join") button.append(hexagon(place));
      button.append(el("span", { class: "text" }));
      button.style.left = `${place.x - place.width / 2}px`;
      button.style.top = `${place.y - place.height / 2}px`;
      button.style.width = `${place.width}px`;
      button.style.height = `${place.height}px`;
      this.buttons.set(n.id, button);
      return button;
    });
    nodes[0]?.setAttribute("tabindex", "0");
    // The view measures the canvas: before the nodes are there, or the browser would lay all of them out for that, and once more after.
    const first = [...picture.nodes].sort((a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status))[0];
    this.view.resize(placed.width, placed.height, first && placed.nodes.get(first.id));
    this.sheet.replaceChildren(below, ...nodes);
  }

  /** Fades what is not wanted. */
  filter(wanted: (n: Node) => boolean) {
    if (!this.picture) return;
    const out = new Set(this.picture.nodes.filter((n) => !wanted(n)).map((n) => n.id));
    for (const [id, button] of this.buttons) button.classList.toggle("out", out.has(id));
    this.picture.edges.forEach((e, i) => {
      const faded = out.has(e.from) || out.has(e.to);
      this.edges[i]!.path.classList.toggle("out", faded);
      this.edges[i]!.label.classList.toggle("out", faded);
    });
  }

  /** Marks a step and brings it into sight. */
  select(id: string, focus: boolean) {
    this.buttons.get(this.selected)?.classList.remove("selected");
    this.selected = id;
    const [button, place] = [this.buttons.get(id), this.placed?.nodes.get(id)];
    if (!button || !place) return;
    button.classList.add("selected");
    for (const other of this.buttons.values()) other.tabIndex = -1;
    button.tabIndex = 0;
    this.view.reveal(place);
    if (focus) button.focus({ preventScroll: true });
  }

  /** The arrow keys: along the edges to the left and right, to the next step above and below. */
  private key(e: KeyboardEvent) {
    const from = idOf(e);
    const next = from && this.picture && this.neighbour(from, e.key);
    if (!next) return;
    e.preventDefault();
    e.stopPropagation();
    this.choose(next);
    this.buttons.get(next)?.focus({ preventScroll: true });
  }

  private neighbour(from: string, key: string): string | undefined {
    const edges = this.picture!.edges;
    const at = this.placed!.nodes.get(from)!;
    const nearest = (ids: string[]) => {
      const away = (id: string) => distance(this.placed!.nodes.get(id)!, at);
      return ids.sort((a, b) => away(a) - away(b))[0];
    };
    switch (key) {
      case "ArrowRight":
        return nearest(edges.filter((x) => x.from === from).map((x) => x.to));
      case "ArrowLeft":
        return nearest(edges.filter((x) => x.to === from).map((x) => x.from));
      case "ArrowDown":
        return nearest([...this.placed!.nodes].filter(([, p]) => p.x === at.x && p.y > at.y).map(([id]) => id));
      case "ArrowUp":
        return nearest([...this.placed!.nodes].filter(([, p]) => p.x === at.x && p.y < at.y).map(([id]) => id));
      default:
        return undefined;
    }
  }
}

const distance = (a: Place, b: Place) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

const idOf = (e: Event) => (e.target as Element).closest<HTMLElement>("button[data-id]")?.dataset.id ?? "";

function paintNode(button: HTMLButtonElement, n: Node, coloured: boolean) {
  const marks = [n.kind, n.status, n.enabled ? "" : "disabled", n.earlier ? "earlier" : "", coloured ? "" : "plain"];
  const kept = ["selected", "out"].filter((name) => button.classList.contains(name));
  button.className = ["node", ...marks, ...kept].filter(Boolean).join(" ");
  const status = statusText(n, coloured);
  const second = secondLine(n, coloured);
  const head = n.kind === "step" && el("span", { class: "name", dir: "auto" }, kindIcon(n), n.step);
  const state = status && el("span", { class: "state" }, coloured && icon(n.status), el("span", {}, status));
  const line = second && el("span", { class: "line" }, second);
  const text = button.querySelector(".text")!;
  const label = [n.kind === "join" ? `join before ${n.step}` : n.step, status, second].filter(Boolean).join(", ");
  if (button.getAttribute("aria-label") === label && text.firstChild) return;
  text.replaceChildren(...[head, state, line].filter((c): c is HTMLSpanElement => Boolean(c)));
  button.setAttribute("aria-label", label);
  button.title = label;
}

function paintEdge(drawn: DrawnEdge, e: Edge) {
  const way = e.way === "not taken" ? "not-taken" : (e.way ?? "");
  const kept = drawn.path.classList.contains("out") ? " out" : "";
  const condition = e.condition ?? "success";
  drawn.path.setAttribute("class", `edge ${condition} ${way}${kept}`);
  drawn.path.setAttribute("marker-end", `url(#to-${condition}${e.way === "taken" ? "-taken" : ""})`);
  drawn.label.setAttribute("class", `label ${way}${kept}`);
  drawn.label.textContent = edgeText(e);
}

/** A join's outline: it is no step. */
function hexagon({ width: w, height: h }: Place): SVGElement {
  const tip = 15;
  const d = `M${tip} 1H${w - tip}L${w - 1} ${h / 2}L${w - tip} ${h - 1}H${tip}L1 ${h / 2}z`;
  return svg("svg", { class: "hexagon", viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" }, svg("path", { d }));
}

/** An arrowhead for each condition, in two colours: an arrowhead cannot take its line's. */
function markers(): SVGElement {
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

/** What a screen reader hears of what has changed. */
export function changes(before: Picture | null, after: Picture): string {
  if (!before) return "";
  const known = new Map(before.nodes.map((n) => [n.id, n.status]));
  return after.nodes
    .filter((n) => n.kind === "step" && known.has(n.id) && known.get(n.id) !== n.status)
    .map((n) => `${n.step} ${look(n.status).text}`)
    .slice(0, 5)
    .join(", ");
}
