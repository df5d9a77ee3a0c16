// SPDX-License-Identifier: MPL-2.0

// Moves and scales the sheet on the canvas.

import { leastScale, type Density, type Layout, type Place } from "./layout";

const closest = 2;
const farthest = 0.1;
const largest = 1.3; // when there is room

interface Sight {
  scale: number;
  x: number; // of the sheet's corner on the canvas
  y: number;
}

/** Whether the page is laid out for fingers. */
const forFingers = () => matchMedia("(max-width: 52rem), (pointer: coarse)").matches;

export class View {
  private x = 0;
  private y = 0;
  private scale = 1;
  private touched = false; // since when fitting by itself would be in the way
  private size = { width: 1, height: 1 };
  private least = 1; // below, names cannot be read
  private first: Place | undefined;
  private was = 0; // the canvas's width when it was measured last
  private fingers = forFingers();

  /** Called when the canvas has another size, and nobody has moved the sheet. */
  resized = () => {};

  constructor(
    private readonly canvas: HTMLElement,
    private readonly sheet: HTMLElement,
  ) {
    canvas.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    canvas.addEventListener("pointerdown", (e) => this.drag(e));
    new ResizeObserver(() => {
      if (this.fingers !== (this.fingers = forFingers())) this.touched = false; // the page has another layout
      if (this.touched || this.canvas.clientWidth === this.was) return;
      this.was = this.canvas.clientWidth;
      if (this.was > 0) this.resized();
    }).observe(canvas);
  }

  /** Takes in the sheet's size, and which place is to be seen first when the whole would be too small. */
  resize(placed: Layout, first: Place | undefined) {
    this.size = { width: placed.width, height: placed.height };
    this.least = this.leastScale(placed.density);
    this.first = first;
    if (!this.touched) this.begin();
    else this.show({ scale: this.scale, x: this.x, y: this.y });
  }

  /** How large the whole of a layout would be. */
  scaleOf({ width, height }: { width: number; height: number }): number {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (w === 0) return 1; // not to be seen yet
    return Math.min(largest, w / width, h / height);
  }

  /** The least scale at which a layout can be used. */
  leastScale = (density: Density) => leastScale(density, forFingers());

  /** Whether the whole sheet can be read at once. */
  fits = () => this.scaleOf(this.size) >= this.least;

  /** Shows the whole sheet or, when that could not be read, as much of it as can around the first place. */
  begin() {
    if (this.canvas.clientWidth > 0) this.show(this.fits() ? this.whole() : this.around());
  }

  /** The same, and keeps it so. */
  fit() {
    this.touched = false;
    this.begin();
  }

  private whole(): Sight {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const scale = this.scaleOf(this.size);
    return { scale, x: (w - this.size.width * scale) / 2, y: Math.max(0, (h - this.size.height * scale) / 2) };
  }

  /** How the first place is seen as small as can be read. The sheet's edges are not beyond the canvas's without need. */
  private around(): Sight {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const { x, y } = this.first ?? { x: 0, y: 0 };
    const scale = Math.max(this.least, Math.min(1, w / this.size.width));
    const within = (middle: number, room: number, size: number) =>
      size <= room ? (room - size) / 2 : Math.max(room - size, Math.min(0, room / 2 - middle));
    return { scale, x: within(x * scale, w, this.size.width * scale), y: within(y * scale, h, this.size.height * scale) };
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
    const readable = Math.max(this.scale, this.least);
    const left = this.x + (place.x - place.width / 2) * this.scale;
    const top = this.y + (place.y - place.height / 2) * this.scale;
    const inSight =
      left >= 0 && top >= 0 && left + place.width * this.scale <= w && top + place.height * this.scale <= h;
    if (inSight && readable === this.scale) return;
    this.touched = true;
    this.show({ scale: readable, x: w / 2 - place.x * readable, y: h / 2 - place.y * readable });
  }

  private show(sight: Sight) {
    ({ scale: this.scale, x: this.x, y: this.y } = sight);
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.canvas.classList.toggle("far", this.scale < this.least * 0.6);
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
