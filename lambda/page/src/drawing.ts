// SPDX-License-Identifier: MPL-2.0

// Draws the chain: its steps as buttons, its edges below them. A large chain is folded into groups.
import { svg } from "./dom";
import { fold, groupsOf, type Drawn, type Group, type Shown } from "./groups";
import { layout, type Density, type Layout, type Place } from "./layout";
import { look, urgency, type Node, type Picture } from "./model";
import { markers, paint, paintEdge, place, type DrawnEdge } from "./node";
import type { View } from "./view";

// Laying out more nodes than these wide, or more steps unfolded, is in vain: they do not fit.
const mostWide = 24;
const mostUnfolded = 60;
const mostBeside = 12; // steps that are drawn beside their folded groups

export class Drawing {
  private shape = ""; // what the groups depend on
  private picture: Picture | null = null;
  private groups: Group[] = [];
  private unfolded = new Set<string>();
  private beside = new Set<string>(); // steps that are drawn although their groups are folded: what failed, and the selected one
  private placed: Layout | null = null;
  private shown: Drawn = { nodes: [], edges: [] };
  private buttons = new Map<string, HTMLButtonElement>();
  private edges: DrawnEdge[] = [];
  private selected = "";
  private wanted: (n: Node) => boolean = () => true;

  constructor(
    private readonly sheet: HTMLElement,
    private readonly view: View,
    private readonly choose: (id: string) => void,
    private readonly folded: (groups: number, unfolded: number) => void,
  ) {
    sheet.addEventListener("click", (e) => this.click(idOf(e)));
    sheet.addEventListener("keydown", (e) => this.key(e));
    view.resized = () => this.picture && this.rebuild();
  }

  /** Draws a picture. Only a change of the chain itself lays it out anew. */
  show(picture: Picture) {
    this.picture = picture;
    const shape = JSON.stringify([picture.nodes.map((n) => n.id), picture.edges.map((e) => [e.from, e.to])]);
    const beside = [...this.beside].join("\n");
    this.setBeside();
    if (shape === this.shape && beside === [...this.beside].join("\n")) {
      this.shown = fold(picture, this.groups, this.unfolded, this.beside);
      this.paint();
      return;
    }
    if (shape === this.shape) {
      this.rebuild();
      return;
    }
    this.shape = shape;
    this.groups = groupsOf(picture);
    this.unfolded = new Set();
    if (steps(picture) <= mostUnfolded) this.unfoldAll();
    this.rebuild();
  }

  /** Shows nothing. */
  clear() {
    this.picture = null;
    this.shape = this.selected = "";
    this.buttons.clear();
    this.sheet.replaceChildren();
  }

  private unfoldAll() {
    this.unfolded = new Set(this.groups.map((g) => g.id));
  }

  private setBeside() {
    const folded = new Set(this.groups.filter((g) => !this.unfolded.has(g.id)).flatMap((g) => g.steps));
    const steps = this.picture!.nodes.filter((n) => n.kind === "step" && folded.has(n.step));
    const failed = steps.filter((n) => n.status === "failed" || n.status === "refused").slice(0, mostBeside);
    this.beside = new Set([...failed, ...steps.filter((n) => n.id === this.selected)].map((n) => n.step));
  }

  /** Folds every group, or unfolds it. */
  foldAll(folded: boolean) {
    if (folded) this.unfolded.clear();
    else this.unfoldAll();
    this.rebuild();
    this.view.begin();
  }

  /** Shows the whole chain; folds its groups if it could not be read otherwise. */
  fit() {
    if (!this.view.fits() && this.unfolded.size > 0 && steps(this.picture!) > mostUnfolded) this.foldAll(true);
    this.view.fit();
  }

  private rebuild() {
    this.setBeside();
    this.shown = fold(this.picture!, this.groups, this.unfolded, this.beside);
    this.build(this.bestLayout());
    this.paint();
    this.folded(this.groups.length, this.unfolded.size);
  }

  /** The widest layout of which all can be read at once, else the closest. */
  private bestLayout(): Layout {
    const { nodes, edges } = this.shown;
    const tried: Density[] = nodes.length <= mostWide ? ["wide", "middle"] : [];
    for (const density of tried) {
      const placed = layout(nodes, edges, density);
      if (this.view.scaleOf(placed) >= this.view.leastScale(density)) return placed;
    }
    return layout(nodes, edges, "close");
  }

  private paint() {
    const coloured = this.picture!.runs.length > 0;
    for (const n of this.shown.nodes) paint(this.buttons.get(n.id)!, n, coloured);
    this.shown.edges.forEach((e, i) => paintEdge(this.edges[i]!, e));
    this.fade();
  }

