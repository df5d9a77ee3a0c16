// SPDX-License-Identifier: MPL-2.0

// When each step of a run waited and ran. The critical path leads from the run's end back to its beginning: each step on it started when
// the one before had ended.
import { broken, el, icon } from "./dom";
import { signOfStep, type RunDetail, type Start, type Status, type StepRecord } from "./model";
import { isLate, typicalOf } from "./past";
import { clock, day, duration, listed, minute } from "./text";

/** An attempt with its times, in milliseconds. */
interface Bar {
  run: string;
  start: Start;
  sign: Status;
  due: number; // when it could have begun
  began: number; // when the job ran in Qlik Cloud; due if it never has
  ended: number;
  open: boolean; // it has not ended
  critical: boolean;
}

function bars(runs: RunDetail[], now: number): Bar[] {
  const all = runs.flatMap((run) => {
    const of = new Map(run.steps.map((s) => [s.step, s]));
    return run.starts.filter((s) => s.started_at || s.ended_at || s.phase === "waiting")
      .map((start) => barOf(run.run, start, signOfStart(start, of.get(start.step)), now));
  });
  for (const bar of critical(all)) bar.critical = true;
  return all;
}

/** A run, and the runs that it met: that go on with its steps, or whose results its steps used. */
export function metIn(first: string, all: RunDetail[]): RunDetail[] {
  const met = (r: RunDetail) => [...r.steps.map((s) => s.continued), ...r.starts.flatMap((s) => (s.causes ?? []).map((c) => c.run))];
  const found = new Set([first]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const r of all) {
      const others = met(r).filter((run) => run !== undefined);
      if (found.has(r.run)) for (const run of others) found.add(run);
      else if (others.some((run) => found.has(run))) found.add(r.run);
    }
  }
  return all.filter((r) => found.has(r.run));
}

function barOf(run: string, start: Start, sign: Status, now: number): Bar {
  const ended = start.ended_at ? Date.parse(start.ended_at) : now;
  const open = !start.ended_at;
  const asked = start.started_at ? Date.parse(start.started_at) : ended;
  const due = Math.min(Date.parse(start.due_at) || asked, asked, ended);
  let began = asked + (start.queued_seconds ?? 0) * 1000;
  if (!open && start.seconds !== undefined) began = ended - start.seconds * 1000;
  began = Math.min(Math.max(began, start.started_at ? due : began), ended);
  return { run, start, sign, due: Math.min(due, began), began, ended, open, critical: false };
}

/** The bars on the critical path. */
function critical(all: Bar[]): Bar[] {
  const path: Bar[] = [];
  const last = (of: Bar[]) => of.reduce<Bar | undefined>((a, b) => (a && a.ended > b.ended ? a : b), undefined);
  const used = new Set(all.flatMap((b) => (b.start.causes ?? []).map((c) => `${c.run ?? b.run} ${c.upstream}`)));
  const ends = all.filter((b) => !used.has(`${b.run} ${b.start.step}`));
  for (let bar = last(ends.length > 0 ? ends : all); bar && !path.includes(bar); bar = before(bar)) path.push(bar);
  function before(bar: Bar): Bar | undefined {
    const { step, attempt, causes = [] } = bar.start;
    if (attempt > 1) return all.find((b) => b.run === bar.run && b.start.step === step && b.start.attempt === attempt - 1);
    return last(all.filter((b) => causes.some((c) => c.upstream === b.start.step && (c.run ?? bar.run) === b.run)));
  }
  return path;
}

