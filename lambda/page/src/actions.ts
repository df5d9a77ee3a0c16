// SPDX-License-Identifier: MPL-2.0

// Operations of users: each button asks first, and shows what will happen.
import { post, Refusal } from "./api";
import { byId, el } from "./dom";
import { isOver, type Done, type Kind, type Node, type Operations, type ShownRun } from "./model";
import { listed, moment } from "./text";

const mayNot = {
  key: "This key may read the chain, but not change it.",
  iam: "This page is read-only: the chain's operators sign their requests with AWS credentials (operator_auth = \"iam\"), " +
    "which a page cannot do.",
};

/** What happens when a step starts. */
const startOf = (n: Node) => starts[n.target?.kind ?? "app"];

const starts: Record<Kind, string> = {
  app: "Its app is reloaded", automation: "Its automation runs", data_task: "Its data task runs", signal: "It waits for its signal",
};

/** Something that can be done. */
interface Action {
  label: string; // of the button, and of the one that confirms
  question: string;
  effect: string; // what will happen
  path: string;
  body?: Record<string, string | boolean>; // besides the reason
  again?: boolean; // it is sent although the chain has said that another run has done it
}

/** Reports the end of what a step waits for. */
const signal = (n: Node, outcome: "success" | "failure"): Action => ({
  label: `Report ${outcome}`, path: `signal/${encodeURIComponent(n.step)}`, question: `Report the ${outcome} of ${n.step}?`,
  effect: outcome === "success" ? "The step succeeds, as if its system had reported that it is done, and the steps after it follow."
    : "The step fails, as if its system had reported that. Steps that come after its failure follow.",
  body: { outcome },
});

export class Actions {
  private state: Operations | null = null;
  private action: Action | null = null;
  private id = ""; // the same when the same action is sent again after a failure
  private readonly dialog = byId<HTMLDialogElement>("confirm");
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

  /** Takes in how the chain is doing. */
  show(state: Operations) {
    this.state = state;
    const { paused, parked } = state;
    const starts = parked === 1 ? "1 start is parked" : `${parked} starts are parked`;
    byId("paused").hidden = !paused && !parked;
    byId("paused").textContent = paused
      ? `The chain is paused since ${moment(paused.at)}, by ${paused.by}${paused.reason ? `: ${paused.reason}` : ""}. ${starts}.`
      : parked ? `${starts}, since ${parked === 1 ? "it" : "they"} came due more often than max_starts_per_hour allows.` : "";
    const all: Action[] = [
      { label: "Start chain", path: "start", question: "Start the chain?",
        effect: "One run begins at every enabled step that has neither an upstream nor a schedule of its own." },
      paused || parked
        ? { label: "Resume chain", path: "resume", question: "Resume the chain?",
          effect: `Due steps start again: ${starts}, and they start now.` }
        : { label: "Pause chain", path: "pause", question: "Pause the chain?",
          effect: "No step starts until an operator resumes the chain. What runs goes on, and starts that become due are parked." },
    ];
    const group = byId("actions");
    const focused = group.contains(document.activeElement) ? document.activeElement?.textContent : "";
    group.replaceChildren(...all.map((action) => this.button(action)));
    [...group.querySelectorAll("button")].find((b) => b.textContent === focused)?.focus();
  }

  /** Handles the dead-letter queue again; nothing when it is empty. */
  redrive(): HTMLElement | false {
    if (!this.state?.dead_letters) return false;
    return this.group("Dead-letter queue", [{ label: "Redrive", path: "redrive", question: "Redrive the dead-letter queue?",
      effect: "Every event and timer in the chain's dead-letter queue is handled again. Nothing is done twice; " +
        "what fails stays in the queue." }]);
  }

  /** What can be done with a run that is shown alone. */
  ofRun(run: ShownRun): HTMLElement | undefined {
    if (!this.state) return undefined;
    const all: Action[] = [];
    if (run.counts.failed) {
      all.push({ label: "Run failed steps again", path: `runs/${encodeURIComponent(run.run)}/rerun`,
        question: "Run the failed steps again?",
        effect: `A new run begins at the failed steps that no other run has repaired, in the cycle of ${run.date}, and the steps after ` +
          "them follow." });
    }
    if (!isOver(run)) {
      all.push({ label: "Cancel run", path: `runs/${encodeURIComponent(run.run)}/cancel`, question: "Cancel this run?",
        effect: "Its waiting steps do not start, what runs is canceled in Qlik Cloud, and no step follows them. " +
          "This cannot be undone." });
    }
    return all.length > 0 ? this.group("This run", all) : undefined;
  }

  /** Shows nothing. */
  clear() {
    this.state = null;
    this.dialog.close();
    byId("paused").hidden = true;
    for (const id of ["actions", "paused", "done"]) byId(id).replaceChildren();
  }

