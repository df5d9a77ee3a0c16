// SPDX-License-Identifier: MPL-2.0

// The list of runs to choose from.
import { ask } from "./api";
import { el } from "./dom";
import { isOver, type Run, type RunsPage } from "./model";
import { moment } from "./text";

const more = "\0more";

/** What the list calls a run. */
function label(r: Run) {
  const by = r.started_by === "reload" ? "" : `, by ${r.started_by}`;
  return `${moment(r.at)}  ${r.origin}${by}${r.status ? `: ${r.status.replace("_", " ")}` : ""}`;
}

export class Runs {
  private runs: Run[] = [];
  private next = "";
  private shown = "";

  constructor(
    private readonly select: HTMLSelectElement,
    private readonly key: () => string,
    private readonly chosen: () => void,
    private readonly failed: (error: unknown) => void,
  ) {
    select.addEventListener("change", () => this.change());
  }

  /** The run to show: empty for the latest ones, "none" for the chain as it is defined. */
  value = "";

  /** Shows a run. */
  choose(run: string) {
    this.value = run;
    this.show();
    this.chosen();
  }

  /** Goes back to the latest runs. */
  reset() {
    this.value = this.select.value = this.shown = "";
    this.runs = [];
  }

  /** Reads the newest runs, unless they are known: the picture shows the same ones as then. */
  async load(shown: string) {
    if (shown === this.shown && this.select.options.length > 0) return;
    const { content } = await ask<RunsPage>("runs?limit=50", this.key());
    this.shown = shown;
    this.runs = content.runs;
    this.next = content.next;
    this.show();
  }

  /** Names the newest runs that are over. */
  ended = () => this.runs.slice(0, 30).filter((r) => r.status && isOver({ status: r.status })).map((r) => r.run).join();

  private show() {
    const option = (value: string, text: string) => el("option", { value }, text);
    this.select.replaceChildren(
      option("", "latest, as it is now"),
      option("none", "as it is defined"),
      ...this.runs.map((r) => option(r.run, label(r))),
    );
    if (this.next) this.select.append(option(more, "older runs …"));
    if (this.value && ![...this.select.options].some((o) => o.value === this.value)) this.select.append(option(this.value, this.value));
    this.select.value = this.value;
  }

  private async change() {
    if (this.select.value !== more) {
      this.value = this.select.value;
      this.chosen();
      return;
    }
    this.select.value = this.value;
    try {
      const { content } = await ask<RunsPage>(`runs?limit=50&before=${encodeURIComponent(this.next)}`, this.key());
      this.runs.push(...content.runs);
      this.next = content.next;
      this.show();
    } catch (error) {
      this.failed(error);
    }
  }
}
