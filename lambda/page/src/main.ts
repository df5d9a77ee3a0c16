// SPDX-License-Identifier: MPL-2.0

// The page: asks for the key, then shows the chain until the tab is closed or locked.
import { ask, keyName, Refusal } from "./api";
import { byId, el } from "./dom";
import { changes, Drawing } from "./drawing";
import { Actions } from "./actions";
import { isBusy, type Node, type Operations, type Picture } from "./model";
import { details, overview, runsOf, statusFilters } from "./panel";
import { Refresh } from "./refresh";
import { Runs } from "./runs";
import { clock, setZone } from "./text";
import { View } from "./view";

const door = byId<HTMLFormElement>("door");
const desk = byId("desk");
const keyInput = byId<HTMLInputElement>("key");
const search = byId<HTMLInputElement>("search");
const canvas = byId("canvas");
const panel = byId("panel");
const notice = byId("notice");

let key = sessionStorage.getItem(keyName) ?? "";
let picture: Picture | null = null;
let tag = "";
let ran = ""; // the run that is shown
let selected = "";
let answeredAt = "";
let asked = 0; // numbers the questions: only the answer to the last one counts
const statuses = new Set<string>();

const view = new View(canvas, byId("sheet"));
const drawing = new Drawing(byId("sheet"), view, (id) => choose(id, false));
const refresh = new Refresh(() => void update());
const runs = new Runs(byId<HTMLSelectElement>("run"), () => key, () => void update(), complain);
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
    const [answer, operations] = await Promise.all([ask<Picture>(`graph?format=json${run}`, key), ask<Operations>("operations", key)]);
    if (question !== asked) return;
    performance.mark("answered");
    open();
    setZone(answer.content.timezone);
    const both = answer.tag + operations.tag;
    const changed = both !== tag || !tag || runs.value !== ran;
    actions.show(operations.content, answer.content.runs.find((r) => r.run === runs.value));
    if (changed) show(answer.content);
    tag = both;
    ran = runs.value;
    answeredAt = new Date().toISOString();
    notice.hidden = !answer.content.outdated;
    notice.textContent = answer.content.outdated ? "The chain's definition was changed since one of these runs began." : "";
    refresh.answered(changed, isBusy(answer.content));
    if (changed || !runs.value) await runs.load(answer.content.runs.map((r) => r.run + r.status).join());
  } catch (error) {
    if (question === asked) complain(error);
  }
}

function show(next: Picture) {
  byId("spoken").textContent = changes(picture, next);
  picture = next;
  document.title = `${next.chain} · task chain`;
  byId("chain").textContent = next.chain;
  byId("zone").textContent = `times in ${next.timezone}`;
  byId("notices").replaceChildren(...next.notices.map((text) => el("li", {}, text)));
  drawing.show(next);
  narrow();
  requestAnimationFrame(() => setTimeout(() => performance.mark("drawn")));
}

const filtered = () => statuses.size > 0 || search.value.trim() !== "";

/** Whether the filters leave a node. A join stands and falls with its step. */
function wanted(n: Node): boolean {
  const text = search.value.trim().toLowerCase();
  const step = n.kind === "join" ? picture!.nodes.find((x) => x.kind === "step" && x.step === n.step)! : n;
  return (statuses.size === 0 || statuses.has(step.status)) && step.step.toLowerCase().includes(text);
}

/** Applies the filters, and fills the panel. */
function narrow() {
  if (!picture) return;
  byId("statuses").replaceChildren(...statusFilters(picture, statuses, narrow));
  drawing.filter(wanted);
  const chosen = picture.nodes.find((n) => n.id === selected);
  const open = (id: string) => choose(id, true);
  const parts = chosen ? details(picture, chosen, actions.ofStep(chosen), open) : overview(picture, wanted, filtered(), open);
  const done = chosen ? undefined : runsOf(picture, runs.value, (run) => runs.choose(run));
  const all = picture.runs.length === 1 ? [done, ...parts] : [...parts, done]; // how one run does is what people come for
  panel.replaceChildren(...[...all, chosen ? undefined : actions.log()].filter((part) => part !== undefined));
}

function choose(id: string, focus: boolean) {
  const left = selected;
  selected = id;
  if (id) drawing.select(id, focus);
  else if (left) drawing.select("", false);
  narrow();
}

/** Says what went wrong. A key that is not accepted leads back to the door. */
function complain(error: unknown) {
  const refusal = error instanceof Refusal ? error : new Refusal(0, String(error));
  if (refusal.status === 401 || refusal.status === 403) {
    leave("The chain does not accept this key. Its value is in AWS: API Gateway, API keys, qlik-task-chain-<name>.");
    return;
  }
  if (refusal.status === 404 && runs.value) {
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
  door.hidden = true;
  desk.hidden = false;
  keyInput.value = "";
}

function leave(why: string) {
  asked++;
  refresh.end();
  runs.reset();
  sessionStorage.removeItem(keyName);
  key = tag = selected = "";
  picture = null;
  actions.clear();
  byId("sheet").replaceChildren();
  panel.replaceChildren();
  desk.hidden = true;
  door.hidden = false;
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
search.addEventListener("input", narrow);
byId("closer").addEventListener("click", () => view.zoom(1.3));
byId("farther").addEventListener("click", () => view.zoom(1 / 1.3));
byId("fit").addEventListener("click", () => view.fit());
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
      "/": () => search.focus(), f: () => view.fit(), "+": () => view.zoom(1.3), "-": () => view.zoom(1 / 1.3),
    };
    if (!actions[e.key]) return;
    e.preventDefault();
    actions[e.key]!();
  }
});

setInterval(() => {
  if (desk.hidden || !answeredAt) return;
  const left = refresh.left;
  byId("fresh").textContent = `${clock(answeredAt)}${left === null ? ", paused" : `, again in ${left}s`}`;
}, 1000);

if (key) void update();
else {
  door.hidden = false;
  keyInput.focus();
}
