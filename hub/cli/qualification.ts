/** `koprade trainer` and `koprade maintainer`: who may sign off a course, who may mend a machine, and from when to when. */
import { changing, listing, theMemberArg } from "./change.ts";
import type { Noun } from "./command.ts";
import { date } from "./values.ts";

const of = {
  trainer: { scope: "course", all: "every course", name: "laser-basics" },
  maintainer: { scope: "machine", all: "every machine", name: "laser-1" },
} as const;

function verbsOf(role: keyof typeof of): Noun["verbs"] {
  const { scope, all, name } = of[role];
  const args = { of: { type: "string", valueHint: scope, description: `short name of the ${scope} (default ${all})` } } as const;
  return {
    add: changing({
      change: "addQualification",
      summary: `make a member ${role} of a ${scope}`,
      args: {
        member: theMemberArg,
        ...args,
        from: { type: "string", valueHint: "date", description: "first day (default today)" },
        through: { type: "string", valueHint: "date", description: "last day (default no end)" },
      },
      examples: [`koprade ${role} add 'Kim' --of ${name} --through 2027-12-31`],
      input(given, site) {
        const from = date("--from", given.from);
        const through = date("--through", given.through) ?? null;
        return {
          member: site.member("<member>", given.member),
          role,
          scope: given.of ?? null,
          through,
          ...(from === undefined ? {} : { from }),
        };
      },
      says: (input, _result, site) =>
        `${site.name(input.member)} is ${role} of ${input.scope ?? all}${input.through === null ? "" : ` through ${input.through}`}.`,
    }),
    remove: changing({
      change: "endQualification",
      summary: `let a member be ${role} of a ${scope} no longer`,
      args: {
        member: theMemberArg,
        ...args,
        after: { type: "string", valueHint: "date", description: "last day (default: it ends now)" },
      },
      examples: [`koprade ${role} remove 'Kim' --of ${name}`],
      input(given, site) {
        const lastDay = date("--after", given.after);
        return {
          member: site.member("<member>", given.member),
          role,
          scope: given.of ?? null,
          ...(lastDay === undefined ? {} : { lastDay }),
        };
      },
      says: (input, _result, site) =>
        `${site.name(input.member)} is no longer ${role} of ${input.scope ?? all}${input.lastDay === undefined ? "" : ` after ${input.lastDay}`}.`,
    }),
    list: listing({
      summary: `list the ${role}s`,
      args: {},
      examples: [`koprade ${role} list`],
      header: [scope.toUpperCase(), "MEMBER", "FROM", "THROUGH"],
      none: `No ${role}s. Make one with: koprade ${role} add`,
      rows: (_given, { ledger }) => ledger.read.qualifications().filter((row) => row.role === role),
      line: (row, site) => [row.scope ?? all, site.name(row.member), row.from ?? "–", row.through ?? "–"],
    }),
  };
}

export const trainer: Noun = { summary: "who may sign off a course", verbs: verbsOf("trainer") };
export const maintainer: Noun = { summary: "who may mend a machine", verbs: verbsOf("maintainer") };
