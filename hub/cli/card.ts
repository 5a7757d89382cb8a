/** `koprade card`: which card is whose. A number is hashed with the site's key at once and never shown again. */
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { card as cardOf, date, theMember } from "./values.ts";

const number = {
  type: "positional",
  required: true,
  description: "card number such as em4100:0A1B2C3D4E or iso14443a:04A23B1C5D6E80",
} as const;

const assign = command({
  summary: "give a card to a member",
  args: {
    number,
    member: { type: "string", required: true, valueHint: "member", description: "number or name of the member" },
    label: { type: "string", default: "card", valueHint: "text", description: "what to call the card, such as “blue tag”" },
    from: { type: "string", valueHint: "date", description: "first day the card works" },
    through: { type: "string", valueHint: "date", description: "last day the card works" },
  },
  examples: ["koprade card assign em4100:0A1B2C3D4E --member 'Ada Ozola' --label 'blue tag'"],
  async run(given, context) {
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
  summary: "block a card: lost, stolen, returned or revoked",
  args: {
    number,
    as: { type: "enum", options: ["lost", "stolen", "returned", "revoked"], default: "lost", description: "what became of it" },
    reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" },
  },
  examples: ["koprade card block em4100:0A1B2C3D4E --as lost --reason 'left on the bus'"],
  async run(given, context) {
    const card = cardOf("<number>", given.number);
    return withLedger(context, async (ledger) => {
      const { member } = await ledger.change.blockCard({ card, status: given.as, reason: given.reason }, context.actor);
      const name = ledger.read.member(member)?.displayName ?? `member ${member}`;
      return { lines: [`The card of ${name} (${member}) is blocked as ${given.as}.`], json: { member, status: given.as } };
    });
  },
});

const restore = command({
  summary: "let a blocked card work again: lost and found",
  args: { number, reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" } },
  examples: ["koprade card restore em4100:0A1B2C3D4E --reason 'it was in the other coat'"],
  async run(given, context) {
    const card = cardOf("<number>", given.number);
    return withLedger(context, async (ledger) => {
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

export const card: Noun = { summary: "which card is whose", verbs: { assign, block, restore, list } };
