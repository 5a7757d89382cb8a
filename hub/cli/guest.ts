/** `koprade guest` and `koprade guardian`: people for whom a member answers. */
import { changing, listing, theMemberArg, untilTime } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const visits = { type: "string", valueHint: "days", description: "on how many days they may come, or none: any until then" } as const;
const host = { type: "string", valueHint: "member", description: "the member who answers for them" } as const;
const visitsOf = (text: string | undefined): number | null =>
  text === undefined || text === "none" ? null : wholeNumber("--visits", text, 1, 366);

export const guest: Noun = {
  summary: "who comes with a member, without a membership",
  verbs: {
    add: changing({
      change: "addGuest",
      summary: "add a guest",
      args: {
        name: { type: "positional", required: true, description: "name of the guest" },
        host: { ...host, required: true },
        until: untilTime,
        visits,
        locale: { type: "enum", options: ["en", "lv", "sv", "nb"], default: "en", description: "language they read" },
      },
      examples: ["koprade guest add 'Jo Visitor' --host 'Ada Ozola' --until 2026-12-31T22:00 --visits 3"],
      input: (given, site) => ({
        displayName: given.name,
        host: site.member("--host", given.host),
        untilMs: site.instant("--until", given.until),
        visits: visitsOf(given.visits),
        locale: given.locale,
      }),
      says: (input, { member }, site) =>
        `Added ${input.displayName} as member ${member}, guest of ${site.name(input.host)} until ${site.wall(input.untilMs)}.`,
    }),
    set: changing({
      change: "setGuest",
      summary: "change who answers for a guest, until when, or how often they may come",
      args: { member: theMemberArg, host, until: { ...untilTime, required: false }, visits },
      examples: ["koprade guest set 'Jo Visitor' --until 2027-01-31T22:00"],
      input(given, site) {
        if ((given.host ?? given.until ?? given.visits) === undefined) throw badUsage("Say what to change: --host, --until or --visits.");
        return {
          member: site.member("<member>", given.member),
          ...(given.host === undefined ? {} : { host: site.member("--host", given.host) }),
          ...(given.until === undefined ? {} : { untilMs: site.instant("--until", given.until) }),
          ...(given.visits === undefined ? {} : { visits: visitsOf(given.visits) }),
        };
      },
      says: (input, _result, site) => `${site.name(input.member)} is changed.`,
    }),
    end: changing({
      change: "endGuest",
      summary: "end a guest's stay now",
      args: { member: theMemberArg },
      examples: ["koprade guest end 'Jo Visitor'"],
      input: (given, site) => ({ member: site.member("<member>", given.member) }),
      says: (input, _result, site) => `${site.name(input.member)} is a guest no longer.`,
    }),
    list: listing({
      summary: "list the guests",
      args: {},
      examples: ["koprade guest list"],
      header: ["GUEST", "HOST", "UNTIL", "VISITS"],
      none: "No guests. Add one with: koprade guest add",
      rows: (_given, { ledger }) => ledger.read.guests(),
      line: (row, site) => [
        site.name(row.member),
        site.name(row.host),
        site.wall(row.untilMs),
        row.visits === null ? `${row.came}` : `${row.came} of ${row.visits}`,
      ],
    }),
  },
};

const minor = theMemberArg;
const guardianArg = { type: "string", required: true, valueHint: "member", description: "number or name of the guardian" } as const;

export const guardian: Noun = {
  summary: "who answers for a minor, and has consented",
  verbs: {
    set: changing({
      change: "setGuardian",
      summary: "name a guardian, with or without consent on file",
      args: {
        member: minor,
        guardian: guardianArg,
        consent: { type: "enum", required: true, options: ["yes", "no"], description: "has the guardian consented in writing?" },
      },
      examples: ["koprade guardian set 'Kid' --guardian 'Parent' --consent yes"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        guardian: site.member("--guardian", given.guardian),
        consent: given.consent === "yes",
      }),
      says: (input, _result, site) =>
        `${site.name(input.guardian)} is guardian of ${site.name(input.member)} and has ${input.consent ? "" : "not "}consented.`,
    }),
    remove: changing({
      change: "removeGuardian",
      summary: "let somebody be guardian no longer",
      args: { member: minor, guardian: guardianArg },
      examples: ["koprade guardian remove 'Kid' --guardian 'Parent'"],
      input: (given, site) => ({ member: site.member("<member>", given.member), guardian: site.member("--guardian", given.guardian) }),
      says: (input, _result, site) => `${site.name(input.guardian)} is no longer guardian of ${site.name(input.member)}.`,
    }),
    list: listing({
      summary: "list a minor's guardians",
      args: { member: minor },
      examples: ["koprade guardian list 'Kid'"],
      header: ["GUARDIAN", "CONSENT"],
      none: "No guardian. Name one with: koprade guardian set",
      rows: (given, site) => site.ledger.read.guardians(site.member("<member>", given.member)),
      line: (row, site) => [site.name(row.guardian), row.consentMs === null ? "no" : `since ${site.wall(row.consentMs)}`],
    }),
  },
};
