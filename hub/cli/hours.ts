/** `koprade hours`: when the space is open, in its own local time. Plans may ignore it; reports measure against it. */
import type { Schedule } from "#contract";
import { changing } from "./change.ts";
import { badUsage, command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { isDate, list } from "./values.ts";

const scheduleName = "opening-hours";
const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** `Tue-Sat 12:00-20:00; Sun 10-14` as weekly intervals; an end not after its start is on the next day. */
export function intervalsOf(text: string): Schedule["intervals"] {
  return text
    .split(";")
    .filter((part) => part.trim() !== "")
    .flatMap((part) => {
      const [, days = "", start = "", end = ""] = /^\s*([a-z, -]+?)\s+([\d:.]+)\s*[-–]\s*([\d:.]+)\s*$/i.exec(part) ?? [];
      const span = spanOf(`${start}-${end}`);
      const on = days.split(",").flatMap(daysOf);
      if (span === undefined || on.length === 0 || on.includes(0)) {
        throw badUsage(`<hours> cannot hold "${part.trim()}"; write such as "Tue-Sat 12:00-20:00; Sun 10:00-14:00".`);
      }
      return on.map((weekday) => ({ weekday, ...span }));
    });
}

/** `Tue-Sat` as 2 … 6; 0 for what is no weekday. */
function daysOf(text: string): number[] {
  const [first = 0, last = first, more] = text.split("-").map((name) => weekdays.indexOf(name.trim().toLowerCase().slice(0, 3)) + 1);
  if (first === 0 || last === 0 || more !== undefined) return [0];
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => ((first - 1 + i) % 7) + 1);
}

/** `10:00-14:30` or `10-14` in minutes of the day. */
function spanOf(text: string): { readonly startMin: number; readonly endMin: number } | undefined {
  const [start = "", end = "", more] = text.split(/[-–]/).map((time) => time.trim());
  const [startMin, endMin] = [minuteOf(start), minuteOf(end)];
  if (startMin === undefined || endMin === undefined || startMin === 1440 || more !== undefined) return undefined;
  return { startMin, endMin };
}

function minuteOf(text: string): number | undefined {
  const [, hours, minutes = "0"] = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return hours !== undefined && Number(minutes) < 60 && total <= 1440 ? total : undefined;
}

const specialDays = {
  closed: { type: "string", valueHint: "date,…", description: "dates on which it is closed all day" },
  other: { type: "string", valueHint: "date hours; …", description: 'dates with other hours, such as "2026-12-31 10:00-14:00"' },
  reason: { type: "string", default: "holiday", valueHint: "text", description: "why those dates are special" },
} as const;
type SpecialDays = { readonly closed?: string | undefined; readonly other?: string | undefined; readonly reason: string };

/** The special days of a schedule by date. Throws CliError (2), also for a date that is named twice in one way. */
function specialOf({ closed, other, reason }: SpecialDays): Schedule["special"] {
  const off = list(closed).map((date) => {
    if (!isWritten(date)) throw badUsage(`--closed cannot be "${date}"; give dates such as 2026-12-24, with commas.`);
    return { date, reason, open: [] };
  });
  const otherwise = (other ?? "").split(";").filter((part) => part.trim() !== "");
  const open = otherwise.map((part) => {
    const [, date = "", hours = ""] = /^\s*(\S+)\s+(.+?)\s*$/.exec(part) ?? [];
    const spans = list(hours).map(spanOf);
    if (!isWritten(date) || spans.length === 0 || spans.includes(undefined))
      throw badUsage(`--other cannot hold "${part.trim()}"; write such as "2026-12-31 10:00-14:00; 2027-01-02 12-15,16-20".`);
    return { date, reason, open: spans.filter((span) => span !== undefined) };
  });
  const days = [...off, ...open].sort((a, b) => a.date.localeCompare(b.date));
  const twice = days.find(({ date }, i) => date === days[i + 1]?.date);
  if (twice !== undefined) throw badUsage(`${twice.date} is named twice in --closed and --other; name it once, with all its hours.`);
  return days;
}

const isWritten = (date: string): boolean => /^\d{4}-\d\d-\d\d$/.test(date) && isDate(date);

