// SPDX-License-Identifier: MPL-2.0

// What the check must refuse. The compiler reports an @ts-expect-error that expects in vain, so the check fails when it has become blind.
import type { CreateWebhookHttpResponse, WebhookResponse } from "@qlik/api/webhooks";

// @ts-expect-error a member that the type does not have
export const added: WebhookResponse = { name: "w", url: "https://hooks.example.com", checkSum: "x" };
// @ts-expect-error a required member is missing
export const missing: WebhookResponse = { name: "w" };
// @ts-expect-error a value of another type
export const mistyped: WebhookResponse = { name: "w", url: "https://hooks.example.com", encryptedHeaders: { a: "1" } };
// @ts-expect-error a status that the operation does not have
export const status: Pick<CreateWebhookHttpResponse, "data" | "status"> = { status: 200, data: { name: "w", url: "https://hooks.example.com" } };
