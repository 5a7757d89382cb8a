/** Inputs of the commands about webhooks. */
import * as z from "zod";
import { type EventKind, eventKinds, instantMs } from "#contract";
import { rowId } from "./inputs-common.ts";

/** An enrolment carries the keyed hash of a card: that leaves nobody's house. */
export const webhookKinds: readonly EventKind[] = eventKinds.filter((kind) => kind !== "card.captured");

export const webhookInputs = {
  addWebhook: z.strictObject({
    url: z.url({ protocol: /^https?$/, error: "an address such as https://example.org/koprade" }).max(300),
    kinds: z.array(z.enum(webhookKinds)).min(1).max(webhookKinds.length),
    /** begin with what has happened since then; null: from now on */
    fromMs: instantMs.nullable().default(null),
  }),
  setWebhook: z.strictObject({
    webhook: rowId,
    paused: z.boolean().optional(),
    /** tell again from this time on */
    fromMs: instantMs.optional(),
  }),
  removeWebhook: z.strictObject({ webhook: rowId }),
} as const;