const set = command({
  summary: "set the weekly opening hours",
  args: {
    hours: { type: "positional", required: true, description: 'in quotes, such as "Tue-Sat 12:00-20:00; Sun 10:00-14:00"' },
    ...specialDays,
  },
  examples: [
    "koprade hours set 'Tue-Sat 12:00-20:00' --closed 2026-12-24,2026-12-25 --reason Christmas",
    "koprade hours set 'Tue-Sat 12:00-20:00' --other '2026-12-31 10:00-14:00' --reason 'New Year'",
  ],
  async run(given, context) {
    const intervals = intervalsOf(given.hours);
    if (intervals.length === 0) throw badUsage('<hours> is empty; write such as "Tue-Sat 12:00-20:00", or use `koprade hours clear`.');
    const special = specialOf(given);
    return withLedger(context, async (ledger) => {
      await ledger.change.addSchedule({ schedule: scheduleName, hours: { intervals, special } }, context.actor);
      await ledger.change.setSite({ openingHours: scheduleName }, context.actor);
      return { lines: ["The opening hours are now:", ...shown({ intervals, special })], json: { intervals, special } };
    });
  },
});

const add = command({
  summary: "add a schedule of another name, for plans and rules, or replace one",
  args: {
    schedule: { type: "positional", required: true, description: "short name such as late" },
    hours: { type: "positional", required: true, description: 'in quotes, such as "Mon-Fri 22:00-06:00"' },
    ...specialDays,
  },
  examples: ["koprade hours add late 'Mon-Sun 22:00-06:00'"],
  async run(given, context) {
    const hours = { intervals: intervalsOf(given.hours), special: specialOf(given) };
    return withLedger(context, async (ledger) => {
      await ledger.change.addSchedule({ schedule: given.schedule, hours }, context.actor);
      return { lines: [`Schedule ${given.schedule}:`, ...shown(hours)], json: { schedule: given.schedule, hours } };
    });
  },
});

const schedules = command({
  summary: "list all schedules",
  args: {},
  examples: ["koprade hours list"],
  async run(_given, context) {
    return withLedger(context, async ({ read }) => {
      const rows = read.schedules();
      if (rows.length === 0) return { lines: ["No schedules. Add one with: koprade hours add"], json: [] };
      return { lines: rows.flatMap((row) => [row.schedule, ...shown(row.hours)]), json: rows };
    });
  },
});

const show = command({
  summary: "show the opening hours",
  args: {},
  examples: ["koprade hours show"],
  async run(_given, context) {
    return withLedger(context, async ({ read }) => {
      const hours = read.schedules().find((entry) => entry.schedule === read.site().openingHours)?.hours;
      if (hours === undefined)
        return { lines: ["No opening hours: the space is open always. Set them with: koprade hours set"], json: null };
      return { lines: shown(hours), json: hours };
    });
  },
});

const clear = command({
  summary: "have no opening hours: open always",
  args: {},
  examples: ["koprade hours clear"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      await ledger.change.setSite({ openingHours: null }, context.actor);
      return { lines: ["The space has no opening hours now: open always."], json: null };
    });
  },
});

const time = (min: number): string => `${String(Math.floor(min / 60)).padStart(2, "0")}:${String(min % 60).padStart(2, "0")}`;
const shownSpan = (span: { readonly startMin: number; readonly endMin: number }): string => `${time(span.startMin)}–${time(span.endMin)}`;

function shown(hours: Schedule): string[] {
  const week = weekdays.flatMap((day, i) => {
    const of = hours.intervals.filter((interval) => interval.weekday === i + 1);
    return of.length === 0 ? [] : [`  ${day.charAt(0).toUpperCase()}${day.slice(1)}  ${of.map(shownSpan).join(", ")}`];
  });
  return [
    ...week,
    ...hours.special.map(
      ({ date, reason, open }) => `  ${date}  ${open.length === 0 ? "closed" : open.map(shownSpan).join(", ")}: ${reason}`,
    ),
  ];
}

const remove = changing({
  change: "removeSchedule",
  summary: "remove a schedule that nothing names",
  args: { schedule: { type: "positional", required: true, description: "short name of the schedule" } },
  examples: ["koprade hours remove late"],
  input: (given) => ({ schedule: given.schedule }),
  says: (input) => `Schedule ${input.schedule} is removed.`,
});

export const hours: Noun = { summary: "when the space is open", verbs: { set, show, clear, add, remove, list: schedules } };
