// SPDX-License-Identifier: MPL-2.0

// What is beside the chain: the details of the chosen step, the runs, and the filters by status.
import { blocksText, type Choose } from "./attention";
import { broken, el, icon } from "./dom";
import { kindOf, look, signOf, unstarted, urgency, type Edge, type JobError, type Node, type Picture, type ShownRun } from "./model";
import { isLate, typicalOf } from "./past";
import { duration, lateText, moment, sentence, statusText, until, waits } from "./text";

/** How the runs do that are shown, each with what was done about it. */
export function runsOf(
  p: Picture, chosen: string, choose: (run: string) => void, actions: (r: ShownRun) => HTMLElement | undefined,
): HTMLElement | undefined {
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
      r.rerun_of && other("repeats ", r.rerun_of), ...(r.repaired_by ?? []).map((run) => other("repeated by ", run)));
    const row = el("div", { class: `row ${sign}` }, icon(sign), text);
    if (r.run !== chosen) {
      const show = el("button", { type: "button", class: "link" }, "Show this run alone");
      show.addEventListener("click", () => choose(r.run));
      text.append(show);
    }
    return el("li", {}, row, actions(r));
  });
  return el("section", { class: "runs" }, el("h3", {}, p.runs.length === 1 ? "Run" : "Runs"), el("ul", {}, ...rows));
}

/** All that is known of one step or join. */
export function details(p: Picture, n: Node, actions: HTMLElement | undefined, choose: Choose): HTMLElement[] {
  const coloured = p.runs.length > 0;
  const close = el("button", { type: "button", class: "shut", title: "Close (Esc)", "aria-label": "Close" }, "×");
  close.addEventListener("click", () => choose(""));
  const parts: (HTMLElement | "" | false | undefined)[] = [
    close,
    el("h2", { dir: "auto" }, n.kind === "join" && "Join before ", ...broken(n.step)),
    coloured && el("p", { class: `state ${n.status}` }, icon(n.status), el("span", {}, statusText(n, coloured))),
    lateText(n) && el("p", { class: "late" }, sentence(capital(lateText(n)))),
    n.error && failure(n, n.error),
    blocksText(n) && el("p", { class: "blocks", dir: "auto" }, blocksText(n)),
    n.kind === "join" && ["joining", "pending"].includes(n.status) && el("p", { class: "why" }, sentence(waits(n))),
    n.reason ? el("p", { class: "why" }, sentenceOf(n, n.reason)) : undefined,
    n.kind === "step" && n.until ? el("p", { class: "quiet" }, `It waits${until(n.until)}, when its cycle ends.`) : undefined,
    n.earlier && el("p", { class: "quiet" }, "From an earlier cycle than the newest run."),
    outside(n),
    actions,
    facts(n),
    links("Starts after", p, p.edges.filter((e) => e.to === n.id), (e) => e.from, choose),
    links("Next", p, p.edges.filter((e) => e.from === n.id), (e) => e.to, choose),
  ];
  return parts.filter((part): part is HTMLElement => Boolean(part));
}

/** Why it failed, or the attempt before this one: the code, the message, the end of the log. */
function failure(n: Node, error: JobError): HTMLElement {
  const what = ["waiting", "running"].includes(n.status) && n.attempt ? `attempt ${n.attempt - 1}` : "it";
  const about = { tabindex: "0", role: "region", "aria-label": "End of the script log", dir: "ltr" };
  const log = error.log?.length ? el("pre", about, error.log.join("\n")) : undefined;
  return el("section", { class: "failure" }, el("h3", {}, `Why ${what} failed`),
    error.code ? el("p", { class: "code" }, error.code) : undefined,
    error.message ? el("p", { dir: "auto" }, error.message) : undefined, log);
}

/** Where to look in the tenant: at the app, since Qlik documents no address of a single reload. */
function outside(n: Node): HTMLElement | undefined {
  const href = n.link ?? n.url;
  if (!href) return undefined;
  return el("p", { class: "outside" }, el("a", { href, target: "_blank", rel: "noopener noreferrer" }, "Open the app in Qlik Cloud ↗"));
}

function facts(n: Node): HTMLElement {
  const before = unstarted.includes(n.status) ? "before, " : "";
  const rows: [string, string | undefined][] = [
    ["attempt", n.kind === "step" && n.attempt ? `${n.attempt} of ${n.of ?? 1}` : undefined],
    ["due", n.kind === "step" && n.status === "waiting" && n.due_at ? moment(n.due_at) : undefined],
    [`${before}start`, n.kind === "step" && n.started_at ? moment(n.started_at) : undefined],
    [`${before}end`, n.ended_at && moment(n.ended_at)],
    ["queued", n.queued_seconds && n.queued_seconds >= 0.05 ? duration(n.queued_seconds) : undefined],
    ["took", took(n)],
    ["typically", usual(n)],
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

function took(n: Node): string | undefined {
  if (!n.seconds || n.seconds < 0.05) return undefined;
  return duration(n.seconds) + (isLate(n.step, n.seconds) ? ", longer than typical" : "");
}

/** How long the step takes, by its latest successes. */
function usual(n: Node): string | undefined {
  const t = n.kind === "step" ? typicalOf(n.step) : undefined;
  return t && `${duration(t.seconds)} (median of ${t.of})`;
}

function links(title: string, p: Picture, edges: Edge[], end: (e: Edge) => string, choose: Choose): HTMLElement | undefined {
  if (edges.length === 0) return undefined;
  const rows = edges.map((e) => {
    const other = p.nodes.find((n) => n.id === end(e))!;
    const name = [other.kind === "join" && "join before ", ...broken(other.step)];
    const button = el("button", { type: "button", class: `row ${other.status}` }, icon(other.status), el("span", {},
      el("strong", { dir: "auto" }, ...name),
      e.condition && el("span", { class: "state" }, e.condition + (e.way ? `, ${e.way}` : "")),
      e.reason && e.way !== "taken" && el("span", { class: "line" }, e.reason)));
    button.addEventListener("click", () => choose(other.id));
    return el("li", {}, button);
  });
  return el("section", { class: "links" }, el("h3", {}, title), el("ul", {}, ...rows));
}

/** Why a step did not start reads on after its name; why a start waits or was given up is a sentence by itself. */
const sentenceOf = (n: Node, reason: string) =>
  sentence(unstarted.includes(n.status) ? `${n.step} ${reason}` : capital(reason));

const capital = (s: string) => s.charAt(0).toUpperCase() + s.slice(1);

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
