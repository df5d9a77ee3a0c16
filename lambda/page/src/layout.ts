// SPDX-License-Identifier: MPL-2.0

// Lays the chain out from left to right, with dagre.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import type { Shown, ShownEdge } from "./groups";

export interface Place {
  x: number; // of the centre
  y: number;
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

export interface Layout {
  density: Density;
  width: number;
  height: number;
  nodes: Map<string, Place>;
  ways: string[]; // of each edge, as an SVG path
  labels: Point[]; // where each edge's label stands
}

/** How much of each step is drawn: all that is known, its name with a few words, or its name with its sign only. */
export type Density = "wide" | "middle" | "close";

// From so many nodes on dagre leaves its search for the best order earlier, which takes about half of its time then.
const many = 150;

const gaps = {
  wide: { nodesep: 18, edgesep: 12, ranksep: 132, margin: 24 },
  middle: { nodesep: 12, edgesep: 6, ranksep: 44, margin: 16 },
  close: { nodesep: 8, edgesep: 4, ranksep: 34, margin: 14 },
};

const smallest = { wide: 12, middle: 12, close: 13 }; // text of a density, in pixels
const legible = 11;

/** The least scale at which a density's text can be read and, where fingers point, its steps can be met. */
export const leastScale = (density: Density, fingers: boolean) => (fingers ? 1 : legible / smallest[density]);

const names = document.createElement("canvas").getContext("2d")!;

/** The widths of a name's words: it may be broken after each of them. */
function wordsOf(name: string): number[] {
  names.font = "600 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
  return (name.match(/[^_\- ]*[_\- ]+|[^_\- ]+/g) ?? [name]).map((word) => names.measureText(word).width * 1.04);
}

/** How many lines some words take in a width. */
function linesIn(words: number[], width: number): number {
  let [lines, used] = [1, 0];
  for (const word of words) {
    if (used > 0 && used + word > width) [lines, used] = [lines + 1, 0];
    used += word;
  }
  return lines;
}

const beside = 40; // what a close step has beside its name: its sign and its border

function size(n: Shown, density: Density): { width: number; height: number } {
  if (n.kind === "group") return { width: 208, height: 72 };
  if (density === "wide") return { width: 264, height: n.kind === "join" ? 52 : 78 };
  if (n.kind === "join") return { width: 58, height: 44 };
  const words = wordsOf(n.step);
  const more = n.target && n.target.kind !== "app" ? 20 : 0; // its kind's icon
  let text = Math.min(170, Math.max(density === "middle" ? 126 : 48, ...words));
  while (text < 170 && linesIn(words, text) > (density === "middle" ? 1 : 2)) text += 10;
  const lines = Math.min(3, linesIn(words, text)) + (density === "middle" ? 1 : 0);
  return { width: Math.ceil(text) + beside + more, height: lines > 2 ? lines * 17 + 10 : 44 };
}

export function layout(nodes: Shown[], edges: ShownEdge[], density: Density): Layout {
  const { margin, ...gap } = gaps[density];
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "LR", ...gap, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const n of nodes) graph.setNode(n.id, size(n, density));
  for (const e of edges) graph.setEdge(e.from, e.to);
  dagre(graph, { disableOptimalOrderHeuristic: nodes.length > many });

  const places = new Map<string, Place>();
  for (const n of nodes) places.set(n.id, graph.node(n.id) as Place);
  const leaving = count(edges.map((e) => e.from));
  const arriving = count(edges.map((e) => e.to));
  const ways: string[] = [];
  const labels: Point[] = [];
  for (const e of edges) {
    const from = places.get(e.from)!;
    const to = places.get(e.to)!;
    const between = ((graph.edge(e.from, e.to) as { points?: Point[] }).points ?? []).slice(1, -1);
    const bends = between.length > 1 ? between : [];
    const points = [{ x: from.x + from.width / 2, y: from.y }, ...bends, { x: to.x - to.width / 2 - 3, y: to.y }];
    ways.push(curve(points));
    // Where many leave together, the label stands near the end; where many arrive together, near the beginning.
    const crowd = leaving.get(e.from)! - arriving.get(e.to)!;
    const last = points.length - 1;
    labels.push(crowd < 0 ? on(points[0]!, points[1]!, 0.4) : on(points[last - 1]!, points[last]!, crowd > 0 ? 0.6 : 0.5));
  }
  const whole = graph.graph() as { width?: number; height?: number };
  return { density, width: whole.width ?? 0, height: whole.height ?? 0, nodes: places, ways, labels };
}

function count(ids: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The point at a part of the way from a to b. */
function on(a: Point, b: Point, t: number): Point {
  const [u, middle] = [1 - t, (a.x + b.x) / 2];
  const [first, both, last] = [u * u * u, 3 * u * t, t * t * t];
  return {
    x: first * a.x + both * middle + last * b.x,
    y: (first + both * u) * a.y + (both * t + last) * b.y,
  };
}

/** A curve that leaves and reaches every point level. */
function curve(points: Point[]): string {
  let path = `M${points[0]!.x} ${points[0]!.y}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    const bend = (b.x - a.x) / 2;
    path += `C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}`;
  }
  return path;
}
