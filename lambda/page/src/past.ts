// SPDX-License-Identifier: MPL-2.0

// What earlier runs say: how each step stood in them, and how long it typically takes.
import { ask } from "./api";
import type { Past, PastRun, Typical } from "./model";

const howMany = 30;

const typical = new Map<string, Typical>();

/** How long a step takes by the median of its latest successes. */
export const typicalOf = (step: string) => typical.get(step);

/** Whether a step has taken half as long again as it typically does, and at least a minute longer. */
export function isLate(step: string, seconds: number): boolean {
  const usual = typical.get(step)?.seconds;
  return usual !== undefined && seconds > usual * 1.5 && seconds > usual + 60;
}

export class History {
  runs: PastRun[] = []; // newest first
  problem = ""; // why they could not be read
  private asked = ""; // for which runs

  constructor(
    private readonly key: () => string,
    private readonly changed: () => void,
  ) {}

  /** Reads the runs, unless these are known. */
  async load(runs: string) {
    if (runs === this.asked) return;
    this.asked = runs;
    try {
      const { content } = await ask<Past>(`history?limit=${howMany}`, this.key());
      if (this.asked !== runs) return;
      this.runs = content.runs;
      this.problem = "";
      typical.clear();
      for (const t of content.typical) typical.set(t.step, t);
      this.changed();
    } catch (error) {
      this.asked = "";
      this.problem = error instanceof Error ? error.message : String(error);
      this.changed();
    }
  }

  clear() {
    this.runs = [];
    this.asked = "";
    typical.clear();
  }
}
