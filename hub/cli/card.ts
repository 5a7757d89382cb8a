/** `koprade card`: which card is whose. A number is hashed with the site's key at once and never shown again. */
import { type Exposure, exposureOf } from "../exposure.ts";
import type { Ledger } from "../ledger/types.ts";
import { personalise } from "./card-personalise.ts";
import { assignByTap } from "./card-tap.ts";

import { changing, type Site, siteOf } from "./change.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { askControl, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { card as cardOf, date, theMember } from "./values.ts";

const numberWords = "card number such as em4100:0A1B2C3D4E or iso14443a:04A23B1C5D6E80";
const number = { type: "positional", required: true, description: numberWords } as const;
const theirs = { type: "string", valueHint: "member", description: "number or name of the member" } as const;
const meant = {
  number: { ...number, required: false, description: `${numberWords}; or --member` },
  member: { ...theirs, description: "whose card, when nobody knows its number" },
  label: { type: "string", valueHint: "text", description: "which of the member's cards (koprade card list)" },
} as const;

const assign = command({
  summary: "give a card to a member, by its number or by a tap",
  args: {
    number: { ...number, required: false, description: `${numberWords}; not with --tap` },
    member: { ...theirs, required: true },
    tap: { type: "boolean", description: "the next unknown card that is tapped within 30 s" },
    at: { type: "string", valueHint: "name", description: "only at the reader of this door or machine (default any)" },
    label: { type: "string", default: "card", valueHint: "text", description: "what to call the card, such as “blue tag”" },
    from: { type: "string", valueHint: "date", description: "first day the card works" },
    through: { type: "string", valueHint: "date", description: "last day the card works" },
  },
  examples: [
    "koprade card assign em4100:0A1B2C3D4E --member 'Ada Ozola' --label 'blue tag'",
    "koprade card assign --member 'Ada Ozola' --tap --at front-door",
  ],
  async run(given, context) {
    if (given.tap === true) {
      if (given.number !== undefined || given.from !== undefined || given.through !== undefined)
        throw badUsage("--tap: the card says its number itself, and works from now on without an end; leave the rest out.");
      return assignByTap({ member: given.member, at: given.at ?? null, label: given.label }, context);
    }
    if (given.at !== undefined) throw badUsage("--at: only together with --tap.");
    if (given.number === undefined) throw badUsage("Give the card's number, or --tap to read it at a reader.");
    const card = cardOf("<number>", given.number);
    const [validFrom, validThrough] = [date("--from", given.from) ?? null, date("--through", given.through) ?? null];
    return withLedger(context, async (ledger) => {
      const { member, displayName } = theMember(ledger, "--member", given.member);
      await ledger.change.assignCard({ member, card, label: given.label, validFrom, validThrough }, context.actor);
      return { lines: [`The card belongs to ${displayName} (${member}) now.`], json: { member, label: given.label } };
    });
  },
});

const block = command({
  summary: "block a card: lost, stolen, returned or revoked; says what may still let it pass",
  args: {
    ...meant,
    as: { type: "enum", options: ["lost", "stolen", "returned", "revoked"], default: "lost", description: "what became of it" },
    reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" },
  },
  examples: [
    "koprade card block em4100:0A1B2C3D4E --as lost --reason 'left on the bus'",
    "koprade card block --member 'Ada Ozola' --label 'blue tag' --as stolen --reason 'out of her bag'",
  ],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const card = cardMeant(ledger, true, given);
      const { member } = await ledger.change.blockCard({ card, status: given.as, reason: given.reason }, context.actor);
      const name = ledger.read.member(member)?.displayName ?? `member ${member}`;
      const asked = await askControl(controlPath(context.dataDir), { op: "nodes" });
      const nodes = asked.kind === "answer" ? asked.result : null;
      const exposure = exposureOf({ ledger }, member, nodes, context.world.clock.nowMs());
      const lines = [
        `The card of ${name} (${member}) is blocked as ${given.as}.`,
        ...exposureWords(exposure, nodes !== null, siteOf(ledger, context)),
      ];
      return { lines, json: { member, status: given.as, ...exposure } };
    });
  },
});

