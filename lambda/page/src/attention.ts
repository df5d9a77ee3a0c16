// SPDX-License-Identifier: MPL-2.0

// What needs attention, and what comes next: the list that the page begins with.
import { broken, el, icon } from "./dom";
import { urgency, type Attention, type Node, type Operations, type Picture, type Status } from "./model";
import { count, left, listed, moment, secondLine, sentence, shortMoment, statusText } from "./text";

export type Choose = (id: string) => void;

const signs: Record<Attention["kind"], Status> = {
  failed: "failed", canceled: "canceled", expired: "expired", late: "waiting", parked: "waiting", webhook: "refused",
};

const words: Record<Attention["kind"], string> = {
  failed: "failed", canceled: "canceled", expired: "expired", late: "late", parked: "parked", webhook: "webhook",
};

/** What needs attention, the most urgent first; everything that the filters leave when there are any. alone: of one run. */
export function overview(
  p: Picture, alone: boolean, state: Operations, wanted: (n: Node) => boolean, filtered: boolean, redrive: HTMLElement | false,
  choose: Choose,
): HTMLElement[] {
  if (filtered) return matching(p, wanted, choose);
  const parked = alone ? [] : state.parked_of; // the picture has one start of a step: of the newest run that has it
  const rows = p.attention.map((a) => row(p, a, choose, parked.find((s) => a.kind === "parked" && s.step === a.step)?.starts));
  for (const s of parked.filter((s) => !p.attention.some((a) => a.kind === "parked" && a.step === s.step))) {
    const starts = p.nodes.some((n) => n.kind === "step" && n.step === s.step && n.enabled); // otherwise a resume gives it up
    const reason = starts ? `when the chain is resumed, it starts in the run ${s.run}` : `in the run ${s.run}`;
    rows.push(row(p, { kind: "parked", step: s.step, run: s.run, at: s.since, reason, blocked: 0 }, choose, s.starts));
  }
  if (state.dead_letters) {
    rows.push(el("li", {}, el("div", { class: "row failed" }, icon("failed"), el("span", {},
      el("strong", {}, `${count(state.dead_letters, "event or timer", "events and timers")} could not be handled`),
      el("span", { class: "line" }, "They are in the dead-letter queue."), redrive))));
  }
  const title = el("h2", {}, "Needs attention");
  if (rows.length > 0) {
    const since = alone && p.runs.some((r) => r.repaired_by?.length)
      ? [el("p", { class: "quiet" }, "This is how the run ended. It was repeated since, see below.")] : [];
    return [title, ...since, el("ul", { class: "attention" }, ...rows)];
  }
  return [title, el("p", { class: "calm" }, icon("succeeded"), el("span", {}, calm(p, alone)))];
}

function calm(p: Picture, alone: boolean): string {
  if (alone) return p.runs.length > 0 ? "Nothing in this run." : "No run is shown."; // the answer says nothing of others
  if (p.last_good) return `Nothing. The last good run ended ${moment(p.last_good.ended_at ?? p.last_good.at)}.`;
  return p.runs.length > 0 ? "Nothing, but no run has succeeded yet." : "Nothing has run yet.";
}

/** starts: how many of the step are parked. */
function row(p: Picture, a: Attention, choose: Choose, starts = 1): HTMLElement {
  const n = a.step === undefined ? undefined : p.nodes.find((x) => x.kind === "step" && x.step === a.step);
  const sign = n && a.kind === "failed" && n.status === "refused" ? "refused" : signs[a.kind];
  const why = [a.error?.code, a.error?.message].filter(Boolean).join(": ") || (a.step !== undefined && a.reason ? sentence(a.reason) : "");
  const what = starts > 1 ? `${starts} starts parked` : a.kind !== "webhook" && words[a.kind];
  const text = el("span", {},
    el("strong", { dir: "auto" }, ...(a.step === undefined ? [a.reason ?? words[a.kind]] : broken(a.step))),
    el("span", { class: "state" }, [what, a.at && shortMoment(a.at)].filter(Boolean).join(" ")),
    a.blocked > 0 && a.kind !== "late" && el("span", { class: "blocks" }, `${count(a.blocked, "step")} blocked`),
    why !== "" && el("span", { class: "line", dir: "auto" }, why));
  if (!n) return el("li", {}, el("div", { class: `row ${sign}` }, icon(sign), text));
  const button = el("button", { type: "button", class: `row ${sign}` }, icon(sign), text);
  button.addEventListener("click", () => choose(n.id));
  return el("li", {}, button);
}

/** The steps that the filters leave. */
function matching(p: Picture, wanted: (n: Node) => boolean, choose: Choose): HTMLElement[] {
  const coloured = p.runs.length > 0;
  const all = p.nodes.filter((n) => n.kind === "step");
  const steps = all.filter(wanted).sort((a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status));
  const title = el("h2", {}, `${steps.length} of ${all.length} steps`);
  if (steps.length === 0) return [title, el("p", { class: "quiet" }, "No step matches.")];
  return [title, el("ul", {}, ...steps.map((n) => {
    const line = secondLine(n, coloured);
    const text = el("span", {}, el("strong", { dir: "auto" }, ...broken(n.step)), el("span", { class: "state" }, statusText(n, true)),
      line !== "" && el("span", { class: "line" }, line));
    const button = el("button", { type: "button", class: `row ${n.status}` }, icon(n.status), text);
    button.addEventListener("click", () => choose(n.id));
    return el("li", {}, button);
  }))];
}

/** What must be done by when, and what starts next. */
export function ahead(p: Picture): HTMLElement[] {
  const sections: HTMLElement[] = [];
  if (p.deadlines.length > 0) {
    sections.push(el("section", { class: "deadlines" }, el("h3", {}, "Expected"), el("ul", {}, ...p.deadlines.map((d) => {
      const what = d.steps?.length ? listed(d.steps) : "the whole chain";
      const missing = d.begins ? `its cycle begins ${shortMoment(d.begins)}`
        : d.missing.length === 0 ? "everything is done" : `${count(d.missing.length, "step")} not done: ${some(d.missing)}`;
      return el("li", {}, el("strong", { dir: "auto" }, `${what} by ${d.by}`),
        el("span", { class: "line" }, `${shortMoment(d.at)}, ${left(d.at)}`),
        el("span", { class: "line", dir: "auto" }, missing));
    }))));
  }
  if (p.schedules.length > 0) {
    const next = [...p.schedules].sort((a, b) => (a.next ?? "9").localeCompare(b.next ?? "9"));
    sections.push(el("section", { class: "schedules" }, el("h3", {}, "Next starts"), el("ul", {}, ...next.map((s) => el("li", {},
      el("strong", { dir: "auto" }, ...(s.step === undefined ? ["the chain"] : broken(s.step))),
      el("span", { class: "line" }, s.next ? `${shortMoment(s.next)}, ${left(s.next)}` : "no fixed time"),
      el("span", { class: "line" }, s.text))))));
  }
  return sections;
}

const some = (names: string[]) => (names.length > 4 ? `${names.slice(0, 4).join(", ")} …` : listed(names));

/** What a step blocks, in a sentence. */
export function blocksText(n: Node): string {
  if (!n.blocked) return "";
  const names = n.blocks ?? [];
  const rest = n.blocked - names.length;
  const which = rest > 0 ? `${names.join(", ")} and ${rest} more` : listed(names);
  return `${count(n.blocked, "step")} blocked${names.length > 0 ? `: ${which}` : ""}.`;
}
