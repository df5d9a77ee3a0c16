// SPDX-License-Identifier: MPL-2.0

// Lays the chain out from left to right, with dagre.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import type { Edge, Node } from "./model";

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
  width: number;
  height: number;
  nodes: Map<string, Place>;
  ways: string[]; // of each edge, as an SVG path
  labels: Point[]; // where each edge's label stands
}

// From so many nodes on dagre leaves its search for the best order earlier, which takes about half of its time then.
const many = 150;

const sizes = { step: { width: 264, height: 78 }, join: { width: 264, height: 52 } };

export function layout(nodes: Node[], edges: Edge[]): Layout {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "LR", nodesep: 18, edgesep: 12, ranksep: 140, marginx: 30, marginy: 30 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const n of nodes) graph.setNode(n.id, { ...sizes[n.kind] });
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
  const size = graph.graph() as { width?: number; height?: number };
  return { width: size.width ?? 0, height: size.height ?? 0, nodes: places, ways, labels };
}

function count(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
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
