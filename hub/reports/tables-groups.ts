/** Figures to tables: who the people are, and what was held for them. Small groups are hidden so that no subtraction brings them back. */
import type { ReportCell } from "../views.ts";
import { countedBlock, type Hide, ifManyBehind, type Shown, shownGroups } from "./shown-groups.ts";
import { hours, measureTable, number, text } from "./tables.ts";
import type { Language, MonthFigures, ReportTable } from "./types.ts";
import { words } from "./words.ts";
import type { Words } from "./words-en.ts";
import { backgroundIn, eventKindIn, targetGroupIn } from "./words-values.ts";

/** Too few to be told, or what would tell them. */
export const hiddenMark = "·";

/** @param hide  how rows are chosen; only tests that attack it give another */
export function groupTables(figures: MonthFigures, language: Language, hide?: Hide): ReportTable[] {
  const w = words[language];
  const shown = shownGroups(figures, hide);
  return [
    ...targetTable(figures, shown, language),
    ...backgroundTable(figures, shown, language),
    ...countedTable(figures, shown, language),
    ...eventTable(figures, shown, language),
    ...programmeTable(figures, w),
  ];
}

type ShownBlocks = ReadonlyMap<string, Shown>;
const cell = (shown: Shown | undefined, value: string, n: number): ReportCell => (shown?.get(value) === true ? n : hiddenMark);

/** F01. A column that cannot be shown at all tells of no row either that it alone would stand for. */
function targetTable({ groups }: MonthFigures, shown: ShownBlocks, language: Language): ReportTable[] {
  const w = words[language];
  const [people, counted] = [shown.get("target"), shown.get("counted")];
  const isTold = (by: Shown | undefined, target: string, n: number): boolean => by !== null && (n > 0 || by?.get(target) === false);
  const rows = groups.filter((row) => isTold(people, row.target, row.people) || isTold(counted, row.target, row.headcount));
  const sum = (of: "people" | "headcount", by: Shown | undefined): ReportCell =>
    by === null ? hiddenMark : groups.reduce((all, row) => all + row[of], 0);
  if (rows.every(({ target }) => target === "not-stated")) return [];
  return [
    {
      id: "groups",
      title: w.groups,
      note: w.groupsNote,
      columns: [text("group", w.group), number("people", w.persons), number("counted", w.counted)],
      rows: rows.map(({ target, people: n, headcount }) => [
        targetGroupIn(language, target),
        people === null ? hiddenMark : n === 0 && !people?.has(target) ? 0 : cell(people, target, n),
        counted === null ? hiddenMark : cell(counted, target, headcount),
      ]),
      total: [w.total, sum("people", people), sum("headcount", counted)],
    },
  ];
}

/** F01–F03, F08: people, their days and their hours by everything that they stated. */
function backgroundTable({ backgrounds = [] }: MonthFigures, shown: ShownBlocks, language: Language): ReportTable[] {
  const w = words[language];
  const labels: Readonly<Record<string, string>> = {
    target: w.groups,
    enterprise: w.whatEnterprise,
    municipality: w.whatMunicipality,
    school: w.whatSchool,
    home_space: w.whatHomeSpace,
    age_band: w.whatAgeBand,
    gender: w.whatGender,
    plan: w.whatPlan,
  };
  const rows = backgrounds.flatMap(({ what, rows: own }): ReportCell[][] => {
    const by = shown.get(what) ?? null;
    if (by === null || own.every(({ value }) => value === "not-stated")) return [];
    return own.map(({ value, people, personDays, busyMs }) => [
      labels[what] ?? what,
      backgroundIn(language, what, value),
      cell(by, value, people),
      cell(by, value, personDays),
      cell(by, value, hours(busyMs)),
    ]);
  });
  if (rows.length === 0) return [];
  return [
    {
      id: "backgrounds",
      title: w.backgrounds,
      note: w.backgroundsNote,
      columns: [
        text("what", w.what),
        text("value", w.group),
        number("people", w.persons),
        number("person_days", w.personDays),
        number("busy_h", w.busy, "h"),
      ],
      rows,
      total: null,
    },
  ];
}

/** V11: who came without a card, by what was said of them. */
function countedTable({ counted = [] }: MonthFigures, shown: ShownBlocks, language: Language): ReportTable[] {
  const w = words[language];
  const labels = { municipality: w.whatMunicipality, age_band: w.whatAgeBand, school: w.whatSchool };
  const rows = counted.flatMap(({ what, rows: own }): ReportCell[][] => {
    const by = shown.get(countedBlock(what)) ?? null;
    return by === null ? [] : own.map(({ value, people }) => [labels[what], backgroundIn(language, what, value), cell(by, value, people)]);
  });
  if (rows.length === 0) return [];
  return [
    {
      id: "counted",
      title: w.countedBy,
      note: w.countedByNote,
      columns: [text("what", w.what), text("value", w.group), number("counted", w.counted)],
      rows,
      total: null,
    },
  ];
}

/** E01–E03 by kind. */
function eventTable({ events }: MonthFigures, shown: ShownBlocks, language: Language): ReportTable[] {
  const w = words[language];
  const by = shown.get("event");
  if (events.length === 0 || by === null) return []; // which kinds there were would tell that each had somebody
  return [
    {
      id: "events",
      title: w.events,
      note: w.eventsNote,
      columns: [
        text("event", w.event),
        number("events", w.eventCount),
        number("participations", w.participations),
        number("participant_h", w.participantHours, "h"),
      ],
      rows: events.map((row) => [
        eventKindIn(language, row.kind),
        row.events,
        cell(by, row.kind, row.participations),
        cell(by, row.kind, hours(row.personMinutes * 60_000)),
      ]),
      total: null,
    },
  ];
}

/** E04–E08, F02, F05, F07. */
function programmeTable({ programme = [] }: MonthFigures, w: Words): ReportTable[] {
  const of = (id: string) => {
    const found = programme.find((metric) => metric.id === id);
    return found === undefined ? undefined : ifManyBehind(found);
  };
  const rows = [
    [w.eventCount, of("E01")],
    [w.participations, of("E02")],
    [w.participantHours, of("E03")],
    [w.seatsFilled, of("E04")],
    [w.firstTimers, of("E05")],
    [w.join30, of("E05.join30")],
    [w.join60, of("E05.join60")],
    [w.join90, of("E05.join90")],
    [w.satisfaction, of("E06")],
    [w.programmeShare, programme.find(({ id }) => id === "E07")],
    [w.volunteerLed, programme.find(({ id }) => id === "E08")],
    [w.enterprises, of("F02")],
    [w.newEnterprises, of("F02.new")],
    [w.municipalities, of("F07")],
    [w.volunteerHours, of("F05.hours")],
    [w.volunteerValue, of("F05")],
  ] as const;
  if (rows.every(([, metric]) => metric === undefined || (metric.value ?? 0) === 0)) return [];
  return [measureTable({ id: "programme", title: w.programme, note: w.programmeNote, value: w.value }, rows, w)];
}
