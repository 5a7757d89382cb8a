/** `koprade report count|cost|income|group`, and the way back: what no node can tell, for the month's report. */
import { costSources, incomeSources, monthSpan } from "#core";
import { changing, listing, reasonArg, type Site, theMemberArg } from "./change.ts";
import { badUsage } from "./command.ts";
import { monthGiven } from "./report-close.ts";
import { date, wholeNumber } from "./values.ts";

const machine = { type: "string", valueHint: "machine", description: "the machine it was at, or for" } as const;
const on = { type: "string", required: true, valueHint: "date", description: "local date such as 2026-11-10" } as const;
const dateOf = (text: string): string => date("--on", text) ?? text;

export const count = changing({
  change: "addHeadcount",
  summary: "note people who came without a card, such as a class",
  args: {
    people: { type: "positional", required: true, description: "how many" },
    on,
    kind: {
      type: "enum",
      required: true,
      options: ["class", "training", "open_evening", "school_visit", "meetup", "exchange", "fair", "other"],
      description: "what it was",
    },
    minutes: { type: "string", default: "0", valueHint: "n", description: "how long they stayed" },
    group: { type: "string", default: "not-stated", valueHint: "name", description: "target group, such as pupil" },
    municipality: { type: "string", default: "", valueHint: "name", description: "where they came from" },
    age: { type: "string", default: "", valueHint: "band", description: "how old they were, such as 7-14" },
    school: { type: "string", default: "", valueHint: "name", description: "their school or institution" },
    machine,
    class: { type: "string", valueHint: "name", description: "the class that it counts, with those who signed in there" },
    seats: { type: "string", valueHint: "n", description: "how many it was meant for" },
    new: { type: "string", valueHint: "n", description: "how many of them had never been here" },
    volunteers: { type: "enum", options: ["yes", "no"], description: "was it led by volunteers" },
    rated: { type: "string", valueHint: "n,sum", description: "answers from 1 to 5: how many, and their sum, such as 8,35" },
  },
  examples: ["koprade report count 12 --on 2026-11-10 --kind class --minutes 90 --group pupil --machine printer-1"],
  input: (given) => ({
    people: wholeNumber("<people>", given.people, 1, 10_000),
    on: dateOf(given.on),
    kind: given.kind,
    minutes: wholeNumber("--minutes", given.minutes, 0, 1440),
    target: given.group,
    municipality: given.municipality,
    ageBand: given.age,
    school: given.school,
    machine: given.machine ?? null,
    class: given.class ?? null,
    seats: given.seats === undefined ? null : wholeNumber("--seats", given.seats, 1, 10_000),
    firstTimers: given.new === undefined ? null : wholeNumber("--new", given.new, 0, 10_000),
    volunteerLed: given.volunteers === undefined ? null : given.volunteers === "yes",
    ratings: given.rated === undefined ? null : ratingsOf(given.rated),
  }),
  says: ({ people, on: day, kind }, { headcount }) => `Headcount ${headcount}: ${people} on ${day} (${kind}).`,
});

function ratingsOf(text: string): { n: number; sum: number } {
  const [, n, sum] = /^(\d{1,5}),(\d{1,5})$/.exec(text) ?? [];
  if (n === undefined || sum === undefined)
    throw badUsage(`--rated cannot be "${text}"; give how many answers and their sum, such as 8,35.`);
  return { n: Number(n), sum: Number(sum) };
}

const undone = (what: string, n: number): string =>
  `${what} ${n} is taken back. A month that is closed keeps it, until \`koprade report revise\` makes a revision.`;

export const undoCount = changing({
  change: "undoHeadcount",
  summary: "take a headcount back that was entered by mistake",
  args: { headcount: { type: "positional", required: true, description: "its number (koprade report entries)" }, reason: reasonArg },
  examples: ["koprade report undo-count 3 --reason 'entered twice'"],
  input: (given) => ({ headcount: wholeNumber("<headcount>", given.headcount, 1, 1e9), reason: given.reason }),
  says: (input) => undone("Headcount", input.headcount),
});

export const undoMoney = changing({
  change: "undoMoney",
  summary: "take a cost or an income back that was entered by mistake",
  args: { line: { type: "positional", required: true, description: "its number (koprade report entries)" }, reason: reasonArg },
  examples: ["koprade report undo-money 3 --reason 'wrong amount'"],
  input: (given) => ({ line: wholeNumber("<line>", given.line, 1, 1e9), reason: given.reason }),
  says: (input) => undone("Line", input.line),
});

export const material = changing({
  change: "noteMaterial",
  summary: "note what a machine used up, as it was weighed or as its job told",
  args: {
    grams: { type: "positional", required: true, description: "how many grams" },
    machine: { ...machine, required: true },
    on,
    label: { type: "string", required: true, valueHint: "text", description: "what it was, such as PLA" },
  },
  examples: ["koprade report material 420 --machine printer-1 --on 2026-11-10 --label PLA"],
  input: (given) => ({
    grams: wholeNumber("<grams>", given.grams, 1, 10_000_000),
    machine: given.machine,
    on: dateOf(given.on),
    label: given.label,
  }),
  says: (input, result) => `Material ${result.material}: ${input.grams} g of ${input.label} on ${input.on}.`,
});