/** Fills the timeline with runs that met. */
export function timeline(into: HTMLElement, runs: RunDetail[], chosen: (step: string) => void) {
  const all = bars(runs, Date.now());
  const [run] = runs;
  if (!run || all.length === 0) {
    into.replaceChildren(el("p", { class: "quiet" }, run ? "In this run nothing has started yet." : "No run is known yet."));
    return;
  }
  const from = Math.min(...all.map((b) => b.due));
  const to = Math.max(...all.map((b) => b.ended), from + 1000);
  const part = (t: number) => `${((t - from) / (to - from)) * 100}%`;
  const rows = all.sort((a, b) => a.due - b.due || a.began - b.began).map((bar) => row(bar, part, chosen));
  const title = `${listed([...new Set(runs.map((r) => r.origin))])}, ${day(run.at)} ${minute(run.at)}: ${duration((to - from) / 1000)}`;
  const ticks = el("div", { class: "ticks", "aria-hidden": "true" }, ...[0, 0.25, 0.5, 0.75, 1].map((t) => {
    const tick = el("span", {}, clock(new Date(from + t * (to - from)).toISOString()));
    tick.style.left = `${t * 100}%`;
    return tick;
  }));
  const table = el("table", { "aria-label": "When each step waited and ran" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "step" }, "Step"), el("th", { scope: "col", class: "usual" }, "Typical"),
      el("th", { scope: "col", class: "usual" }, "Took"),
      el("th", { scope: "col", class: "track" }, el("span", { class: "unseen" }, "Time"), ticks))),
    el("tbody", {}, ...rows));
  const key = el("p", { class: "title key" }, el("strong", { dir: "auto" }, title),
    sample("queue", "waited or queued"), sample("run", "ran"),
    sample("run critical", "◆ critical path: a shorter step here makes the run shorter"));
  const top = into.scrollTop;
  into.replaceChildren(key, table);
  into.scrollTop = top;
}

function row(bar: Bar, part: (t: number) => string, chosen: (step: string) => void): HTMLElement {
  const { start, sign } = bar;
  const usual = typicalOf(start.step);
  const took = (bar.ended - bar.began) / 1000;
  const waited = (bar.began - bar.due) / 1000;
  const late = Boolean(start.started_at) && isLate(start.step, took);
  const queue = el("span", { class: "queue" });
  queue.style.left = part(bar.due);
  queue.style.width = `calc(${part(bar.began)} - ${part(bar.due)})`;
  const run = el("span", { class: `run ${sign}${bar.critical ? " critical" : ""}${bar.open ? " open" : ""}` });
  run.style.left = part(bar.began);
  run.style.width = `calc(${part(bar.ended)} - ${part(bar.began)})`;
  const ran = `${bar.open ? "has run for" : "ran"} ${duration(took)}`;
  const said = [`waited ${duration(waited)}`, ran, bar.critical && "on the critical path"].filter(Boolean).join(", ");
  const name = el("button", { type: "button", class: `link ${sign}`, dir: "auto" }, icon(sign), el("span", {}, ...broken(start.step),
    start.attempt > 1 && ` (attempt ${start.attempt})`), bar.critical && el("span", { class: "mark" }, "◆"));
  name.addEventListener("click", () => chosen(start.step));
  return el("tr", { title: `${start.step}: ${said}` }, el("th", { scope: "row", class: "step" }, el("div", { class: "who" }, name)),
    el("td", { class: "usual" }, usual ? duration(usual.seconds) : "–"),
    el("td", { class: `usual${late ? " late" : ""}` }, start.started_at || start.seconds ? duration(took) + (late ? " late" : "") : "–"),
    el("td", { class: "track" }, el("span", { class: "unseen" }, said), el("span", { class: "bars", "aria-hidden": "true" }, queue, run)));
}

const sample = (mark: string, text: string) => el("span", { class: "sample" }, el("span", { class: `swatch ${mark}` }), text);

/** The sign of an attempt. Of one that no job of Qlik Cloud has ended, such as a signal's, the step's own says it. */
function signOfStart(s: Start, step: StepRecord | undefined): Status {
  if (s.phase === "refused") return "refused";
  if (s.phase === "canceled") return "canceled";
  if (s.phase === "started") return "running";
  if (s.phase !== "ended") return "waiting";
  const ends: Record<string, Status> = { SUCCEEDED: "succeeded", FAILED: "failed", EXCEEDED_LIMIT: "failed", CANCELED: "canceled" };
  return ends[s.status ?? ""] ?? (step ? signOfStep(step) : "idle");
}
