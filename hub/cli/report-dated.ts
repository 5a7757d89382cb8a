/** `koprade report background|rate` and `koprade machine plan-maintenance`: what reports count with from a date on. */
import { backgrounds, rates } from "../ledger/inputs-reporting.ts";
import { changing, fromTime, reasonArg, theMemberArg, untilTime } from "./change.ts";
import { badUsage } from "./command.ts";
import { date, wholeNumber } from "./values.ts";

const from = { type: "string", valueHint: "date", description: "first day (default today)" } as const;
const dated = (text: string | undefined) => {
  const day = date("--from", text);
  return day === undefined ? {} : { from: day };
};

export const background = changing({
  change: "setBackground",
  summary: "say what a member is, from a date on: town, school, enterprise … Reports count it, in groups of five or more",
  args: {
    member: theMemberArg,
    what: { type: "enum", required: true, options: [...backgrounds], description: "what is stated" },
    is: {
      type: "string",
      required: true,
      valueHint: "text",
      description: "such as Valmiera, or a registry number; not-stated takes it back",
    },
    founded: { type: "string", valueHint: "date", description: "when the enterprise was founded" },
    from,
  },
  examples: [
    "koprade report background 'Ada Ozola' --what municipality --is Valmiera",
    "koprade report background 'Ada Ozola' --what enterprise --is LV40003000000 --founded 2025-02-01",
  ],
  input: (given, site) => ({
    member: site.member("<member>", given.member),
    what: given.what,
    stated: given.is,
    founded: date("--founded", given.founded) ?? null,
    ...dated(given.from),
  }),
  says: (input, _result, site) => `${site.name(input.member)} counts with ${input.what} ${input.stated}.`,
});

export const rate = changing({
  change: "setRate",
  summary: "say what an hour is worth, what a kilowatt-hour emits, or after how much a machine is due, from a date on",
  args: {
    rate: {
      type: "enum",
      required: true,
      options: [...rates],
      description: "cents an hour, cents in reserve, g CO₂/kWh, or hours, kWh, days to the next service",
    },
    is: { type: "string", required: true, valueHint: "n", description: "a whole number; none when it is not known any more" },
    of: { type: "string", default: "", valueHint: "name", description: "the machine, or the role of a volunteer" },
    source: { type: "string", default: "", valueHint: "text", description: "where it is from" },
    from,
  },
  examples: [
    "koprade report rate --rate machine_hour --is 600 --of laser-1 --from 2026-09-01",
    "koprade report rate --rate co2 --is 104 --source 'AIB residual mix 2025'",
    "koprade report rate --rate service_hours --is 200 --of laser-1",
  ],
  input: (given) => ({
    rate: given.rate,
    of: given.of,
    value: given.is === "none" ? null : wholeNumber("--is", given.is, 0, 1_000_000_000),
    source: given.source,
    ...dated(given.from),
  }),
  says: ({ rate: what, of, value }) =>
    `${what}${of === "" || of === undefined ? "" : ` of ${of}`} is ${value ?? "not known"} from then on.`,
});

export const planMaintenance = changing({
  change: "planMaintenance",
  summary: "plan work on a machine: planned down time in the reports. It locks nothing: lock the machine when the work begins",
  args: {
    machine: { type: "positional", required: true, description: "short name of the machine" },
    from: fromTime,
    until: untilTime,
    reason: reasonArg,
  },
  examples: ["koprade machine plan-maintenance laser-1 --from 2026-12-02T12:00 --until 2026-12-02T16:00 --reason 'mirrors'"],
  input: (given, site) => {
    if (given.reason === "") throw badUsage("--reason cannot be empty; say what will be done.");
    return {
      machine: given.machine,
      fromMs: site.instant("--from", given.from),
      untilMs: site.instant("--until", given.until),
      reason: given.reason,
    };
  },
  says: (input, { maintenance }, site) =>
    `Planned maintenance ${maintenance}: ${input.machine} from ${site.wall(input.fromMs)} until ${site.wall(input.untilMs)}.`,
});

export const cancelMaintenance = changing({
  change: "cancelMaintenance",
  summary: "cancel planned work on a machine, or end it earlier than it was planned",
  args: { maintenance: { type: "positional", required: true, description: "its number, as planning it said" } },
  examples: ["koprade machine cancel-maintenance 3"],
  input: (given) => ({ maintenance: wholeNumber("<maintenance>", given.maintenance, 1, 1e9) }),
  says: (input) => `Planned maintenance ${input.maintenance} is over or cancelled.`,
});
