// SPDX-License-Identifier: MPL-2.0

// What people do with the chain by hand: each button asks first, and says what will happen.
import { Refusal, tell } from "./api";
import { byId, el } from "./dom";
import { isOver, type Done, type Node, type Operations, type ShownRun } from "./model";
import { listed, moment } from "./text";

const mayNot = {
  key: "This key may look at the chain and change nothing.",
  iam: "This page is read-only: the chain's operators sign their requests with AWS credentials (operator_auth = \"iam\"), " +
    "which a page cannot do.",
};

/** Something that can be done. */
interface Act {
  label: string; // of the button, and of the one that confirms
  asks: string;
  says: string; // what will happen
  path: string;
}

export class Hands {
  private state: Operations | null = null;
  private act: Act | null = null;
  private id = ""; // the same when the same act is sent again after a failure
  private readonly dialog = byId<HTMLDialogElement>("ask");
  private readonly reason = byId<HTMLInputElement>("reason");
  private readonly yes = byId<HTMLButtonElement>("yes");

  constructor(
    private readonly key: () => string,
    private readonly done: (said: string) => void,
  ) {
    this.yes.addEventListener("click", () => void this.carryOut());
    byId("no").addEventListener("click", () => this.dialog.close());
    this.reason.addEventListener("keydown", (e) => {
      if (e.key !== "Enter") return;
      e.preventDefault();
      void this.carryOut();
    });
  }

  /** Takes in how the chain is doing, and which run is shown, if one is. */
  show(state: Operations, run?: ShownRun) {
    this.state = state;
    const { paused, held } = state;
    const starts = held === 1 ? "1 start is held" : `${held} starts are held`;
    byId("paused").hidden = !paused && !held;
    byId("paused").textContent = paused
      ? `The chain is paused since ${moment(paused.at)}, by ${paused.by}${paused.reason ? `: ${paused.reason}` : ""}. ${starts}.`
      : held ? `${starts}, since ${held === 1 ? "it" : "they"} came due more often than max_starts_per_hour allows.` : "";
    const acts: Act[] = [paused || held
      ? { label: "Resume chain", path: "resume", asks: "Resume the chain?",
        says: `What is due starts again: ${starts}, and they start now.` }
      : { label: "Pause chain", path: "pause", asks: "Pause the chain?",
        says: "No step starts until an operator resumes the chain. Running reloads go on, and starts that become due are held." },
    ];
    acts.push({ label: "Start chain", path: "start", asks: "Start the chain?",
      says: "One run begins at every enabled step that has neither something before it nor a schedule of its own." });
    if (run?.counts.failed) {
      acts.push({ label: "Rerun failed steps", path: `runs/${encodeURIComponent(run.run)}/rerun`, asks: "Rerun the failed steps?",
        says: `A new run begins at the steps that failed, in the cycle of ${run.date}, and what comes after them follows.` });
    }
    if (run && !isOver(run)) {
      acts.push({ label: "Cancel run", path: `runs/${encodeURIComponent(run.run)}/cancel`, asks: "Cancel this run?",
        says: "What waits in it is not started, its running reloads are canceled in Qlik Cloud, and nothing follows from their ends. " +
          "This cannot be undone." });
    }
    acts.push({ label: "Redrive", path: "redrive", asks: "Redrive the dead-letter queue?",
      says: "Every event and timer in the chain's dead-letter queue is handled again. What was done already is not done twice; " +
        "what fails stays there." });
    const group = byId("hands");
    const focused = group.contains(document.activeElement) ? document.activeElement?.textContent : "";
    group.replaceChildren(...acts.map((act) => this.button(act)));
    [...group.querySelectorAll("button")].find((b) => b.textContent === focused)?.focus();
  }

  /** Shows nothing. */
  clear() {
    this.state = null;
    this.dialog.close();
    byId("paused").hidden = true;
    for (const id of ["hands", "paused", "done"]) byId(id).replaceChildren();
  }

