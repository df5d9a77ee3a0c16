// SPDX-License-Identifier: MPL-2.0

// What the chain answers: GET /graph as JSON, GET /runs, GET /runs/{run}, GET /history and GET /operations, and a POST.
import kinds from "../../../internal/chain/draw/kind.json";
import looks from "../../../internal/chain/draw/status.json";

export type Status = keyof typeof looks;
export type Kind = keyof typeof kinds;
export type Condition = "success" | "failure" | "completion";

/** Why a job failed, in Qlik Cloud's words. */
export interface JobError {
  code?: string;
  message?: string;
  log?: string[];
}

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
  queued_seconds?: number; // in Qlik Cloud, before that
  error?: JobError;
  link?: string; // where to look in the tenant
  blocked?: number; // how many steps do not start because of it
  blocks?: string[]; // some of them
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
  ended_at?: string;
  rerun_of?: string;
  repaired_by?: string[];
  until?: string;
  summary: string;
}

/** Something that an operator must look at. */
export interface Attention {
  kind: "failed" | "canceled" | "expired" | "late" | "parked" | "webhook";
  step?: string;
  run?: string;
  reason?: string; // the rest of a sentence about the step; without a step a whole sentence
  at?: string;
  error?: JobError;
  link?: string;
  blocked: number;
  blocks?: string[];
}

export interface Schedule {
  step?: string;
  text: string;
  next?: string;
}

export interface Deadline {
  by: string;
  at: string;
  steps?: string[];
  begins?: string; // its cycle, which is still to come
  missing: string[];
}

export type RunStatus = "queued" | "under_way" | "waiting" | "succeeded" | "recovered" | "failed" | "canceled" | "skipped";

export interface Picture {
  chain: string;
  timezone: string;
  tenant_url: string;
  runs: ShownRun[];
  outdated: boolean;
  attention: Attention[];
  last_good: ShownRun | null;
  schedules: Schedule[];
  deadlines: Deadline[];
  nodes: Node[];
  edges: Edge[];
}

export interface Run {
  run: string;
  origin: string;
  only?: boolean;
  started_by: "reload" | "signal" | "schedule" | "request" | "rerun" | "mark";
  at: string;
  status?: RunStatus;
}

/** How a step stood in a run. */
export interface StepRecord {
  step: string;
  status: RunStatus | "pending" | "due" | "continued";
  skip?: string;
  reason?: string;
  continued?: string; // the run that goes on with the step
  started_at?: string;
  ended_at?: string;
  seconds?: number;
  queued_seconds?: number;
}

/** One attempt of a step in a run. */
export interface Start {
  step: string;
  attempt: number;
  of: number;
  phase: string;
  reason?: string;
  causes?: { upstream: string; run?: string }[];
  due_at: string;
  started_at?: string;
  ended_at?: string;
  seconds?: number;
  queued_seconds?: number;
  status?: string;
}

export interface RunDetail extends Run {
  date: string;
  ended_at?: string;
  steps: StepRecord[];
  starts: Start[];
}

export interface PastRun extends Run {
  ended_at?: string;
  steps: StepRecord[];
}

/** How long a step takes, by its latest successes. */
export interface Typical {
  step: string;
  seconds: number;
  queued_seconds: number;
  of: number;
}

export interface Past {
  runs: PastRun[];
  typical: Typical[];
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
  operation: "pause" | "resume" | "start" | "rerun" | "mark" | "skip" | "cancel" | "redrive" | "signal";
  run?: string;
  step?: string;
  cycle?: string;
}

/** How many starts of a step are parked; the newest one is of the run, and goes when the chain is resumed. */
export interface ParkedStep {
  step: string;
  starts: number;
  run: string;
  since: string;
}

export interface Operations {
  paused: Requested | null;
  parked: number;
  parked_of: ParkedStep[];
  dead_letters: number | null; // events and timers that could not be handled; null: unknown
  operations: Operation[];
  may_post: boolean;
  operator_auth: "key" | "iam";
}

/** What a POST has done; which members there are depends on which one. */
export interface Done {
  run?: string;
  cycle?: string; // of a skip: its id
  date?: string; // of that cycle
  started?: { step: string }[];
  not_started?: { step: string; reason: string }[];
  again?: { step: string; reason: string }[];
  canceled?: { step: string; how: string }[];
  failed?: { step?: string; error?: string; reason?: string }[];
  already?: boolean; // it was so before
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

/** The sign of how a step stood in a run. */
export function signOfStep(s: StepRecord): Status {
  if (s.status === "skipped") return s.skip === "blocked" || s.skip === "expired" ? s.skip : "skipped";
  const others: Partial<Record<StepRecord["status"], Status>> = {
    due: "waiting", under_way: "running", waiting: "joining", continued: "skipped", queued: "waiting", recovered: "succeeded",
  };
  return others[s.status] ?? (s.status as Status);
}

export const isOver = (r: { status: RunStatus }) => !["queued", "under_way", "waiting"].includes(r.status);
