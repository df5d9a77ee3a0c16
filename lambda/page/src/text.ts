// SPDX-License-Identifier: MPL-2.0

// Says things as people read them.
import { kindOf, look, unstarted, type Edge, type Node } from "./model";

let zone = "UTC";

/** Times are shown in the chain's zone from now on. */
export function setZone(name: string) {
  zone = name;
}

const parts = (iso: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }).format(new Date(iso));

export const clock = (iso: string) => parts(iso, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const minute = (iso: string) => parts(iso, { hour: "2-digit", minute: "2-digit" });
export const day = (iso: string) => parts(iso, { day: "numeric", month: "short" });
export const moment = (iso: string) => `${day(iso)} ${clock(iso)}`;

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor(whole / 60) % 60)}m`;
}

/** a, b and c */
export const listed = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;

export function statusText(n: Node, coloured: boolean): string {
  if (n.kind === "join") return coloured ? `${n.arrived ?? 0} of ${n.of ?? 0} arrived` : `all of ${n.of ?? 0}`;
  const kind = kindOf(n)?.text;
  if (!coloured) return [kind, !n.enabled && "disabled"].filter(Boolean).join(", ");
  const attempt = n.attempt && (n.of ?? 1) > 1 ? `, attempt ${n.attempt} of ${n.of}` : "";
  return (kind ? `${kind}, ` : "") + look(n.status).text + attempt + (n.enabled ? "" : ", disabled");
}

/** The line below the status: when, else why, else how the step waits. */
export function secondLine(n: Node, coloured: boolean): string {
  const notes = (n.notes ?? []).join(" · ");
  if (!coloured) return notes;
  if (n.kind === "join") return ["joining", "pending"].includes(n.status) ? waits(n) : n.reason || notes;
  if (n.status === "refused" || unstarted.includes(n.status)) return n.reason ?? "";
  return times(n) || n.reason || notes;
}

export function waits(n: Node): string {
  return `waits for ${listed(n.missing ?? [])}${n.until ? until(n.until) : ""}`;
}

/** The end of a cycle, at which what waits expires. */
export const until = (iso: string) => ` until ${sameDay(iso) ? minute(iso) : `${minute(iso)} on ${day(iso)}`}`;

const sameDay = (iso: string) => day(iso) === day(new Date().toISOString());

function times(n: Node): string {
  if (n.started_at && n.ended_at) {
    return `${moment(n.started_at)} – ${clock(n.ended_at)}${n.seconds && n.seconds >= 0.05 ? `, ${duration(n.seconds)}` : ""}`;
  }
  if (n.ended_at) return `ended ${moment(n.ended_at)}`;
  if (n.started_at) return `since ${moment(n.started_at)}`;
  return n.status === "waiting" && n.due_at ? `due ${moment(n.due_at)}` : "";
}

export const edgeText = (e: Edge) => (e.condition ? e.condition + (e.way ? `, ${e.way}` : "") : "");