  /** What can be done with a step. */
  ofStep(n: Node): HTMLElement | undefined {
    if (!this.state || n.kind !== "step") return undefined;
    const name = encodeURIComponent(n.step);
    const acts: Act[] = [{ label: "Start", path: `start/${name}`, asks: `Start ${n.step}?`,
      says: "Its app is reloaded, and a new run begins: what comes after it follows." }];
    if (n.run) {
      acts.push({ label: "Rerun", path: `runs/${encodeURIComponent(n.run)}/rerun/${name}`, asks: `Rerun ${n.step}?`,
        says: `A new run begins at it, in the cycle of the run ${n.run}: its app is reloaded, and what comes after it follows.` });
      if (["failed", "refused", "canceled", "blocked", "expired", "joining", "skipped"].includes(n.status)) {
        acts.push({ label: "Mark as succeeded", path: `runs/${encodeURIComponent(n.run)}/succeed/${name}`,
          asks: `Mark ${n.step} as succeeded?`,
          says: "Its app is not reloaded. A new run begins, in which it has succeeded, and what comes after it follows." });
      }
    }
    acts.push({ label: "Skip next time", path: `skip/${name}`, asks: `Skip ${n.step} next time?`,
      says: "It does not start in the cycle of the next schedule, or in the current one if the chain has no schedule. " +
        "What comes after it does not wait for it." });
    const readOnly = !this.state.may_post && el("p", { class: "quiet" }, mayNot[this.state.operator_auth]);
    return el("section", { class: "hands" }, ...acts.map((act) => this.button(act)), readOnly);
  }

  /** What people did last. */
  log(): HTMLElement | undefined {
    const operations = this.state?.operations ?? [];
    if (operations.length === 0) return undefined;
    const rows = operations.slice(0, 8).map((o) => el("li", {},
      el("strong", { dir: "auto" }, `${o.operation}${o.step ? ` ${o.step}` : ""}`),
      el("span", { class: "line" }, `${moment(o.at)}, by ${o.by}${o.run ? `, run ${o.run}` : ""}`),
      o.reason && el("span", { class: "line", dir: "auto" }, o.reason)));
    return el("section", { class: "log" }, el("h3", {}, "Done by hand"), el("ul", {}, ...rows));
  }

  private button(act: Act): HTMLButtonElement {
    const button = el("button", { type: "button" }, act.label);
    if (this.state?.may_post === false) { // it stays to be reached and read
      button.setAttribute("aria-disabled", "true");
      button.title = mayNot[this.state.operator_auth];
    }
    button.addEventListener("click", () => this.ask(act));
    return button;
  }

  private ask(act: Act) {
    if (this.state?.may_post === false) {
      byId("spoken").textContent = mayNot[this.state.operator_auth];
      return;
    }
    this.act = act;
    this.id = crypto.randomUUID();
    byId("asks").textContent = act.asks;
    byId("says").textContent = act.says;
    byId("failed").textContent = "";
    this.reason.value = "";
    this.reason.readOnly = false;
    this.yes.textContent = act.label;
    this.yes.disabled = false;
    this.dialog.showModal();
    this.reason.focus();
  }

  private async carryOut() {
    if (!this.act || this.yes.disabled) return;
    this.yes.disabled = true;
    try {
      const answer = await tell<Done>(this.act.path, this.key(), this.id, this.reason.value.trim());
      this.dialog.close();
      this.done(`${this.act.label}: ${outcome(answer)}`);
    } catch (error) {
      byId("failed").textContent = error instanceof Error ? error.message : String(error);
      // The same id stands for the same request, which may have been carried out although no answer came. One that is not valid was not.
      this.reason.readOnly = !(error instanceof Refusal && error.status === 400);
      this.yes.disabled = false;
    }
  }
}

/** What the chain says of what it did. */
function outcome(answer: Done): string {
  const parts: string[] = [];
  if (answer.redriven !== undefined) parts.push(`${answer.redriven} handled, ${answer.left ?? 0} left`);
  if (answer.cycle) parts.push(`it does not start in the cycle ${answer.cycle}`);
  if (answer.started?.length) parts.push(`started ${listed(answer.started.map((s) => s.step))}`);
  for (const held of answer.held ?? []) parts.push(`${held.step}: ${held.reason}`);
  for (const c of answer.canceled ?? []) parts.push(`${c.step}: ${c.how}`);
  for (const failed of answer.failed ?? []) parts.push(failed.reason ?? `${failed.step}: ${failed.error}`);
  return `${parts.join("; ") || "done"}.`;
}
