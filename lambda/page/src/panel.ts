// SPDX-License-Identifier: MPL-2.0

// What is beside the chain: the details of the chosen step, or what somebody has to look at.
import { el, icon } from "./dom";
import { kindOf, look, signOf, unstarted, urgency, type Edge, type Node, type Picture, type ShownRun } from "./model";
import { duration, moment, secondLine, statusText, until, waits } from "./text";

export type Choose = (id: string) => void;

/** What needs a look, the most urgent first; everything that the filters leave when there are any. */
export function overview(p: Picture, wanted: (n: Node) => boolean, filtered: boolean, choose: Choose): HTMLElement[] {
  const coloured = p.runs.length > 0;
  const calm = filtered ? [] : ["succeeded", "idle", "pending", "skipped"];
  const steps = p.nodes.filter((n) => n.kind === "step" && wanted(n));
  const shown = steps.filter((n) => !calm.includes(n.status)).sort((a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status));
  const title = filtered ? `${steps.length} of ${p.nodes.filter((n) => n.kind === "step").length} steps` : "Needs attention";
  if (shown.length === 0) {
    const calmly = filtered ? "No step matches."
      : coloured ? "Nothing: no step has failed, is blocked, or waits." : "Nothing has run yet.";
    return [el("h2", {}, title), el("p", { class: "quiet" }, calmly)];
  }
  const rows = shown.map((n) => {
    const line = secondLine(n, coloured);
    const name = el("strong", { dir: "auto" }, n.step);
    const text = el("span", {}, name, el("span", { class: "state" }, statusText(n, true)), line && el("span", { class: "line" }, line));
    const button = el("button", { type: "button", class: `row ${n.status}${n.earlier ? " earlier" : ""}` }, icon(n.status), text);
    button.addEventListener("click", () => choose(n.id));
    return el("li", {}, button);
  });
  return [el("h2", {}, title), el("ul", {}, ...rows)];
}

/** How the runs do that are shown, each with what was done about it. */
export function runsOf(p: Picture, chosen: string, choose: (run: string) => void): HTMLElement | undefined {
  if (p.runs.length === 0) return undefined;
  const other = (words: string, run: string) => {
    const button = el("button", { type: "button", class: "link" }, run);
    button.addEventListener("click", () => choose(run));
    return el("span", { class: "line" }, words, button);
  };
  const rows = p.runs.map((r: ShownRun) => {
    const sign = signOf(r.status);
    const text = el("span", {}, el("strong", { dir: "auto" }, r.origin), el("span", { class: "state" }, r.summary),
      el("span", { class: "line" }, `begun ${moment(r.at)}, cycle of ${r.date}${r.until ? `, waits${until(r.until)}` : ""}`),
      r.rerun_of && other("repeats ", r.rerun_of), ...(r.repaired_by ?? []).map((run) => other("repaired by ", run)));
    const row = el("div", { class: `row ${sign}` }, icon(sign), text);
    if (r.run !== chosen) {
      const show = el("button", { type: "button", class: "link" }, "Show this run alone");
      show.addEventListener("click", () => choose(r.run));
      text.append(show);
    }
    return el("li", {}, row);
  });
  return el("section", { class: "runs" }, el("h3", {}, p.runs.length === 1 ? "Run" : "Runs"), el("ul", {}, ...rows));
}

