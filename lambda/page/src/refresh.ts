// SPDX-License-Identifier: MPL-2.0

// Asks again by itself: soon while something is under way, less and less often while nothing changes or the chain does not answer.

const soon = 5_000;
const quiet = 20_000;
const longest = 60_000;
const longestAfterErrors = 300_000;

export class Refresh {
  private timer = 0;
  private wait = soon;
  private at = 0; // when it asks next
  private paused = false;

  constructor(private readonly again: () => void) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
      else if (!this.paused && this.at > 0) this.again();
    });
  }

  /** The chain has answered. */
  answered(changed: boolean, busy: boolean) {
    const first = busy ? soon : quiet;
    this.set(changed ? first : Math.min(Math.max(first, this.wait * 1.5), busy ? 3 * soon : longest));
  }

  /** It has not. */
  failed() {
    this.set(Math.min(Math.max(soon, this.wait * 2), longestAfterErrors));
  }

  pause(paused: boolean) {
    this.paused = paused;
    if (paused) this.stop();
    else this.again();
  }

  private stop() {
    clearTimeout(this.timer);
  }

  /** Asks no more until something has been answered: nobody is there to ask for. */
  end() {
    this.at = 0;
    this.stop();
  }

  /** Seconds until it asks again, null when it does not. */
  get left(): number | null {
    return this.paused || document.hidden ? null : Math.max(0, Math.ceil((this.at - Date.now()) / 1000));
  }

  private set(wait: number) {
    this.wait = wait;
    this.at = Date.now() + wait;
    this.stop();
    if (!this.paused && !document.hidden) this.timer = window.setTimeout(this.again, wait);
  }
}
