// SPDX-License-Identifier: MPL-2.0

// The page: asks for the key, then shows the chain until the tab is closed or locked.
import { Actions } from "./actions";
import { ask, keyName, Refusal } from "./api";
import { ahead, overview } from "./attention";
import { byId, refill } from "./dom";
import { changes, Drawing } from "./drawing";
import { Grid } from "./grid";
import { isBusy, isOver, type Node, type Operations, type Picture, type RunDetail } from "./model";
import { details, runsOf, statusFilters } from "./panel";
import { History } from "./past";
import { Refresh } from "./refresh";
import { Runs } from "./runs";
import { clock, setZone } from "./text";
import { metIn, timeline } from "./timeline";
import { View } from "./view";
import { fromAddress, toAddress, Views } from "./views";

const entry = byId("entry");
const door = byId<HTMLFormElement>("door");
const desk = byId("desk");
const keyInput = byId<HTMLInputElement>("key");
const search = byId<HTMLInputElement>("search");
const canvas = byId("canvas");
const panel = byId("panel");
const notice = byId("notice");

let key = sessionStorage.getItem(keyName) ?? "";
let picture: Picture | null = null;
let operations: Operations | null = null;
let detailed = new Map<string, RunDetail>(); // the runs of the timeline
let tag = "";
let ran = ""; // the run that is shown
let selected = fromAddress().step && `step:${fromAddress().step}`;
let answeredAt = "";
let asked = 0; // numbers the questions: only the answer to the last one counts
const statuses = new Set<string>();

const narrow = matchMedia("(max-width: 52rem)");
const view = new View(canvas, byId("sheet"));
const drawing = new Drawing(byId("sheet"), view, (id) => {
  choose(id, false);
  if (id && narrow.matches) byId("side").scrollIntoView({ block: "start" });
}, (groups, unfolded) => {
  byId("fold").hidden = groups === 0;
  byId("fold").textContent = unfolded > 0 ? "Fold all" : "Unfold all";
});
const refresh = new Refresh(() => void update());
const runs = new Runs(byId<HTMLSelectElement>("run"), () => key, () => void update(), complain);
const past = new History(() => key, () => {
  if (!picture) return;
  drawing.show(picture); // what is late
  fill();
});
const grid = new Grid(byId("runs-view"), {
  run: (run) => runs.choose(run),
  step: (id) => choose(id, false),
  both: (run, id) => {
    choose(id, false);
    runs.choose(run);
  },
});
const views = new Views(() => picture && void fill());
const actions = new Actions(() => key, (said) => {
  byId("spoken").textContent = said;
  byId("done").textContent = said;
  void update();
});

/** Asks the chain and shows what it answers. */
async function update() {
  const question = ++asked;
  try {
    const run = runs.value ? `&run=${encodeURIComponent(runs.value)}` : "";
    const [answer, state] = await Promise.all([ask<Picture>(`graph?format=json${run}`, key), ask<Operations>("operations", key)]);
    if (question !== asked) return;
    performance.mark("answered");
    open();
    setZone(answer.content.timezone);
    const both = JSON.stringify(answer.content) + state.tag;
    const changed = both !== tag || !tag || runs.value !== ran;
    operations = state.content;
    actions.show(operations);
    answeredAt = new Date().toISOString();
    if (changed) show(answer.content);
    else drawing.show(answer.content); // what is late by now
    fillMore();
    tag = both;
    ran = runs.value;
    notice.hidden = !answer.content.outdated;
    notice.textContent = answer.content.outdated ? "The chain's definition was changed since one of these runs began." : "";
    refresh.answered(changed, isBusy(answer.content));
    if (changed || !runs.value) await runs.load(answer.content.runs.map((r) => r.run + r.status).join());
    if (question === asked) await past.load(runs.ended());
  } catch (error) {
    if (question === asked) complain(error);
  }
}

function show(next: Picture) {
  byId("spoken").textContent = changes(picture, next);
  const first = picture === null;
  picture = next;
  document.title = `${next.chain} · task chain`;
  byId("chain").textContent = next.chain;
  nameTime();
  const began = performance.now();
  drawing.show(next);
  if (selected && !next.nodes.some((n) => n.id === selected)) selected = "";
  else if (selected && first) drawing.select(selected, false);
  fill();
  if (first) performance.measure("first drawing", { start: began, end: performance.now() });
  requestAnimationFrame(() => setTimeout(() => performance.mark("drawn")));
}

const filtered = () => statuses.size > 0 || search.value.trim() !== "";

/** Whether the filters leave a node. A join stands and falls with its step. */
function wanted(n: Node): boolean {
  const text = search.value.trim().toLowerCase();
  const step = n.kind === "join" ? picture!.nodes.find((x) => x.kind === "step" && x.step === n.step)! : n;
  return (statuses.size === 0 || statuses.has(step.status)) && step.step.toLowerCase().includes(text);
}

/** Applies the filters, and fills the panel and the view. */
function fill() {
  if (!picture || !operations) return;
  const p = picture;
  refill(byId("statuses"), statusFilters(p, statuses, fill));
  drawing.filter(wanted);
  const chosen = p.nodes.find((n) => n.id === selected);
  const open = (id: string) => choose(id, true);
  const runsShown = runsOf(p, runs.value, (run) => runs.choose(run), (run) => (run.run === runs.value ? actions.ofRun(run) : undefined));
  const parts = chosen ? details(p, chosen, actions.ofStep(chosen), open)
    : [...overview(p, runs.value !== "", operations, wanted, filtered(), actions.redrive(), open), runsShown];
  refill(panel, parts.filter((part) => part !== undefined));
  fillMore();
  if (views.current === "runs") grid.show(p, past, wanted, filtered(), runs.value);
  if (views.current === "timeline") void showTimeline(p);
  toAddress({ run: runs.value, step: chosen?.kind === "step" ? chosen.step : "", view: views.current });
}