/** All that is known of one step or join. */
export function details(p: Picture, n: Node, actions: HTMLElement | undefined, choose: Choose): HTMLElement[] {
  const coloured = p.runs.length > 0;
  const close = el("button", { type: "button", class: "close", title: "Close (Esc)" }, "×");
  close.addEventListener("click", () => choose(""));
  const parts: (HTMLElement | "" | false | undefined)[] = [
    close,
    el("h2", { dir: "auto" }, n.kind === "join" ? `Join before ${n.step}` : n.step),
    coloured && el("p", { class: `state ${n.status}` }, icon(n.status), el("span", {}, statusText(n, coloured))),
    n.kind === "join" && ["joining", "pending"].includes(n.status) && el("p", { class: "why" }, sentence(waits(n))),
    n.reason ? el("p", { class: "why" }, sentenceOf(n, n.reason)) : undefined,
    n.kind === "step" && n.until ? el("p", { class: "quiet" }, `It waits${until(n.until)}, when its cycle ends.`) : undefined,
    n.earlier && el("p", { class: "quiet" }, "From an earlier cycle than the newest run."),
    facts(n),
    actions,
    links("Starts after", p, p.edges.filter((e) => e.to === n.id), (e) => e.from, choose),
    links("Next", p, p.edges.filter((e) => e.from === n.id), (e) => e.to, choose),
    n.url ? el("p", {}, el("a", { href: n.url, target: "_blank", rel: "noopener noreferrer" }, "Open the app in Qlik Cloud ↗"))
      : undefined,
  ];
  return parts.filter((part): part is HTMLElement => Boolean(part));
}

function facts(n: Node): HTMLElement {
  const before = unstarted.includes(n.status) ? "before, " : "";
  const rows: [string, string | undefined][] = [
    ["attempt", n.kind === "step" && n.attempt ? `${n.attempt} of ${n.of ?? 1}` : undefined],
    ["due", n.kind === "step" && n.status === "waiting" && n.due_at ? moment(n.due_at) : undefined],
    [`${before}start`, n.kind === "step" && n.started_at ? moment(n.started_at) : undefined],
    [`${before}end`, n.ended_at && moment(n.ended_at)],
    ["took", n.seconds && n.seconds >= 0.05 ? duration(n.seconds) : undefined],
    ["chain may start it", n.enabled ? undefined : "no, it is disabled"],
    ["how", n.notes?.join(" · ")],
    ["reload", n.reload],
    ["run", n.run],
    [kindOf(n)?.text ?? "app", n.target?.id],
    ["data project", n.target?.project],
  ];
  const list = el("dl");
  for (const [name, value] of rows) if (value) list.append(el("dt", {}, name), el("dd", {}, value));
  return list;
}

function links(title: string, p: Picture, edges: Edge[], end: (e: Edge) => string, choose: Choose): HTMLElement | undefined {
  if (edges.length === 0) return undefined;
  const rows = edges.map((e) => {
    const other = p.nodes.find((n) => n.id === end(e))!;
    const name = other.kind === "join" ? `join before ${other.step}` : other.step;
    const button = el("button", { type: "button", class: `row ${other.status}` }, icon(other.status), el("span", {},
      el("strong", { dir: "auto" }, name),
      e.condition && el("span", { class: "state" }, e.condition + (e.way ? `, ${e.way}` : "")),
      e.reason && e.way !== "taken" && el("span", { class: "line" }, e.reason)));
    button.addEventListener("click", () => choose(other.id));
    return el("li", {}, button);
  });
  return el("section", { class: "links" }, el("h3", {}, title), el("ul", {}, ...rows));
}

/** Why a step did not start reads on after its name; why a start waits or was given up is a sentence by itself. */
const sentenceOf = (n: Node, reason: string) =>
  sentence(unstarted.includes(n.status) ? `${n.step} ${reason}` : reason.charAt(0).toUpperCase() + reason.slice(1));

const sentence = (s: string) => (/[.!?…]$/.test(s) ? s : `${s}.`);

/** One button for each status that there is, with how many steps have it. */
export function statusFilters(p: Picture, chosen: Set<string>, changed: () => void): HTMLElement[] {
  const steps = p.nodes.filter((n) => n.kind === "step");
  return urgency.flatMap((status) => {
    const count = steps.filter((n) => n.status === status).length;
    if (count === 0 && !chosen.has(status)) return [];
    const button = el("button", { type: "button", class: `chip ${status}`, "aria-pressed": String(chosen.has(status)) },
      icon(status), el("span", {}, `${count} ${look(status).text}`));
    button.addEventListener("click", () => {
      if (!chosen.delete(status)) chosen.add(status);
      changed();
    });
    return [button];
  });
}
