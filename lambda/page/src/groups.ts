// SPDX-License-Identifier: MPL-2.0

// Folds a large chain: steps with names that begin alike, or that hang together, are drawn as one until they are unfolded.
import { urgency, type Condition, type Edge, type Node, type Picture, type Status } from "./model";

export interface Group {
  id: string;
  name: string;
  steps: string[]; // names
}

/** A folded group in the drawing. */
export interface Folded {
  id: string;
  kind: "group";
  name: string;
  steps: Node[];
}

export type Shown = Node | Folded;

/** An edge of the drawing: of the chain, or all of them between two groups. */
export interface ShownEdge {
  from: string;
  to: string;
  condition?: Condition;
  way?: Edge["way"];
  count: number;
}

/** What is drawn of a chain. */
export interface Drawn {
  nodes: Shown[];
  edges: ShownEdge[];
}

const least = 3; // steps that are worth a group

/** The groups of a chain: by the beginning of the steps' names, else by what hangs together. */
export function groupsOf(p: Picture): Group[] {
  const names = p.nodes.filter((n) => n.kind === "step").map((n) => n.step);
  const byPrefix = gather(names, prefixes(names), (key) => `${key}…`);
  if (byPrefix.length > 1) return acyclic(p, byPrefix);
  const parts = components(p, names);
  const byPart = gather(names, parts, (key) => `with ${key}`);
  return byPart.length > 1 ? byPart : [];
}

function gather(names: string[], keys: Map<string, string>, title: (key: string) => string): Group[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keys.get(name)!;
    if (key) groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].filter(([, steps]) => steps.length >= least).map(([key, steps]) => ({ id: `group:${key}`, name: title(key), steps }));
}

/** How each name begins, after what all begin with: up to the next underscore, hyphen, dot or blank. */
function prefixes(names: string[]): Map<string, string> {
  const split = new Map(names.map((name) => [name, name.match(/[^_\-. ]*[_\-. ]+|[^_\-. ]+/g) ?? [name]]));
  let common = 0;
  const first = split.get(names[0] ?? "") ?? [];
  while (common < first.length - 1 && names.every((name) => split.get(name)![common] === first[common])) common++;
  return new Map(names.map((name) => {
    const parts = split.get(name)!;
    return [name, parts.length > common + 1 ? parts.slice(0, common + 1).join("") : ""];
  }));
}

/** Which steps hang together, each part by its first step. */
function components(p: Picture, names: string[]): Map<string, string> {
  const root = new Map(names.map((name) => [name, name]));
  const find = (name: string): string => {
    const up = root.get(name)!;
    if (up === name) return name;
    const top = find(up);
    root.set(name, top);
    return top;
  };
  for (const e of p.edges) {
    const [a, b] = [find(stepOf(e.from)), find(stepOf(e.to))].sort();
    if (a !== b) root.set(b!, a!);
  }
  return new Map(names.map((name) => [name, find(name)]));
}

/** Splits groups by how deep their steps are, if one group would both come before and after another. */
function acyclic(p: Picture, groups: Group[]): Group[] {
  const folded = fold(p, groups, new Set());
  if (!hasCycle(folded.nodes.map((n) => n.id), folded.edges)) return groups;
  const depth = depths(p);
  return groups.flatMap((group) => {
    const levels = [...new Set(group.steps.map((s) => depth.get(s)!))].sort((a, b) => a - b);
    const parts = levels.map((level) => ({
      id: `${group.id}${level}`, name: levels.length > 1 ? `${group.name} (${level + 1})` : group.name,
      steps: group.steps.filter((s) => depth.get(s) === level),
    }));
    return parts.filter((part) => part.steps.length >= least);
  });
}

/** How many steps come before each step on the longest way to it. */
export function depths(p: Picture): Map<string, number> {
  const before = new Map<string, string[]>();
  for (const e of p.edges) {
    if (stepOf(e.from) !== stepOf(e.to)) before.set(stepOf(e.to), [...(before.get(stepOf(e.to)) ?? []), stepOf(e.from)]);
  }
  const known = new Map<string, number>();
  const depth = (step: string): number => {
    if (!known.has(step)) {
      known.set(step, 0);
      known.set(step, Math.max(-1, ...(before.get(step) ?? []).map(depth)) + 1);
    }
    return known.get(step)!;
  };
  for (const n of p.nodes) depth(n.step);
  return known;
}

function hasCycle(ids: string[], edges: ShownEdge[]): boolean {
  const arriving = new Map(ids.map((id) => [id, 0]));
  for (const e of edges) arriving.set(e.to, arriving.get(e.to)! + 1);
  const free = ids.filter((id) => arriving.get(id) === 0);
  let seen = 0;
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    seen++;
    for (const e of edges) {
      if (e.from !== id) continue;
      arriving.set(e.to, arriving.get(e.to)! - 1);
      if (arriving.get(e.to) === 0) free.push(e.to);
    }
  }
  return seen < ids.length;
}

/** What is drawn when all groups are folded except some. Some steps of folded groups are drawn beside them. */
export function fold(p: Picture, groups: Group[], unfolded: Set<string>, beside = new Set<string>()): Drawn {
  const folded = new Map<string, Folded>();
  for (const group of groups) {
    if (unfolded.has(group.id)) continue;
    const shown: Folded = { id: group.id, kind: "group", name: group.name, steps: [] };
    for (const step of group.steps) if (!beside.has(step)) folded.set(step, shown);
  }
  const nodes: Shown[] = [];
  for (const n of p.nodes) {
    const group = folded.get(n.step);
    if (!group) nodes.push(n);
    else if (n.kind === "step") {
      if (group.steps.length === 0) nodes.push(group);
      group.steps.push(n);
    }
  }
  const end = (id: string) => folded.get(stepOf(id))?.id ?? id;
  const edges = new Map<string, ShownEdge>();
  for (const e of p.edges) {
    const [from, to] = [end(e.from), end(e.to)];
    if (from === to) continue;
    const known = edges.get(`${from}\n${to}`);
    if (!known) edges.set(`${from}\n${to}`, { from, to, condition: e.condition, way: e.way, count: 1 });
    else {
      known.count++;
      if (known.condition !== e.condition) known.condition = undefined;
      if (e.way === "taken") known.way = "taken";
    }
  }
  return { nodes, edges: [...edges.values()] };
}

export const stepOf = (id: string) => id.slice(id.indexOf(":") + 1);

/** How many of some steps have which status, the most urgent first. */
export function counted(steps: Node[]): [Status, number][] {
  return urgency.map((status): [Status, number] => [status, steps.filter((n) => n.status === status).length]).filter(([, n]) => n > 0);
}
