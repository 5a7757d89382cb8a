/** `koprade override`: refusals set aside for one member, for a while. `koprade exception`: what was let pass without anybody's word. */
import { type Code, code } from "#contract";
import { neverOverridable } from "#core";
import { whyOf } from "../foresight.ts";
import { changing, listing, memberArg, reasonArg, siteOf } from "./change.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { durationMs, list as parts, wholeNumber } from "./values.ts";

const at = { type: "string", required: true, valueHint: "name", description: "short name of the door or machine" } as const;

const add = command({
  summary: "let a member pass although a rule refuses, for a while; ends with the session",
  args: {
    member: memberArg,
    at,
    by: { type: "string", required: true, valueHint: "member", description: "the steward or maintainer in whose name it is given" },
    for: { type: "string", default: "2h", valueHint: "time", description: "how long, such as 45m or 2h; at most 24h" },
    codes: { type: "string", valueHint: "A,B", description: "refusals to set aside (default: those of this moment)" },
    reason: reasonArg,
  },
  examples: ["koprade override add --member 'Ada Ozola' --at laser-1 --by 'Sten Berg' --for 2h --reason 'the class runs late'"],
  async run(given, context) {
    const lastsMs = durationMs("--for", given.for);
    return withLedger(context, async (ledger) => {
      const site = siteOf(ledger, context);
      const [member, by] = [site.member("--member", given.member), site.member("--by", given.by)];
      const codes = given.codes === undefined ? refusalsNow(site, member, given.at) : codesOf("--codes", given.codes);
      const untilMs = site.nowMs + lastsMs;
      const input = { member, resource: given.at, by, codes, untilMs, reason: given.reason };
      const { override } = await ledger.change.addOverride(input, context.actor);
      const now = whyOf(site, member, given.at, site.nowMs);
      return {
        lines: [
          `Override ${override}: ${codes.join(", ")} set aside for ${site.name(member)} at ${given.at} until ${site.wall(untilMs)}, by ${site.name(by)}.`,
          `As things stand: ${now?.outcome} ${now?.reason}.`,
        ],
        json: { override, ...input, outcome: now?.outcome, reasonNow: now?.reason },
      };
    });
  },
});

function codesOf(option: string, text: string): Code[] {
  return parts(text).map((word) => {
    const read = code.safeParse(word.toUpperCase());
    if (read.success) return read.data;
    throw badUsage(`${option}: "${word}" is no refusal; \`koprade why\` names them, such as OUTSIDE_OPENING_HOURS.`);
  });
}

/** What refuses the member there now. Throws CliError (1) when nothing does, or something that nobody may set aside. */
function refusalsNow(site: ReturnType<typeof siteOf>, member: number, resource: string): Code[] {
  const now = whyOf(site, member, resource, site.nowMs);
  if (now === undefined)
    throw failed(`--at: there is no door or machine "${resource}"; see \`koprade door list\` and \`koprade machine list\`.`);
  if (now.outcome !== "deny" && now.outcome !== "pending")
    throw failed(
      `Nothing to override: ${site.name(member)} at ${resource} is ${now.outcome} ${now.reason} now. Name the refusals with --codes.`,
    );
  const refusals = [now.reason, ...now.also];
  const never = refusals.filter((code) => neverOverridable.has(code));
  if (never.length > 0)
    throw failed(`${never.join(", ")} can be overridden by nobody. Mend what causes it: \`koprade why\` names the rule.`);
  return refusals;
}

export const override: Noun = {
  summary: "refusals set aside for one member at one place, for a while",
  verbs: {
    add,
    end: changing({
      change: "endOverride",
      summary: "end an override before its time",
      args: { override: { type: "positional", required: true, description: "number of the override (koprade override list)" } },
      examples: ["koprade override end 3"],
      input: (given) => ({ override: wholeNumber("<override>", given.override, 1, 1e9) }),
      says: (input) => `Override ${input.override} has ended.`,
    }),
    list: listing({
      summary: "list the overrides in force",
      args: {},
      examples: ["koprade override list"],
      header: ["OVERRIDE", "MEMBER", "WHERE", "SETS ASIDE", "BY", "UNTIL", "WHY"],
      none: "No override is in force.",
      rows: (_given, site) => site.ledger.read.overrides(site.nowMs),
      line: (row, site) => [
        String(row.override),
        site.name(row.member),
        row.resource,
        row.codes.join(", "),
        site.name(row.by),
        site.wall(row.untilMs),
        row.reason,
      ],
    }),
  },
  byDefault: "list",
};

const number = {
  exception: { type: "positional", required: true, description: "number of the exception (koprade exception list)" },
} as const;

export const exception: Noun = {
  summary: "what nodes that were away allowed and would have been refused",
  verbs: {
    list: listing({
      summary: "list the exceptions that nobody has closed, or all",
      args: { all: { type: "boolean", description: "closed ones too" } },
      examples: ["koprade exception list"],
      header: ["EXCEPTION", "MEMBER", "WHERE", "WHEN", "WOULD HAVE BEEN", "TOLD"],
      none: "No node has allowed anything that would have been refused.",
      rows: (given, site) => site.ledger.read.exceptions({ all: given.all === true }),
      line: (row, site) => [
        String(row.exception),
        site.name(row.member),
        row.resource,
        site.wall(row.evtMs),
        row.code,
        site.wall(row.noticedMs),
      ],
    }),
    close: changing({
      change: "closeException",
      summary: "say that somebody has looked at it",
      args: { ...number, reason: reasonArg },
      examples: ["koprade exception close 3 --reason 'asked her: she had found the card again'"],
      input: (given) => ({ exception: wholeNumber("<exception>", given.exception, 1, 1e9), reason: given.reason }),
      says: (input) => `Exception ${input.exception} is closed.`,
    }),
    reopen: changing({
      change: "reopenException",
      summary: "take that back",
      args: number,
      examples: ["koprade exception reopen 3"],
      input: (given) => ({ exception: wholeNumber("<exception>", given.exception, 1, 1e9) }),
      says: (input) => `Exception ${input.exception} is open again.`,
    }),
  },
  byDefault: "list",
};
