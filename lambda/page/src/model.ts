// SPDX-License-Identifier: MPL-2.0

// What the chain answers: GET /graph as JSON, GET /runs and GET /operations, and a POST.
import kinds from "../../../internal/chain/draw/kind.json";
import looks from "../../../internal/chain/draw/status.json";

export type Status = keyof typeof looks;
export type Kind = keyof typeof kinds;
export type Condition = "success" | "failure" | "completion";

export interface Node {
  id: string;
  kind: "step" | "join";
  step: string;
  root: boolean;
  enabled: boolean;
  notes?: string[];
  target?: { kind: Kind; id?: string; project?: string }; // what a step starts
  url?: string;
  status: Status;
  reason?: string;
  run?: string;
  attempt?: number;
  of?: number;
  reload?: string;
  due_at?: string;
  started_at?: string;
  ended_at?: string;
  seconds?: number;
  earlier?: boolean;
  arrived?: number;
  missing?: string[];
  until?: string;
}

export interface Edge {
  from: string;
  to: string;
  condition?: Condition;
  way?: "taken" | "not taken" | "waits";
  reason?: string;
  at?: string;
}

/** A run, as GET /graph shows it. */
export interface ShownRun {
  run: string;
  date: string;
  origin: string;
  at: string;
  status: RunStatus;
  counts: { failed: number };
  rerun_of?: string;
  repaired_by?: string[];
  until?: string;
  summary: string;
}

export type RunStatus = "queued" | "under_way" | "waiting" | "succeeded" | "recovered" | "failed" | "canceled" | "skipped";

export interface Picture {
  chain: string;
  timezone: string;
  tenant_url: string;
  runs: ShownRun[];
  outdated: boolean;
  notices: string[];
  nodes: Node[];
  edges: Edge[];
}

export interface Run {
  run: string;
  origin: string;
  started_by: "reload" | "schedule" | "request" | "rerun" | "mark";
  at: string;
  status?: RunStatus;
}

export interface RunsPage {
  runs: Run[];
  next: string;
}

/** Who asked for an operation, and why. */
export interface Requested {
  at: string;
  by: string;
  reason?: string;
}

export interface Operation extends Requested {
  operation: "pause" | "resume" | "start" | "rerun" | "mark" | "skip" | "cancel" | "redrive";
  run?: string;
  step?: string;
  cycle?: string;
}

export interface Operations {
  paused: Requested | null;
  parked: number;
  operations: Operation[];
  may_post: boolean;
  operator_auth: "key" | "iam";
}

/** What a POST has done; which members there are depends on which one. */
export interface Done {
  run?: string;
  cycle?: string;
  started?: { step: string }[];
  not_started?: { step: string; reason: string }[];
  canceled?: { step: string; how: string }[];
  failed?: { step?: string; error?: string; reason?: string }[];
  redriven?: number;
  left?: number;
}

export const look = (status: Status) => looks[status];

/** What a step starts, in a word and by an icon. Most steps reload an app, which goes without. */
export const kindOf = (n: Node) => (n.target && n.target.kind !== "app" ? kinds[n.target.kind] : undefined);

/** The statuses, those first that somebody has to look at. */
export const urgency: Status[] = [
  "failed", "refused", "blocked", "expired", "joining", "waiting", "running", "pending", "canceled", "skipped", "succeeded", "idle",
];

/** Those of a step that has not started: its times are those of an earlier reload. */
export const unstarted: Status[] = ["pending", "joining", "skipped", "blocked", "expired"];

/** Whether anything is under way, so that looking again soon is worth it. */
export const isBusy = (p: Picture) => p.nodes.some((n) => ["running", "waiting"].includes(n.status));

const signs: Partial<Record<RunStatus, Status>> = { queued: "pending", under_way: "running", waiting: "joining", recovered: "succeeded" };

/** The sign of a run. */
export const signOf = (status: RunStatus): Status => signs[status] ?? (status as Status);

export const isOver = (r: ShownRun) => !["queued", "under_way", "waiting"].includes(r.status);