  /** What can be done with a step. */
  ofStep(n: Node): HTMLElement | undefined {
    if (!this.state || n.kind !== "step") return undefined;
    const name = encodeURIComponent(n.step);
    const all: Action[] = [];
    if (n.run && !["running", "waiting"].includes(n.status)) { // it is refused while the step is under way in that run
      all.push({ label: "Run again from here", path: `runs/${encodeURIComponent(n.run)}/rerun/${name}`,
        question: `Run again from ${n.step}?`,
        effect: `A new run begins at it, in the cycle of the run ${n.run}. ${startOf(n)}, and the steps after it follow.` });
    }
    if (n.target?.kind !== "signal") { // alone, it would take a signal that the chain needs
      all.push({ label: "Run only this", path: `start/${name}`, question: `Run only ${n.step}?`,
        effect: `${startOf(n)}, in a new run of the current cycle, and no step after it starts there. ` +
          "Its result counts for other runs that wait for it.",
        body: { only: true } });
    }
    all.push({ label: "Start a new run here", path: `start/${name}`, question: `Start a new run at ${n.step}?`,
      effect: `${startOf(n)}, and a new run begins: the steps after it follow.` });
    if (n.target?.kind === "signal") all.push(signal(n, "success"), signal(n, "failure"));
    if (n.run && ["failed", "refused", "canceled", "blocked", "expired", "skipped"].includes(n.status)) {
      all.push({ label: "Mark as succeeded", path: `runs/${encodeURIComponent(n.run)}/succeed/${name}`,
        question: `Mark ${n.step} as succeeded?`,
        effect: "It does not start. A new run begins, in which it has succeeded, and the steps after it follow." });
    }
    all.push({ label: "Skip next time", path: `skip/${name}`, question: `Skip ${n.step} next time?`,
      effect: "It does not start in the cycle of the next schedule, or in the current one if the chain has no schedule. " +
        "A step after it does not start either, unless its wait_for goes on without it." });
    const group = this.group("This step", all);
    if (!this.state.may_post) group.append(el("p", { class: "quiet" }, mayNot[this.state.operator_auth]));
    return group;
  }

  /** The latest operations. */
  log(): HTMLElement | undefined {
    const operations = this.state?.operations ?? [];
    if (operations.length === 0) return undefined;
    const rows = operations.slice(0, 8).map((o) => el("li", {},
      el("strong", { dir: "auto" }, `${o.operation}${o.step ? ` ${o.step}` : ""}`),
      el("span", { class: "line" }, `${moment(o.at)}, by ${o.by}${o.run ? `, run ${o.run}` : ""}`),
      o.reason && el("span", { class: "line", dir: "auto" }, o.reason)));
    return el("section", { class: "log" }, el("h3", {}, "Done by hand"), el("ul", {}, ...rows));
  }

  private group(title: string, all: Action[]): HTMLElement {
    return el("div", { class: "actions", role: "group", "aria-label": title }, ...all.map((action) => this.button(action)));
  }

  private button(action: Action): HTMLButtonElement {
    const button = el("button", { type: "button" }, action.label);
    if (this.state?.may_post === false) { // it stays to be reached and read
      button.setAttribute("aria-disabled", "true");
      button.title = mayNot[this.state.operator_auth];
    }
    button.addEventListener("click", () => this.confirm(action));
    return button;
  }

  private confirm(action: Action) {
    if (this.state?.may_post === false) {
      byId("spoken").textContent = mayNot[this.state.operator_auth];
      return;
    }
    this.action = action;
    this.id = crypto.randomUUID();
    byId("question").textContent = action.question;
    byId("effect").textContent = action.effect;
    byId("failed").textContent = "";
    this.reason.value = "";
    this.reason.readOnly = false;
    this.yes.textContent = action.label;
    this.yes.disabled = false;
    this.dialog.showModal();
    this.reason.focus();
  }

  private async carryOut() {
    if (!this.action || this.yes.disabled) return;
    this.yes.disabled = true;
    try {
      const body = { ...this.action.body, ...(this.action.again && { again: true }), reason: this.reason.value.trim() };
      const answer = await post<Done>(this.action.path, this.key(), this.id, body);
      this.dialog.close();
      this.done(`${this.action.label}: ${outcome(answer)}`);
    } catch (error) {
      byId("failed").textContent = error instanceof Error ? error.message : String(error);
      if (error instanceof Refusal && error.refusal === "repaired") { // nothing was done: the next press insists, as another request
        this.action = { ...this.action, again: true };
        this.id = crypto.randomUUID();
        this.yes.textContent = "Do it all the same";
      }
      // The same id stands for the same request, which may have been carried out although no answer came. One that is not valid was not.
      this.reason.readOnly = !(error instanceof Refusal && error.status === 400);
      this.yes.disabled = false;
    }
  }
}

/** Describes what the chain did. */
function outcome(answer: Done): string {
  const parts: string[] = [];
  if (answer.already) parts.push("it was so before");
  if (answer.redriven !== undefined) parts.push(`${answer.redriven} handled, ${answer.left ?? 0} left`);
  if (answer.date) parts.push(`it does not start in the cycle of ${answer.date} (${answer.cycle})`);
  if (answer.started?.length) parts.push(`started ${listed(answer.started.map((s) => s.step))}`);
  for (const one of answer.not_started ?? []) parts.push(`${one.step}: ${one.reason}`);
  for (const one of answer.again ?? []) parts.push(`${one.step}: ${one.reason}`);
  for (const c of answer.canceled ?? []) parts.push(`${c.step}: ${c.how}`);
  for (const failed of answer.failed ?? []) parts.push(failed.reason ?? `${failed.step}: ${failed.error}`);
  return `${parts.join("; ") || "done"}.`;
}
