/** `koprade member`: who belongs to the space. */

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { systemCode } from "../errors.ts";
import type { Ledger, MemberRow } from "../ledger/types.ts";
import { changing, theMemberArg } from "./change.ts";
import { badUsage, type Context, command, failed, type Noun, type Outcome } from "./command.ts";
import { readCsv } from "./csv.ts";
import { withLedger } from "./data.ts";
import { type ImportSite, planImport, type RowResult } from "./import-members.ts";
import { erase } from "./member-erase.ts";
import { columns, paint } from "./text.ts";
import { card, date, list, theMember, wholeNumber } from "./values.ts";

const fileBytesMax = 8 * 1024 * 1024;

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
  summary: "change a member's name, language, standing or birth date",
  args: {
    member: theMemberArg,
    name: { type: "string", valueHint: "text", description: "another name" },
    locale: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language they read" },
    status: { type: "enum", options: ["active", "suspended", "banned", "left"], description: "standing in the space" },
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
      ...(birthDate === undefined ? {} : { birthDate }),
      ...(given["more-time"] === undefined ? {} : { moreTime: given["more-time"] === "yes" }),
    };
    if (Object.keys(change).length === 0) throw badUsage("Say what to change: --name, --locale, --status, --born or --more-time.");
    return { member: site.member("<member>", given.member), ...change };
  },
  says: (input, _result, site) => `${site.name(input.member)} is changed.`,
});

const importFile = command({
  summary: "add members from a CSV file: name, e-mail, card, plan, from, through, trainings",
  args: {
    file: { type: "positional", required: true, description: "CSV file in UTF-8; headers in English, Latvian, Swedish or Norwegian" },
    "dry-run": { type: "boolean", description: "check every row and change nothing" },
    partial: { type: "boolean", description: "take the good rows even if others are bad; without it, all or none" },
    by: { type: "string", valueHint: "member", description: "who vouches for the trainings in the file" },
  },
  examples: ["koprade member import members.csv --dry-run", "koprade member import members.csv --by 'Kim Trainer'"],
  async run(given, context) {
    const read = readCsv(readFile(resolve(context.world.cwd, given.file)));
    if (!read.ok) throw failed(`${given.file}: ${read.sentence}`);
    return withLedger(context, async (ledger) => {
      const plan = planImport(read.records, siteOf(ledger));
      if (!plan.ok) throw failed(`${given.file}: ${plan.sentence}`);
      const good = plan.results.flatMap((result) => (result.ok ? [result.row] : []));
      const needsVoucher = good.some((row) => (row.courses ?? []).length > 0);
      if (needsVoucher && given.by === undefined)
        throw badUsage("--by is missing: the file names trainings, and somebody must vouch for them.");
      const by = given.by === undefined ? undefined : theMember(ledger, "--by", given.by).member;
      const bad = plan.results.length - good.length;
      const writes = given["dry-run"] !== true && good.length > 0 && (bad === 0 || given.partial === true);
      const members = writes
        ? (await ledger.change.importMembers({ rows: good, ...(by === undefined ? {} : { signedOffBy: by }) }, context.actor)).members
        : [];
      return importOutcome(context, plan.results, plan.ignored, members, given["dry-run"] === true);
    });
  },
});

function importOutcome(
  context: Context,
  results: readonly RowResult[],
  ignored: readonly string[],
  members: readonly number[],
  dryRun: boolean,
): Outcome {
  const colour = paint(context.world);
  const bad = results.filter((result) => !result.ok).length;
  const rows = results.map((result) =>
    result.ok ? `${colour.good("✓")} Line ${result.line}: ${result.name}` : `${colour.bad("✕")} ${result.sentence}`,
  );
  const end =
    members.length > 0
      ? `Added ${members.length} members; ${bad} rows were left out.`
      : dryRun
        ? `${results.length - bad} of ${results.length} rows can be added. Nothing was changed.`
        : `Nothing was changed: ${bad} of ${results.length} rows cannot be added. Correct them, or take the others with --partial.`;
  const note = ignored.length === 0 ? [] : [colour.dim(`Not kept: ${ignored.join(", ")}.`)];
  return {
    lines: [...rows.slice(0, 1000), ...(rows.length > 1000 ? [`… and ${rows.length - 1000} more rows.`] : []), ...note, end],
    json: {
      added: members.length,
      members,
      dryRun,
      ignored,
      rows: results.map((result) => ({
        line: result.line,
        name: result.name,
        ok: result.ok,
        sentence: result.ok ? null : result.sentence,
      })),
    },
    exit: bad > 0 && (dryRun || members.length === 0) ? 1 : 0,
  };
}

function readFile(path: string): Uint8Array {
  try {
    if (statSync(path).size > fileBytesMax) throw failed(`${path}: larger than 8 MB; split it.`);
    return readFileSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(
      code === "ENOENT"
        ? `${path}: there is no such file; check its name.`
        : `${path}: cannot be read (${code}); check that it is a file you may read.`,
    );
  }
}

function siteOf(ledger: Ledger): ImportSite {
  const plans = new Map<string, string>();
  for (const { plan, label } of ledger.read.plans()) for (const name of [label, plan]) plans.set(name.toLowerCase(), plan);
  const courses = new Map<string, string>();
  for (const { course, label } of ledger.read.courses()) for (const name of [label, course]) courses.set(name.toLowerCase(), course);
  return {
    plan: (text) => plans.get(text),
    course: (text) => courses.get(text),
    keyOf: (number) => ledger.keys.cardKeyOf(number),
    holder(number) {
      const held = ledger.read.card(ledger.keys.cardKeyOf(number));
      return held === undefined || held.status === "returned" ? null : held.member;
    },
  };
}

export const member: Noun = { summary: "who belongs to the space", verbs: { add, list: show, set, role, erase, import: importFile } };
