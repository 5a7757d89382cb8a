/** `koprade webhook`: other programs that are told what happens. */
import type { EventKind } from "#contract";
import { webhookKinds } from "../ledger/inputs-webhooks.ts";
import type { WebhookRow } from "../ledger/types-rows.ts";
import { changing, listing } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { list as parts, wholeNumber } from "./values.ts";

const number = { type: "positional", required: true, description: "number of the webhook (koprade webhook list)" } as const;
const numberOf = (text: string): number => wholeNumber("<webhook>", text, 1, 1e9);

export const webhook: Noun = {
  summary: "other programs that are told what happens",
  verbs: {
    list: listing({
      summary: "list who is told what, and how far they have come",
      args: {},
      examples: ["koprade webhook list", "koprade webhook list --json"],
      header: ["WEBHOOK", "ADDRESS", "KINDS", "TOLD UP TO", "STATE"],
      none: "Nobody else is told.",
      rows: (_given, site) => site.ledger.read.webhooks(),
      line: (row, site) => [
        String(row.webhook),
        row.url,
        row.kinds.length === webhookKinds.length ? "all" : row.kinds.join(", "),
        String(row.told),
        state(row, site.wall),
      ],
    }),
    add: changing({
      change: "addWebhook",
      summary: "tell a program what happens: POST of JSON, signed; members are numbers",
      args: {
        url: { type: "positional", required: true, description: "where to, such as https://example.org/koprade" },
        kinds: {
          type: "string",
          valueHint: "a,b",
          description: "kinds of events, such as access.decided,mach.session_closed (default all)",
        },
        from: { type: "string", valueHint: "time", description: "begin with what has happened since then (default: from now on)" },
      },
      examples: ["koprade webhook add https://example.org/koprade --kinds mach.session_closed,door.forced_open"],
      input: (given, site) => ({
        url: urlOf(given.url),
        kinds: given.kinds === undefined ? [...webhookKinds] : kindsOf(given.kinds),
        fromMs: given.from === undefined ? null : site.instant("--from", given.from),
      }),
      says: (_input, result) =>
        `Webhook ${result.webhook} is told from now on. Its secret, shown only now: ${result.secret}\nCheck with it that koprade-signature is ours (hub/README.md, Webhooks).`,
    }),
    set: changing({
      change: "setWebhook",
      summary: "pause a webhook, let it go on, or tell it again what has happened since a time",
      args: {
        webhook: number,
        paused: { type: "enum", options: ["yes", "no"], description: "while paused it is told nothing, and nothing is lost" },
        from: { type: "string", valueHint: "time", description: "tell it again from this time on" },
      },
      examples: ["koprade webhook set 1 --paused yes", "koprade webhook set 1 --from 2026-12-01T00:00"],
      input(given, site) {
        if ((given.paused ?? given.from) === undefined) throw badUsage("Say what to change: --paused or --from.");
        return {
          webhook: numberOf(given.webhook),
          ...(given.paused === undefined ? {} : { paused: given.paused === "yes" }),
          ...(given.from === undefined ? {} : { fromMs: site.instant("--from", given.from) }),
        };
      },
      says: (input) => `Webhook ${input.webhook} is ${input.paused === true ? "paused" : "told"}.`,
    }),
    remove: changing({
      change: "removeWebhook",
      summary: "tell a program nothing any more",
      args: { webhook: number },
      examples: ["koprade webhook remove 1"],
      input: (given) => ({ webhook: numberOf(given.webhook) }),
      says: (input) => `Webhook ${input.webhook} is gone.`,
    }),
  },
  byDefault: "list",
};

function urlOf(text: string): string {
  if (/^https?:\/\/[^\s/]+(\/\S*)?$/.test(text)) return text;
  throw badUsage("<url> must be an address such as https://example.org/koprade.");
}

function kindsOf(text: string): EventKind[] {
  return parts(text).map((word) => {
    const kind = webhookKinds.find((known) => known === word);
    if (kind === undefined) throw badUsage(`--kinds: "${word}" is no kind of event; known are ${webhookKinds.join(", ")}.`);
    return kind;
  });
}

function state(row: WebhookRow, wall: (ms: number) => string): string {
  if (row.isPaused) return "paused";
  if (row.problem !== null) return `waits until ${wall(row.nextMs)}: ${row.problem}`;
  return row.toldMs === null ? "told nothing yet" : `told at ${wall(row.toldMs)}`;
}