/** Shows what comes, with the time that is left, and what was done by hand. */
function fillMore() {
  const parts = picture && !selected ? [...ahead(picture), actions.log()] : [];
  refill(byId("more"), parts.filter((part) => part !== undefined));
}

/** Shows the chosen run, else the newest, with the runs that it met. What is over is not asked for again. */
async function showTimeline(p: Picture) {
  const shown = p.runs.find((r) => r.run === runs.value) ?? p.runs[0];
  const asked = p.runs.filter((r) => r.date === shown?.date);
  try {
    const all = await Promise.all(asked.map(async (r) => {
      const known = detailed.get(r.run);
      if (known?.ended_at && isOver(r)) return known;
      return (await ask<RunDetail>(`runs/${encodeURIComponent(r.run)}`, key)).content;
    }));
    if (picture !== p) return;
    detailed = new Map(all.map((r) => [r.run, r]));
    timeline(byId("timeline-view"), shown ? metIn(shown.run, all) : [], (step) => choose(`step:${step}`, false));
  } catch (error) {
    complain(error);
  }
}

function choose(id: string, focus: boolean) {
  const left = selected;
  selected = id;
  if (id) drawing.select(id, focus);
  else if (left) drawing.select("", false);
  fill();
  if (id) byId("side").scrollTop = 0;
}

/** Says what went wrong. A key that is not accepted leads back to the door. */
function complain(error: unknown) {
  const refusal = error instanceof Refusal ? error : new Refusal(0, String(error));
  if (refusal.status === 401 || refusal.status === 403) {
    leave("The chain does not accept this key. Its value is in AWS: API Gateway, API keys, qlik-task-chain-<name>.");
    return;
  }
  if (refusal.status === 404 && runs.value) {
    byId("spoken").textContent = byId("done").textContent = `There is no run ${runs.value}, or its record is no longer kept. ` +
      "These are the latest runs.";
    runs.reset();
    void update();
    return;
  }
  refresh.failed();
  if (picture) {
    const next = `The page asks again in ${refresh.left ?? "a few"} seconds.`;
    notice.textContent = `${refusal.message} What is shown is from ${clock(answeredAt)}. ${next}`;
    notice.hidden = false;
  } else {
    byId("refused").textContent = `${refusal.message} Try again.`;
    refresh.end();
  }
}

function open() {
  sessionStorage.setItem(keyName, key);
  entry.hidden = true;
  desk.hidden = false;
  keyInput.value = "";
}

function leave(why: string) {
  asked++;
  refresh.end();
  runs.reset();
  sessionStorage.removeItem(keyName);
  key = tag = selected = "";
  picture = operations = null;
  detailed.clear();
  actions.clear();
  past.clear();
  drawing.clear();
  for (const id of ["panel", "more", "runs-view", "timeline-view", "statuses", "chain"]) byId(id).replaceChildren();
  desk.hidden = true;
  entry.hidden = false;
  byId("refused").textContent = why;
  document.title = "Task chain";
  keyInput.focus();
  keyInput.select();
}

door.addEventListener("submit", (e) => {
  e.preventDefault();
  key = keyInput.value.trim();
  byId("refused").textContent = "";
  void update();
});
search.addEventListener("input", fill);
byId("closer").addEventListener("click", () => view.zoom(1.3));
byId("farther").addEventListener("click", () => view.zoom(1 / 1.3));
byId("fit").addEventListener("click", () => drawing.fit());
byId("fold").addEventListener("click", () => drawing.foldAll(byId("fold").textContent === "Fold all"));
byId("leave").addEventListener("click", () => leave(""));
byId("pause").addEventListener("click", (e) => {
  const button = e.currentTarget as HTMLButtonElement;
  const paused = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(paused));
  refresh.pause(paused);
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const nameTheme = () => (byId("theme").textContent = isDark() ? "Light" : "Dark");
byId("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
dark.addEventListener("change", nameTheme);
nameTheme();

document.addEventListener("keydown", (e) => {
  const typing = (e.target as Element).matches("input, select");
  if (document.querySelector("dialog[open]")) return; // it has its own Escape
  if (e.key === "Escape") {
    if (typing) search.value = "";
    (e.target as HTMLElement).blur();
    choose("", false);
  } else if (!typing && !e.ctrlKey && !e.metaKey && !e.altKey && !desk.hidden) {
    const actions: Record<string, () => void> = {
      "/": () => search.focus(), f: () => drawing.fit(), "+": () => view.zoom(1.3), "-": () => view.zoom(1 / 1.3),
    };
    if (!actions[e.key]) return;
    e.preventDefault();
    actions[e.key]!();
  }
});

setInterval(() => {
  if (desk.hidden || !answeredAt) return;
  nameTime();
}, 1000);

/** Says when the page has asked. */
function nameTime() {
  const left = refresh.left;
  byId("zone").textContent = `${clock(answeredAt)} ${picture?.timezone ?? ""}`;
  byId("zone").title = `Asked at ${clock(answeredAt)}${left === null ? ", frozen" : `, again in ${left} s`}`;
}

runs.value = fromAddress().run;
views.show(fromAddress().view);
if (key) void update();
else {
  entry.hidden = false;
  keyInput.focus();
}
