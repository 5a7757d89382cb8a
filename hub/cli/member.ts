/** `koprade member`: who belongs to the space. */

import type { MemberRow } from "../ledger/types.ts";
import { changing, theMemberArg } from "./change.ts";
import { badUsage, command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { erase } from "./member-erase.ts";
import { exportFile, importFile } from "./member-list.ts";
import { askErasure, erasures, keep, share } from "./member-wishes.ts";
import { columns } from "./text.ts";
import { card, date, list, theMember, wholeNumber } from "./values.ts";

const add = command({
  summary: "add a member, with card and membership if they are at hand",
  args: {
    name: { type: "positional", required: true, description: "the name to show, in quotes" },
    locale: { type: "enum", options: ["en", "lv", "sv", "nb"], default: "en", description: "language of the member" },
    number: { type: "string", valueHint: "number", description: "member number, to keep one they had (default the next free one)" },
    card: { type: "string", valueHint: "number", description: "card number such as em4100:0A1B2C3D4E; only its keyed hash is kept" },
    plan: { type: "string", valueHint: "plan", description: "membership plan (koprade plan list)" },
    from: { type: "string", valueHint: "date", description: "first day of the membership (default today)" },
    through: { type: "string", valueHint: "date", description: "last day of the membership (default open end)" },
    "grace-days": { type: "string", valueHint: "days", description: "days of grace after the last one" },
    roles: { type: "string", valueHint: "a,b", description: "staff, steward, trainer, maintainer, responder" },
  },
  examples: [
    "koprade member add 'Ada Ozola' --card em4100:0A1B2C3D4E --plan full --locale lv",
    "koprade member add 'Kim' --roles staff,trainer",
  ],
  async run(given, context) {
    const cards = list(given.card).map((text) => card("--card", text).number);
    const [from, through] = [date("--from", given.from), date("--through", given.through)];
    if (given.plan === undefined && (from ?? through ?? given["grace-days"]) !== undefined) {
      throw badUsage("--plan is missing: --from, --through and --grace-days belong to a membership.");
    }
    const ref = given.number === undefined ? {} : { ref: wholeNumber("--number", given.number, 1, 4_000_000_000) };
    const graceDays = given["grace-days"] === undefined ? 0 : wholeNumber("--grace-days", given["grace-days"], 0, 366);
    const roles = rolesOf(given.roles);
    return withLedger(context, async (ledger) => {
      const membership =
        given.plan === undefined
          ? {}
          : { plan: given.plan, ...(from === undefined ? {} : { from }), validThrough: through ?? null, graceDays };
      const row = { displayName: given.name, ...ref, locale: given.locale, cards, ...membership };
      const { members } = await ledger.change.importMembers({ rows: [row] }, context.actor);
      const member = members[0];
      if (member === undefined) throw new Error("the ledger added a member without a number");
      if (roles.length > 0) await ledger.change.setRoles({ member, roles }, context.actor);
      return { lines: [`Added ${given.name} as member ${member}.`], json: { member, displayName: given.name, cards: cards.length } };
    });
  },
});

const roleNames = ["staff", "steward", "trainer", "maintainer", "responder"] as const;
function rolesOf(text: string | undefined): (typeof roleNames)[number][] {
  return list(text).map((name) => {
    const role = roleNames.find((each) => each === name);
    if (role === undefined) throw badUsage(`--roles cannot be "${name}"; give some of ${roleNames.join(", ")}.`);
    return role;
  });
}

const show = command({
  summary: "list members",
  args: {
    search: { type: "string", valueHint: "text", description: "only names that hold this text" },
    limit: { type: "string", default: "500", valueHint: "number", description: "at most so many" },
  },
  examples: ["koprade member list", "koprade member list --search oz --json"],
  async run(given, context) {
    const limit = wholeNumber("--limit", given.limit, 1, 20_000);
    return withLedger(context, async (ledger) => {
      const rows = ledger.read.members({ limit, ...(given.search === undefined ? {} : { text: given.search }) });
      if (rows.length === 0) return { lines: ["No members. Add one with: koprade member add 'Name'"], json: [] };
      return { lines: columns(["NUMBER", "NAME", "STATUS", "PLAN", "UNTIL", "CARDS", "ROLES"], rows.map(line)), json: rows };
    });
  },
});
const line = (row: MemberRow): string[] => [
  String(row.member),
  row.displayName,
  row.hold === null ? row.status : `${row.status}, on hold`,
  row.plan ?? "–",
  row.plan === null ? "–" : (row.validThrough ?? "open end"),
  String(row.cards),
  row.roles.join(", "),
];

const role = command({
  summary: "set a member's roles; none takes all away",
  args: {
    member: { type: "positional", required: true, description: "number or name" },
    roles: { type: "positional", required: true, description: "staff, steward, trainer, maintainer, responder, or none" },
  },
  examples: ["koprade member role 'Ada Ozola' staff,trainer", "koprade member role 12 none"],
  async run(given, context) {
    const roles = given.roles === "none" ? [] : rolesOf(given.roles);
    return withLedger(context, async (ledger) => {
      const member = theMember(ledger, "<member>", given.member);
      await ledger.change.setRoles({ member: member.member, roles }, context.actor);
      return {
        lines: [`${member.displayName} (${member.member}) is now ${roles.length === 0 ? "without a role" : roles.join(", ")}.`],
        json: { member: member.member, roles },
      };
    });
  },
});

const set = changing({
  change: "setMember",
  summary: "change a member's name, language, standing, addresses or birth date",
  args: {
    member: theMemberArg,
    name: { type: "string", valueHint: "text", description: "another name" },
    locale: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language they read" },
    status: { type: "enum", options: ["active", "suspended", "banned", "left"], description: "standing in the space" },
    mail: { type: "string", valueHint: "address", description: "mail address, or none" },
    "external-id": { type: "string", valueHint: "text", description: "their number in another system, or none; lists know them by it" },
    born: { type: "string", valueHint: "date", description: "birth date, or none; unknown counts as of full age" },
    "more-time": { type: "enum", options: ["yes", "no"], description: "doors may stand open longer after them" },
  },
  examples: ["koprade member set 'Kid' --born 2012-05-17", "koprade member set 12 --status suspended"],
  input(given, site) {
    const birthDate = given.born === "none" ? null : date("--born", given.born);
    const change = {
      ...(given.name === undefined ? {} : { displayName: given.name }),
      ...(given.locale === undefined ? {} : { locale: given.locale }),
      ...(given.status === undefined ? {} : { status: given.status }),
      ...(given.mail === undefined ? {} : { mail: given.mail === "none" ? null : given.mail }),
      ...(given["external-id"] === undefined ? {} : { externalRef: given["external-id"] === "none" ? null : given["external-id"] }),
      ...(birthDate === undefined ? {} : { birthDate }),
      ...(given["more-time"] === undefined ? {} : { moreTime: given["more-time"] === "yes" }),
    };
    if (Object.keys(change).length === 0)
      throw badUsage("Say what to change: --name, --locale, --status, --mail, --external-id, --born or --more-time.");
    return { member: site.member("<member>", given.member), ...change };
  },
  says: (input, _result, site) => `${site.name(input.member)} is changed.`,
});

export const member: Noun = {
  summary: "who belongs to the space",
  verbs: { add, list: show, set, role, share, "ask-erasure": askErasure, keep, erasures, erase, import: importFile, export: exportFile },
};