  private build(placed: Layout) {
    this.placed = placed;
    const focused = this.sheet.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.id : undefined;
    this.buttons.clear();
    const size = { width: String(placed.width), height: String(placed.height) };
    const below = svg("svg", { class: "edges", ...size, "aria-hidden": "true" }, markers());
    this.edges = this.shown.edges.map((_, i) => {
      const path = svg("path", { d: placed.ways[i]! });
      const label = svg("text", { x: String(placed.labels[i]!.x), y: String(placed.labels[i]!.y - 5) });
      return { path, label };
    });
    below.append(...this.edges.map((e) => e.path), ...this.edges.map((e) => e.label));
    const nodes = this.shown.nodes.map((n) => {
      const button = place(n, placed.nodes.get(n.id)!);
      this.buttons.set(n.id, button);
      return button;
    });
    // The view measures the canvas: before the nodes are there, or the browser would lay all of them out for that, and once more after.
    this.sheet.className = placed.density;
    this.view.resize(placed, this.first());
    this.sheet.replaceChildren(below, ...nodes);
    const current = this.buttons.get(this.selected) ?? nodes[0];
    current?.setAttribute("tabindex", "0");
    this.buttons.get(this.selected)?.classList.add("selected");
    if (focused) (this.buttons.get(focused) ?? current)?.focus({ preventScroll: true });
  }

  /** The place of the most urgent step. */
  private first(): Place | undefined {
    const rank = (n: Shown) => Math.min(...(n.kind === "group" ? n.steps : [n]).map((s) => urgency.indexOf(s.status)));
    const most = [...this.shown.nodes].sort((a, b) => rank(a) - rank(b))[0];
    return most && this.placed!.nodes.get(most.id);
  }

  /** Fades what is not wanted. */
  filter(wanted: (n: Node) => boolean) {
    this.wanted = wanted;
    if (this.picture) this.fade();
  }

  private fade() {
    const wanted = (n: Shown) => (n.kind === "group" ? n.steps.some(this.wanted) : this.wanted(n));
    const out = new Set(this.shown.nodes.filter((n) => !wanted(n)).map((n) => n.id));
    for (const [id, button] of this.buttons) {
      button.classList.toggle("out", out.has(id));
      button.inert = out.has(id);
    }
    this.shown.edges.forEach((e, i) => {
      const faded = out.has(e.from) || out.has(e.to);
      this.edges[i]!.path.classList.toggle("out", faded);
      this.edges[i]!.label.classList.toggle("out", faded);
    });
  }

  /** Marks a step and brings it into sight. */
  select(id: string, focus: boolean) {
    this.buttons.get(this.selected)?.classList.remove("selected");
    this.selected = id;
    if (this.picture && id && !this.buttons.has(id)) this.rebuild();
    const [button, at] = [this.buttons.get(id), this.placed?.nodes.get(id)];
    if (!button || !at) return;
    button.classList.add("selected");
    for (const other of this.buttons.values()) other.tabIndex = -1;
    button.tabIndex = 0;
    this.view.reveal(at);
    if (focus) button.focus({ preventScroll: true });
  }

  private click(id: string) {
    if (!id.startsWith("group:")) {
      this.choose(id);
      return;
    }
    const group = this.groups.find((g) => g.id === id)!;
    this.unfolded.add(id);
    this.rebuild();
    const first = this.picture!.nodes.find((n) => n.kind === "step" && group.steps.includes(n.step))!;
    this.view.reveal(this.placed!.nodes.get(first.id)!);
    this.buttons.get(first.id)?.focus({ preventScroll: true });
  }

  /** The arrow keys: along the edges to the left and right, to the next step above and below. */
  private key(e: KeyboardEvent) {
    const from = idOf(e);
    const next = from && this.picture && this.neighbour(from, e.key);
    if (!next) return;
    e.preventDefault();
    e.stopPropagation();
    if (next.startsWith("group:")) {
      for (const other of this.buttons.values()) other.tabIndex = -1;
      this.buttons.get(next)!.tabIndex = 0;
      this.view.reveal(this.placed!.nodes.get(next)!);
    } else this.choose(next);
    this.buttons.get(next)?.focus({ preventScroll: true });
  }

  private neighbour(from: string, key: string): string | undefined {
    const edges = this.shown.edges;
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
        return nearest(this.inColumn(at).filter(([, p]) => p.y > at.y).map(([id]) => id));
      case "ArrowUp":
        return nearest(this.inColumn(at).filter(([, p]) => p.y < at.y).map(([id]) => id));
      default:
        return undefined;
    }
  }

  /** The nodes above and below a place: widths differ, so that centres do. */
  private inColumn(at: Place): [string, Place][] {
    return [...this.placed!.nodes].filter(([, p]) => Math.abs(p.x - at.x) < (p.width + at.width) / 2);
  }
}

const steps = (p: Picture) => p.nodes.filter((n) => n.kind === "step").length;

const distance = (a: Place, b: Place) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

const idOf = (e: Event) => (e.target as Element).closest<HTMLElement>("button[data-id]")?.dataset.id ?? "";

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