/** By its number, or the member's only card that works (or is blocked), or the one with the label. */
function cardMeant(
  ledger: Ledger,
  works: boolean,
  given: { readonly number?: string | undefined; readonly member?: string | undefined; readonly label?: string | undefined },
): { number: string } | { cardKey: string } {
  if (given.number !== undefined && given.member === undefined && given.label === undefined) return cardOf("<number>", given.number);
  if (given.number !== undefined || given.member === undefined)
    throw badUsage("Give either the card's number, or --member and perhaps --label.");
  const { member, displayName } = theMember(ledger, "--member", given.member);
  const cards = ledger.read
    .cards(member)
    .filter(({ status, label }) => (status === "active") === works && label === (given.label ?? label));
  const [card] = cards;
  if (card === undefined)
    throw failed(
      `--member: ${displayName} (${member}) has no such card that ${works ? "works" : "is blocked"}; see \`koprade card list\`.`,
    );
  if (cards.length > 1) throw failed(`--member: ${displayName} (${member}) has ${cards.length} such cards; say which with --label.`);
  return { cardKey: card.cardKey };
}

function exposureWords({ closed, open }: Exposure, hubRuns: boolean, site: Site): string[] {
  const lines = closed.length === 0 ? [] : [`Refused from now on: ${closed.join(", ")}.`];
  if (!hubRuns) lines.push("No hub is running: no node hears of it before `koprade start`.");
  for (const { place, node, lastSeenMs, untilMs } of open) {
    const since = lastSeenMs === null ? "has not been seen" : `was last seen ${site.wall(lastSeenMs)}`;
    const until =
      untilMs === null ? "until it is back or its snapshot is too old" : `until it is back, ${site.wall(untilMs)} at the latest`;
    lines.push(`${place} may still let it pass: node ${node} ${since}; ${until}.`);
  }
  return lines;
}

const restore = command({
  summary: "let a blocked card work again: lost and found",
  args: { ...meant, reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" } },
  examples: [
    "koprade card restore em4100:0A1B2C3D4E --reason 'it was in the other coat'",
    "koprade card restore --member 'Ada Ozola' --label 'blue tag' --reason 'somebody found it'",
  ],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const card = cardMeant(ledger, false, given);
      const { member } = await ledger.change.restoreCard({ card, reason: given.reason }, context.actor);
      const name = ledger.read.member(member)?.displayName ?? `member ${member}`;
      return { lines: [`The card of ${name} (${member}) works again.`], json: { member } };
    });
  },
});

const list = command({
  summary: "list the cards of a member",
  args: { member: { type: "positional", required: true, description: "number or name of the member" } },
  examples: ["koprade card list 'Ada Ozola'"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { member, displayName } = theMember(ledger, "<member>", given.member);
      const rows = ledger.read
        .cards(member)
        .map(({ label, status, validFrom, validThrough }) => ({ label, status, validFrom, validThrough }));
      if (rows.length === 0) return { lines: [`${displayName} has no card. Give one with: koprade card assign`], json: [] };
      const lines = columns(
        ["LABEL", "STATUS", "FROM", "THROUGH"],
        rows.map((row) => [row.label, row.status, row.validFrom ?? "–", row.validThrough ?? "–"]),
      );
      return { lines, json: rows };
    });
  },
});

const renewKeys = changing({
  change: "renewCardKeys",
  summary: "make new keys by which cards prove themselves, as after a node was stolen",
  args: { reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" } },
  examples: ["koprade card renew-keys --reason 'the laser node was stolen'"],
  input: ({ reason }) => ({ reason }),
  says: (_input, { generation }) =>
    `Keys of generation ${generation} are made. Until the nodes have them (\`koprade node renew\`) and a card has (\`koprade card personalise\`), that card counts as its number only.`,
});

export const card: Noun = {
  summary: "which card is whose",
  verbs: { assign, personalise, block, restore, list, "renew-keys": renewKeys },
};
