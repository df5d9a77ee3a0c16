// SPDX-License-Identifier: MPL-2.0

// Says things as people read them.
import { kindOf, look, unstarted, type Node } from "./model";
import { isLate, typicalOf } from "./past";

let zone = "UTC";

/** Times are shown in the chain's zone from now on. */
export function setZone(name: string) {
  zone = name;
}

/** Returns a function that formats times. Making a format takes as long as using it a thousand times. */
function formatter(options: Intl.DateTimeFormatOptions): (iso: string) => string {
  let made: Intl.DateTimeFormat | undefined;
  let madeFor = "";
  return (iso) => {
    if (!made || madeFor !== zone) made = new Intl.DateTimeFormat("en-GB", { timeZone: (madeFor = zone), hourCycle: "h23", ...options });
    return made.format(new Date(iso));
  };
}

export const clock = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const minute = formatter({ hour: "2-digit", minute: "2-digit" });
export const day = formatter({ day: "numeric", month: "short" });
export const shortMoment = (iso: string) => `${day(iso)} ${minute(iso)}`;
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
  return (kind ? `${kind}, ` : "") + wordOf(n) + attempt + (n.enabled ? "" : ", disabled");
}

/** The status in a word or two. A signal does not run: its step waits until it comes. */
const wordOf = (n: Node) => (n.target?.kind === "signal" && n.status === "running" ? "waits for it" : look(n.status).text);

/** The status in few words: how it is, and how long it took. */
export const briefText = (n: Node, coloured: boolean) => (!coloured ? (n.enabled ? "" : "disabled")
  : [
    n.status === "succeeded" && n.seconds ? "" : wordOf(n),
    n.seconds && !unstarted.includes(n.status) ? duration(n.seconds) : "",
  ].filter(Boolean).join(", "));

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

/** Says that a step takes longer than it typically does. */
export function lateText(n: Node): string {
  if (n.kind !== "step" || n.status !== "running" || !n.started_at) return "";
  const took = (Date.now() - Date.parse(n.started_at)) / 1000;
  return isLate(n.step, took) ? `late: ${duration(typicalOf(n.step)!.seconds)} typically` : "";
}

/** The time that is left until a time, or since when it is over. */
export function left(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  return seconds >= 0 ? `in ${roughly(seconds)}` : `${roughly(-seconds)} ago`;
}

function roughly(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than 1 min";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

export const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

export const sentence = (s: string) => (/[.!?…]$/.test(s) ? s : `${s}.`);

/** Which steps a run covers: those at which it began, and what comes after them if nothing else is said. */
export const coverOf = (r: { origin: string; only?: boolean }) => (r.only ? `${r.origin} alone` : r.origin);
