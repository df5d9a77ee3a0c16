// SPDX-License-Identifier: MPL-2.0

// Moves and scales the sheet on the canvas.

import type { Place } from "./layout";

const closest = 2;
const farthest = 0.04;
const legible = 0.32; // below, names cannot be read

interface Sight {
  scale: number;
  x: number; // of the sheet's corner on the canvas
  y: number;
}

export class View {
  private x = 0;
  private y = 0;
  private scale = 1;
  private touched = false; // since when fitting by itself would be in the way

  constructor(
    private readonly canvas: HTMLElement,
    private readonly sheet: HTMLElement,
  ) {
    canvas.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    canvas.addEventListener("pointerdown", (e) => this.drag(e));
    new ResizeObserver(() => this.touched || this.begin()).observe(canvas);
  }

  private size = { width: 1, height: 1 };
  private first: Place | undefined;

  /** Takes in the sheet's size, and which place is to be seen first when the whole would be too small. */
  resize(width: number, height: number, first: Place | undefined) {
    this.size = { width, height };
    this.first = first;
    if (!this.touched) this.begin();
  }

  /** Shows the whole sheet, or when nobody could read that, its whole width around the first place. */
  private begin() {
    if (this.canvas.clientWidth === 0) return; // not to be seen yet
    this.show(this.whole() ?? this.around());
  }

  /** Shows the whole sheet, however small, and keeps it so. */
  fit() {
    this.touched = true;
    this.show(this.whole(0));
  }

  /** How the whole sheet is seen; null when that would be smaller than it may be. */
  private whole(least = this.first ? legible : 0): Sight | null {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const scale = Math.max(farthest, Math.min(1, w / this.size.width, (h - 40) / this.size.height));
    if (scale < least) return null;
    return { scale, x: (w - this.size.width * scale) / 2, y: (h - 40 - this.size.height * scale) / 2 };
  }

  /** How the first place is seen with the sheet's width, or with as much of it as can be read. */
  private around(): Sight {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const { x, y } = this.first!;
    const scale = Math.max(legible, Math.min(0.8, w / this.size.width));
    const wide = this.size.width * scale > w;
    return { scale, x: wide ? w / 2 - x * scale : (w - this.size.width * scale) / 2, y: h / 2 - y * scale };
  }

  /** Scales by a factor around a point of the canvas, its middle without one. */
  zoom(factor: number, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const scale = Math.max(farthest, Math.min(closest, this.scale * factor));
    this.touched = true;
    this.show({ scale, x: x - ((x - this.x) * scale) / this.scale, y: y - ((y - this.y) * scale) / this.scale });
  }

  /** Brings a place of the sheet into sight, large enough to be read. */
  reveal(place: Place) {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const readable = Math.max(this.scale, 0.75);
    const left = this.x + (place.x - place.width / 2) * this.scale;
    const top = this.y + (place.y - place.height / 2) * this.scale;
    const inSight =
      left >= 0 && top >= 0 && left + place.width * this.scale <= w && top + place.height * this.scale <= h;
    if (inSight && readable === this.scale) return;
    this.touched = true;
    this.show({ scale: readable, x: w / 2 - place.x * readable, y: h / 2 - place.y * readable });
  }

  private show(sight: Sight | null) {
    if (!sight) return;
    ({ scale: this.scale, x: this.x, y: this.y } = sight);
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.canvas.classList.toggle("mid", this.scale < 0.68 && this.scale >= 0.24);
    this.canvas.classList.toggle("far", this.scale < 0.24);
  }

  private wheel(e: WheelEvent) {
    e.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    const lines = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.zoom(Math.exp((-e.deltaY * lines) / 400), e.clientX - box.left, e.clientY - box.top);
  }

  private drag(down: PointerEvent) {
    if (down.button !== 0 || (down.target as Element).closest("button")) return;
    const from = { x: down.clientX - this.x, y: down.clientY - this.y };
    const move = (e: PointerEvent) => {
      this.touched = true;
      this.show({ scale: this.scale, x: e.clientX - from.x, y: e.clientY - from.y });
    };
    const end = () => {
      this.canvas.removeEventListener("pointermove", move);
      this.canvas.classList.remove("dragged");
    };
    this.canvas.setPointerCapture(down.pointerId);
    this.canvas.classList.add("dragged");
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", end, { once: true });
    this.canvas.addEventListener("pointercancel", end, { once: true });
  }
}
