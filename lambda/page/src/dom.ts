// SPDX-License-Identifier: MPL-2.0

// Makes elements. Text is always text: nothing here, or elsewhere on the page, parses what the chain answers as HTML.
import { kindOf, look, type Node, type Status } from "./model";

type Child = globalThis.Node | string | null | undefined | false;

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((c): c is globalThis.Node | string => Boolean(c)));
  return element;
}

export function svg(name: string, attributes: Record<string, string> = {}, ...children: globalThis.Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A status's sign. */
export const icon = (status: Status) =>
  svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: look(status).icon }));

/** The sign of what a step starts; none for an app. */
export const kindIcon = (n: Node) => {
  const kind = kindOf(n);
  return kind && svg("svg", { class: "icon kind", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: kind.icon }));
};

/** A name that may be broken after "_", "-" and blanks only. */
export const broken = (name: string): globalThis.Node[] =>
  name.split(/(?<=[_\-\s])(?=[^_\-\s])/).flatMap((word) => [el("span", { class: "part" }, word), document.createElement("wbr")]);

export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** Fills an element anew. What has the focus keeps it, if it is still there: by its text, else by its place. */
export function refill(into: HTMLElement, parts: HTMLElement[]) {
  const reachable = () => [...into.querySelectorAll<HTMLElement>("button, a, pre")];
  const focused = reachable().indexOf(document.activeElement as HTMLElement);
  const text = document.activeElement?.textContent;
  into.replaceChildren(...parts);
  if (focused < 0) return;
  const now = reachable();
  (now.find((e) => e.textContent === text) ?? now[Math.min(focused, now.length - 1)])?.focus({ preventScroll: true });
}
