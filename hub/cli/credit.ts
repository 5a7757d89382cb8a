/** `koprade credit` and `koprade pin`: what is on a member's account, and the second factor. */
import { randomInt } from "node:crypto";
import { changing, listing, memberArg as member, reasonArg as reason, theMemberArg } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const money = (cents: number): string => (cents / 100).toFixed(2);
function centsOf(text: string): number {
  const [, sign, whole, part = ""] = /^([+-]?)(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  if (whole === undefined) throw badUsage(`--amount cannot be "${text}"; give an amount such as 15, 12.50 or -3.20.`);
  return (sign === "-" ? -1 : 1) * (Number(whole) * 100 + Number(part.padEnd(2, "0")));
}

export const credit: Noun = {
  summary: "what is on a member's account",
  verbs: {
    add: changing({
      change: "addCredit",
      summary: "book an amount; with a minus it is taken off",
      args: { member, amount: { type: "string", required: true, valueHint: "amount", description: "such as 15, 12.50 or -3.20" }, reason },
      examples: [
        "koprade credit add --member 12 --amount 20 --reason 'paid in cash'",
        "koprade credit add --member 12 --amount=-3.20 --reason 'laser, 16 min'",
      ],
      input: (given, site) => ({ member: site.member("--member", given.member), cents: centsOf(given.amount), reason: given.reason }),
      says: (input, { entry, balanceCents }, site) =>
        `Entry ${entry}: ${money(input.cents)} for ${site.name(input.member)}; the balance is ${money(balanceCents)}.`,
    }),
    undo: changing({
      change: "undoCredit",
      summary: "take an entry back by a second one",
      args: { entry: { type: "positional", required: true, description: "number of the entry" }, reason },
      examples: ["koprade credit undo 7 --reason 'wrong member'"],
      input: (given) => ({ entry: wholeNumber("<entry>", given.entry, 1, 1e9), reason: given.reason }),
      says: (input, { entry, balanceCents }) => `Entry ${entry} takes entry ${input.entry} back; the balance is ${money(balanceCents)}.`,
    }),
    list: listing({
      summary: "list the entries of a member",
      args: { member: theMemberArg },
      examples: ["koprade credit list 'Ada Ozola'"],
      header: ["ENTRY", "AMOUNT", "WHEN", "BY", "WHY"],
      none: "Nothing has been booked.",
      rows: (given, site) => site.ledger.read.credit(site.member("<member>", given.member)).entries,
      line: (row, site) => [
        String(row.entry),
        money(row.cents),
        site.wall(row.atMs),
        row.by,
        row.reverses === null ? row.reason : `takes ${row.reverses} back: ${row.reason}`,
      ],
    }),
  },
};

const newPin = (): string => String(randomInt(1_000_000)).padStart(6, "0");

/** The PIN is made here and shown once: on a command line it would stand in the list of processes. */
export const pin: Noun = {
  summary: "a member's second factor",
  verbs: {
    new: changing({
      change: "setPin",
      summary: "make a PIN of six digits and show it, this once",
      args: { member: theMemberArg },
      examples: ["koprade pin new 'Ada Ozola'"],
      input: (given, site) => ({ member: site.member("<member>", given.member), pin: newPin() }),
      says: (input, _result, site) => `The PIN of ${site.name(input.member)} is ${input.pin}. It is kept as a hash: write it down now.`,
    }),
    "new-duress": changing({
      change: "setDuressPin",
      summary: "make a second PIN that opens like the first and silently calls staff; shown this once",
      args: { member: theMemberArg },
      examples: ["koprade pin new-duress 'Ada Ozola'"],
      input: (given, site) => ({ member: site.member("<member>", given.member), pin: newPin() }),
      says: (input, _result, site) =>
        `The second PIN of ${site.name(input.member)} is ${input.pin}: for when somebody makes them type one. It opens and starts as the first does, no reader shows a difference, and staff are told at once. It is kept as a hash: write it down now, apart from the first.`,
    }),
    "clear-duress": changing({
      change: "clearDuressPin",
      summary: "take a member's second PIN away",
      args: { member: theMemberArg },
      examples: ["koprade pin clear-duress 'Ada Ozola'"],
      input: (given, site) => ({ member: site.member("<member>", given.member) }),
      says: (input, _result, site) => `${site.name(input.member)} has no second PIN now.`,
    }),
    clear: changing({
      change: "clearPin",
      summary: "take a member's PIN away, and the second one with it",
      args: { member: theMemberArg },
      examples: ["koprade pin clear 'Ada Ozola'"],
      input: (given, site) => ({ member: site.member("<member>", given.member) }),
      says: (input, _result, site) => `${site.name(input.member)} has no PIN now.`,
    }),
  },
};
