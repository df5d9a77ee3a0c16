// SPDX-License-Identifier: MPL-2.0

// The views of a chain, as tabs, and what the page's address says: which view, which run, which step.
import { byId } from "./dom";

export type ViewName = "chain" | "runs" | "timeline";

const all: ViewName[] = ["chain", "runs", "timeline"];

export class Views {
  current: ViewName = "chain";

  constructor(private readonly changed: () => void) {
    for (const name of all) tab(name).addEventListener("click", () => this.show(name));
    byId("views").addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      e.preventDefault();
      this.show(all[(all.indexOf(this.current) + step + all.length) % all.length]!);
      tab(this.current).focus();
    });
    this.mark();
  }

  show(name: ViewName) {
    this.current = name;
    this.mark();
    this.changed();
  }

  private mark() {
    for (const name of all) {
      const shown = name === this.current;
      tab(name).setAttribute("aria-selected", String(shown));
      tab(name).tabIndex = shown ? 0 : -1;
      byId(`${name}-view`).hidden = !shown;
    }
  }
}

const tab = (name: ViewName) => byId<HTMLButtonElement>(`tab-${name}`);

/** What the address names. */
export function fromAddress(): { run: string; step: string; view: ViewName } {
  const query = new URLSearchParams(location.search);
  const view = query.get("view") as ViewName;
  return { run: query.get("run") ?? "", step: query.get("step") ?? "", view: all.includes(view) ? view : "chain" };
}

/** Puts into the address what is shown, so that it can be passed on. The key is never in it. */
export function toAddress(shown: { run: string; step: string; view: ViewName }) {
  const query = new URLSearchParams();
  if (shown.run) query.set("run", shown.run);
  if (shown.step) query.set("step", shown.step);
  if (shown.view !== "chain") query.set("view", shown.view);
  const text = query.toString();
  const address = location.pathname + (text && `?${text}`);
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
}
