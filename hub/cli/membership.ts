/** `koprade membership`: which plan a member has, from which day on and until when. */
import { changing, listing, theMemberArg } from "./change.ts";
import type { Noun } from "./command.ts";
import { date, wholeNumber } from "./values.ts";

export const membership: Noun = {
  summary: "who has which plan, and for how long",
  verbs: {
    set: changing({
      change: "setMembership",
      summary: "give a member a plan from a day on; what they had ends the day before",
      args: {
        member: theMemberArg,
        plan: { type: "string", required: true, valueHint: "plan", description: "membership plan (koprade plan list)" },
        from: { type: "string", valueHint: "date", description: "first day (default today)" },
        through: { type: "string", valueHint: "date", description: "last day (default open end)" },
        "grace-days": { type: "string", default: "0", valueHint: "days", description: "days of grace after the last one" },
      },
      examples: ["koprade membership set 'Ada Ozola' --plan full --from 2027-01-01 --through 2027-12-31 --grace-days 7"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        plan: given.plan,
        from: date("--from", given.from) ?? site.today,
        validThrough: date("--through", given.through) ?? null,
        graceDays: wholeNumber("--grace-days", given["grace-days"], 0, 366),
      }),
      says: ({ member, plan, from, validThrough }, _result, site) =>
        `${site.name(member)} has ${plan} from ${from} ${validThrough === null ? "on" : `through ${validThrough}`}.`,
    }),
    end: changing({
      change: "endMembership",
      summary: "end a membership without grace, and take back what was to begin later",
      args: {
        member: theMemberArg,
        on: { type: "string", valueHint: "date", description: "last day (default today)" },
      },
      examples: ["koprade membership end 'Ada Ozola' --on 2026-12-31"],
      input: (given, site) => ({ member: site.member("<member>", given.member), lastDay: date("--on", given.on) ?? site.today }),
      says: (input, _result, site) => `The membership of ${site.name(input.member)} ends after ${input.lastDay}.`,
    }),
    list: listing({
      summary: "list the memberships of a member, earliest first",
      args: { member: theMemberArg },
      examples: ["koprade membership list 'Ada Ozola'"],
      header: ["PLAN", "FROM", "THROUGH", "GRACE DAYS"],
      none: "No membership. Give one with: koprade membership set",
      rows: (given, site) => site.ledger.read.memberships(site.member("<member>", given.member)),
      line: (row) => [row.plan, row.from, row.validThrough ?? "open end", String(row.graceDays)],
    }),
  },
};
