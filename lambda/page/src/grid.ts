// SPDX-License-Identifier: MPL-2.0

// The last runs by step: a row for each step, a column for each run, the newest to the right. A large chain has a row for each group.
import { broken, el, icon } from "./dom";
import { depths, groupsOf, type Group } from "./groups";
import { look, signOf, signOfStep, urgency, type Node, type PastRun, type Picture, type Status, type StepRecord } from "./model";
import { isLate, typicalOf, type History } from "./past";
import { count, coverOf, day, duration, minute, moment } from "./text";

const mostUnfolded = 60;

interface Choices {
  run: (run: string) => void;
  step: (id: string) => void;
  both: (run: string, id: string) => void;
}

/** A run with its steps by name, and its time in words. */
interface Column {
  run: PastRun;
  steps: Map<string, StepRecord>;
  time: string;
}

export class Grid {
  private unfolded = new Set<string>();

  constructor(
    private readonly into: HTMLElement,
    private readonly choices: Choices,
  ) {
    into.addEventListener("click", (e) => {
      const cell = (e.target as Element).closest<HTMLElement>("td[data-step]");
      if (cell) choices.both(cell.dataset.run!, cell.dataset.step!);
    });
  }

  /** Shows the runs. Steps that the chain no longer has are left out. */
  show(p: Picture, past: History, wanted: (n: Node) => boolean, filtered: boolean, shown: string) {
    const { into } = this;
    if (past.runs.length === 0) {
      into.replaceChildren(el("p", { class: "quiet" }, past.problem || "No run is known yet."));
      return;
    }
    const at = { left: into.scrollLeft, top: into.scrollTop, first: !into.querySelector("table") };
    const focused = into.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.row : undefined;
    const columns = [...past.runs].reverse()
      .map((run): Column => ({ run, steps: new Map(run.steps.map((s) => [s.step, s])), time: moment(run.at) }));
    const head = el("tr", {}, el("th", { scope: "col", class: "step" }, el("div", { class: "who" }, el("span", {}, "Step"),
      el("span", { class: "usual" }, "typical"))), ...columns.map((c) => this.head(c, c.run.run === shown)));
    const steps = inOrder(p).filter(wanted);
    const groups = filtered || steps.length <= mostUnfolded ? [] : groupsOf(p);
    const table = el("table", { "aria-label": "The last runs by step" }, el("thead", {}, head),
      el("tbody", {}, ...this.rows(steps, groups, columns, () => this.show(p, past, wanted, filtered, shown))));
    const title = columns.length === 1 ? "The last run." : `The last ${columns.length} runs, the newest to the right.`;
    into.replaceChildren(el("p", { class: "title" }, el("strong", {}, title), " ",
      el("span", { class: "corner" }), " took longer than it typically does."), table);
    into.scrollTo({ left: at.first ? 1e6 : at.left, top: at.top });
    [...into.querySelectorAll<HTMLElement>("[data-row]")].find((b) => b.dataset.row === focused)?.focus({ preventScroll: true });
  }

  private head({ run, time }: Column, shown: boolean): HTMLElement {
    const sign = signOf(run.status ?? "under_way");
    const label = `Run of ${time}, ${coverOf(run)}: ${look(sign).text}`;
    const button = el("button", { type: "button", class: `run ${sign}`, title: label, "aria-pressed": String(shown),
      "data-row": run.run }, icon(sign), el("span", { class: "unseen" }, label),
      el("span", { "aria-hidden": "true" }, day(run.at)), el("span", { "aria-hidden": "true" }, minute(run.at)));
    button.addEventListener("click", () => this.choices.run(run.run));
    return el("th", { scope: "col" }, button);
  }

  private rows(steps: Node[], groups: Group[], columns: Column[], again: () => void): HTMLElement[] {
    const groupOf = new Map(groups.flatMap((g) => g.steps.map((step) => [step, g] as const)));
    const seen = new Set<Group>();
    return steps.flatMap((n) => {
      const group = groupOf.get(n.step);
      if (!group) return [this.row(n, columns)];
      if (seen.has(group)) return [];
      seen.add(group);
      const own = steps.filter((s) => groupOf.get(s.step) === group);
      const open = this.unfolded.has(group.id);
      return [this.groupRow(group, own, columns, again), ...(open ? own.map((s) => this.row(s, columns)) : [])];
    });
  }

  private row(n: Node, columns: Column[]): HTMLElement {
    const name = el("button", { type: "button", class: "link", dir: "auto", "data-row": n.id }, el("span", {}, ...broken(n.step)));
    name.addEventListener("click", () => this.choices.step(n.id));
    const usual = typicalOf(n.step);
    return el("tr", {}, el("th", { scope: "row", class: "step" }, el("div", { class: "who" }, name,
      el("span", { class: "usual" }, usual ? duration(usual.seconds) : "–"))), ...columns.map((c) => cell(n, c)));
  }

  /** The most urgent status of a group's steps in each run, and how many have it. */
  private groupRow(group: Group, steps: Node[], columns: Column[], again: () => void): HTMLElement {
    const open = this.unfolded.has(group.id);
    const name = el("button", { type: "button", class: "link", dir: "auto", "aria-expanded": String(open), "data-row": group.id },
      open ? "▾" : "▸", el("span", {}, ...broken(group.name)));
    name.addEventListener("click", () => {
      if (!this.unfolded.delete(group.id)) this.unfolded.add(group.id);
      again();
    });
    const cells = columns.map((c) => {
      const signs = steps.flatMap((n) => c.steps.get(n.step) ?? []).map(signOfStep);
      const worst = urgency.find((status) => signs.includes(status));
      return worst ? sum(worst, signs.filter((s) => s === worst).length, `${group.name}, ${c.time}`) : el("td");
    });
    return el("tr", { class: "group" }, el("th", { scope: "row", class: "step" }, el("div", { class: "who" }, name,
      el("span", { class: "usual" }, count(steps.length, "step")))), ...cells);
  }
}

function sum(sign: Status, n: number, what: string): HTMLElement {
  const said = `${n} ${look(sign).text}`;
  return el("td", { class: `cell ${sign}`, title: `${what}: ${said}` }, icon(sign), el("span", { "aria-hidden": "true" }, String(n)),
    el("span", { class: "unseen" }, said));
}

function cell(n: Node, { run, steps, time }: Column): HTMLElement {
  const s = steps.get(n.step);
  if (!s) return el("td", {}, el("span", { class: "unseen" }, "not part of it"));
  const sign = signOfStep(s);
  const late = s.seconds !== undefined && isLate(n.step, s.seconds);
  const said = (s.status === "continued" ? "goes on in another run" : look(sign).text) + (s.seconds ? `, ${duration(s.seconds)}` : "") + (late ? ", late" : "");
  const marks = { class: `cell ${sign}${late ? " long" : ""}`, title: `${n.step}, ${time}: ${said}` };
  return el("td", { ...marks, "data-run": run.run, "data-step": n.id },
    icon(sign), el("span", { class: "unseen" }, said));
}

/** The steps in the order in which they come: upstreams first, then by name. */
function inOrder(p: Picture): Node[] {
  const depth = depths(p);
  return p.nodes.filter((n) => n.kind === "step").sort((a, b) => depth.get(a.step)! - depth.get(b.step)! || (a.step < b.step ? -1 : 1));
}