export const undoMaterial = changing({
  change: "undoMaterial",
  summary: "take a note of material back that was entered by mistake",
  args: { material: { type: "positional", required: true, description: "its number (koprade report entries)" }, reason: reasonArg },
  examples: ["koprade report undo-material 3 --reason 'weighed with its spool'"],
  input: (given) => ({ material: wholeNumber("<material>", given.material, 1, 1e9), reason: given.reason }),
  says: (input) => undone("Material", input.material),
});

/** What was entered by hand for a month, without what was taken back. */
export const entries = listing({
  summary: "list what was entered by hand for a month: headcounts, costs, income, planned maintenance, and rates from its days on",
  args: { month: { type: "positional", required: true, description: "such as 2026-11" } },
  examples: ["koprade report entries 2026-11"],
  header: ["WHAT", "NUMBER", "ON", "KIND", "HOW MUCH", "FOR"],
  none: "Nothing was entered by hand.",
  rows(given, site) {
    const month = monthGiven(given.month);
    const days = [`${month}-01`, `${month}-31`] as const;
    const { usage } = site.ledger.read;
    return [
      ...usage.headcounts(...days).map((row) => ({ what: "headcount" as const, ...row })),
      ...usage.money(...days).map((row) => ({ what: "line" as const, ...row })),
      ...usage.materials(...days).map((row) => ({ what: "material" as const, ...row })),
      ...planned(site, month).map((row) => ({ what: "maintenance" as const, ...row })),
      ...usage
        .rates()
        .filter((row) => row.from.startsWith(month))
        .map((row) => ({ what: "rate" as const, ...row })),
    ];
  },
  line(row, site) {
    switch (row.what) {
      case "headcount":
        return ["count", String(row.headcount), row.on, row.kind, `${row.people} people, ${row.minutes} min`, row.machine ?? row.target];
      case "line":
        return ["money", String(row.line), row.on, `${row.kind}, ${row.source}`, (row.cents / 100).toFixed(2), row.label];
      case "material":
        return ["material", String(row.material), row.on, row.label, `${row.grams} g`, row.machine];
      case "maintenance":
        return ["maintenance", "", site.wall(row.fromMs), "planned", `until ${site.wall(row.toMs)}`, row.machine];
      case "rate":
        return ["rate", "", row.from, row.rate, row.value === null ? "not known" : String(row.value), row.of];
    }
  },
});

function planned(site: Site, month: string) {
  const span = monthSpan(month, site.ledger.read.site().tz);
  return span === undefined ? [] : site.ledger.read.usage.plannedMaintenance(span.fromMs, span.toMs);
}

const sources = {
  cost: costSources,
  income: Object.values(incomeSources).flat(),
} as const;

function moneyVerb(kind: "cost" | "income", example: string) {
  return changing({
    change: "addMoney",
    summary: kind === "cost" ? "note what something cost, for the sustainability sheet" : "note what came in, for the sustainability sheet",
    args: {
      amount: { type: "positional", required: true, description: "such as 1200.50" },
      on,
      source: { type: "enum", required: true, options: [...sources[kind]], description: kind === "cost" ? "what for" : "from whom" },
      label: { type: "string", required: true, valueHint: "text", description: "what it was" },
      machine,
    },
    examples: [example],
    input: (given) => ({
      kind,
      on: dateOf(given.on),
      source: given.source,
      cents: centsOf(given.amount),
      label: given.label,
      machine: given.machine ?? null,
    }),
    says: (input, { line }) => `Line ${line}: ${(input.cents / 100).toFixed(2)} of ${input.source} on ${input.on}.`,
  });
}
export const cost = moneyVerb("cost", 'koprade report cost 1200.50 --on 2026-11-01 --source energy --label "Electricity, October"');
export const income = moneyVerb("income", 'koprade report income 5000 --on 2026-11-03 --source municipal --label "Municipal grant"');

function centsOf(text: string): number {
  const parts = /^(\d{1,8})(?:[.,](\d{2}))?$/.exec(text);
  const cents = parts === null ? 0 : Number(parts[1]) * 100 + Number(parts[2] ?? 0);
  if (cents === 0) throw badUsage(`<amount> cannot be "${text}"; give an amount such as 1200.50.`);
  return cents;
}

export const group = changing({
  change: "setTargetGroup",
  summary: "say which target group a member belongs to, from a date on",
  args: {
    member: theMemberArg,
    group: { type: "string", required: true, valueHint: "name", description: "such as pupil, student or senior" },
    from: { type: "string", valueHint: "date", description: "first day (default today)" },
  },
  examples: ["koprade report group 'Ada Ozola' --group student --from 2026-09-01"],
  input: (given, site) => {
    const from = date("--from", given.from);
    return { member: site.member("<member>", given.member), target: given.group, ...(from === undefined ? {} : { from }) };
  },
  says: (input, _result, site) => `${site.name(input.member)} counts as ${input.target}.`,
});
