/** `koprade who`: who may use what when, for a week to come: one table per door or machine, hours down, days across. */
import { type HourAnswer, type WeekOf, weeksOf } from "../foresight.ts";
import { siteOf } from "./change.ts";
import { badUsage, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { list as parts } from "./values.ts";

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const shown: Readonly<Record<HourAnswer, string>> = { alone: "●", with_others: "○", no: "·" };

export const who = command({
  summary: "who may use what in which hour of a week",
  args: {
    at: { type: "string", valueHint: "a,b", description: "doors and machines (default all machines)" },
    week: { type: "string", valueHint: "week", description: "ISO week such as 2026-W51 (default this one)" },
    member: { type: "string", valueHint: "member", description: "only this member, hour by hour" },
  },
  examples: ["koprade who --at laser-1 --week 2026-W51", "koprade who --at laser-1 --member 'Ada Ozola'", "koprade who --json"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const site = siteOf(ledger, context);
      const today = Temporal.Instant.fromEpochMilliseconds(site.nowMs).toZonedDateTimeISO(ledger.read.site().tz).toPlainDate();
      const monday = given.week === undefined ? today.subtract({ days: today.dayOfWeek - 1 }) : mondayOf(given.week);
      const only = given.member === undefined ? undefined : site.member("--member", given.member);
      const machines = ledger.read.resources().filter((row) => row.kind === "machine");
      const names = given.at === undefined ? machines.map((row) => row.id) : parts(given.at);
      const strange = names.find((name) => ledger.read.resource(name) === undefined);
      if (strange !== undefined)
        throw failed(`--at: there is no door or machine "${strange}"; see \`koprade door list\` and \`koprade machine list\`.`);
      const weeks = weeksOf({ ledger }, names, monday).map((week) =>
        only === undefined ? week : { ...week, members: week.members.filter(({ member }) => member === only) },
      );
      const what = only === undefined ? "how many may use it alone" : `${site.name(only)}: ● alone, ○ with somebody beside them, · not`;
      return {
        lines: [
          `Week from ${monday}; ${what}. As if nothing were locked out or in use.`,
          ...weeks.flatMap((week) => ["", week.at, ...tableOf(week, only !== undefined)]),
        ],
        json: { monday: monday.toString(), weeks: weeks.map(jsonOf) },
      };
    });
  },
});

/** ISO 8601: week 1 holds the first Thursday of the year. */
function mondayOf(text: string): Temporal.PlainDate {
  const [, year, week] = /^(\d{4})-W(\d{2})$/.exec(text) ?? [];
  const fourth = year === undefined ? undefined : Temporal.PlainDate.from({ year: Number(year), month: 1, day: 4 });
  const monday = fourth?.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(week) - 1 });
  if (monday === undefined || monday.weekOfYear !== Number(week) || monday.yearOfWeek !== Number(year)) {
    throw badUsage(`--week cannot be "${text}"; give an ISO week such as 2026-W51.`);
  }
  return monday;
}

function tableOf(week: WeekOf, one: boolean): string[] {
  const cell = (index: number): string => {
    const answers = week.members.map((row) => row.answers[index] ?? "no");
    return one ? shown[answers[0] ?? "no"] : String(answers.filter((answer) => answer === "alone").length);
  };
  const rows = Array.from({ length: 24 }, (_, hour) => [
    `${String(hour).padStart(2, "0")}:00`,
    ...days.map((_, day) => cell(day * 24 + hour)),
  ]);
  return columns(["HOUR", ...days], rows);
}

/** One letter per hour and member, Monday 00:00 first: a alone, w with others, - not. */
function jsonOf(week: WeekOf): unknown {
  const letter = { alone: "a", with_others: "w", no: "-" } as const;
  return {
    at: week.at,
    members: week.members.map(({ member, answers }) => ({ member, hours: answers.map((answer) => letter[answer]).join("") })),
  };
}
