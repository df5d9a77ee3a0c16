// SPDX-License-Identifier: MPL-2.0

// Asks the chain. All addresses are relative to the page's own, so that a base path of a custom domain name stays.

/** The chain's answer was none of what was asked for. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly refusal = "", // the check of the chain that failed
  ) {
    super(message);
  }
}

export interface Answer<T> {
  content: T;
  tag: string; // the same for the same content
}

const base = new URL(".", location.href);

/** Names this chain's key in the tab's storage: several chains may share a host. */
export const keyName = `qlik-task-chain:${base.pathname}`;

/** Asks for what is at a path below the chain's URL. The browser asks whether its copy is still good before it takes it. */
export async function ask<T>(path: string, key: string): Promise<Answer<T>> {
  const response = await send(path, key, { cache: "no-cache" });
  return { content: (await response.json()) as T, tag: response.headers.get("etag") ?? "" };
}

/** Has the chain do something, once for each id. */
export async function post<T>(path: string, key: string, id: string, body: Record<string, string | boolean>): Promise<T> {
  const request = { method: "POST", body: JSON.stringify(body), cache: "no-store" } as const;
  const response = await send(path, key, request, { "content-type": "application/json", "idempotency-key": id });
  return (await response.json()) as T;
}

async function send(path: string, key: string, how: RequestInit, headers: Record<string, string> = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base), {
      ...how,
      headers: { "x-api-key": key, accept: "application/json", ...headers },
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Refusal(0, "The chain cannot be reached.");
  }
  if (!response.ok) throw await refused(response);
  return response;
}

async function refused(response: Response): Promise<Refusal> {
  if (response.status === 429) return new Refusal(429, "The chain gets too many requests (429).");
  const body = (await response.json().catch(() => null)) as { error?: unknown; refusal?: unknown } | null;
  const text = (of: unknown) => (typeof of === "string" ? of : "");
  return new Refusal(response.status, text(body?.error) || `The chain answered with ${response.status}.`, text(body?.refusal));
}
