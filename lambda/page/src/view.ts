// Moves and scales the sheet on the canvas.

import type { Place } from "./layout";

const closest = 2;
const farthest = 0.04;
const legible = 0.32; // below, names cannot be read

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
    this.fit();
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (!w || !h || this.scale >= legible || !this.first) return;
    this.scale = Math.max(legible, Math.min(0.8, w / this.size.width));
    const wide = this.size.width * this.scale > w;
    this.x = wide ? w / 2 - this.first.x * this.scale : (w - this.size.width * this.scale) / 2;
    this.y = h / 2 - this.first.y * this.scale;
    this.show();
  }

  /** Shows the whole sheet, and keeps it so. */
  whole() {
    this.fit();
    this.touched = true;
  }

  private fit() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (!w || !h) return;
    this.scale = Math.max(farthest, Math.min(1, w / this.size.width, (h - 40) / this.size.height));
    this.x = (w - this.size.width * this.scale) / 2;
    this.y = (h - 40 - this.size.height * this.scale) / 2;
    this.show();
  }

  /** Scales by a factor around a point of the canvas, its middle without one. */
  zoom(factor: number, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const scale = Math.max(farthest, Math.min(closest, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.touched = true;
    this.show();
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
    this.scale = readable;
    this.x = w / 2 - place.x * readable;
    this.y = h / 2 - place.y * readable;
    this.touched = true;
    this.show();
  }

  private show() {
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
      this.x = e.clientX - from.x;
      this.y = e.clientY - from.y;
      this.touched = true;
      this.show();
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
