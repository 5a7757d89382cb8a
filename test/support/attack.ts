/**
 * Whoever holds every table of every revision of a month, and wants to know how large a hidden group is. The attacker knows each
 * printed total and sum, that nobody is negative, and that a person was here on a day at least; bounds are narrowed until nothing
 * changes any more, and revisions are taken from one another.
 */
import fc from "fast-check";
import { type Background, hiddenRows, type Sign, smallestGroup } from "#core";
import { monthFigures } from "../../hub/reports/figures.ts";
import { type Hide, hiddenSince } from "../../hub/reports/shown-groups.ts";
import { groupTables } from "../../hub/reports/tables-groups.ts";
import { peopleTables } from "../../hub/reports/tables-people.ts";
import type { MonthFigures, MonthInput, ReportTable } from "../../hub/reports/types.ts";
import { en } from "../../hub/reports/words-en.ts";
import { aMonth, at, counted } from "../hub/reports/builders.ts";

/** One space whose month was closed several times. Small on purpose: that is where groups are small. */
export type World = readonly { readonly people: readonly Person[]; readonly events: readonly Event[] }[];
type Person = { readonly member: number; readonly days: number; readonly target: string; readonly town: string; readonly age: string };
type Event = {
  readonly kind: string;
  readonly target: string;
  readonly people: number;
  readonly municipality: string;
  readonly ageBand: string;
  readonly school: string;
};

const skewed = (...values: string[]) =>
  fc.oneof(...values.map((value, i) => ({ weight: 2 ** (values.length - i), arbitrary: fc.constant(value) })));
const aPerson = fc.record({
  member: fc.integer({ min: 1, max: 80 }),
  days: fc.integer({ min: 1, max: 4 }),
  target: skewed("student", "pupil", "not-stated", "senior", "educator", "start-up"),
  town: skewed("not-stated", "Valmiera", "Cēsis", "Rauna"),
  age: skewed("not-stated", "26-64", "15-25", "65+"),
});
const anEvent = fc.record({
  kind: fc.constantFrom("class", "fair", "school_visit", "meetup"),
  target: fc.constantFrom("pupil", "senior", "visitor"),
  people: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 5, max: 40 })),
  municipality: fc.constantFrom("", "Valmiera", "Cēsis"),
  ageBand: fc.constantFrom("", "7-14", "15-25"),
  school: fc.constantFrom("", "Valmieras 5. vidusskola", "Cēsu ģimnāzija"),
});
const aChange = fc.record({ more: fc.array(aPerson, { maxLength: 4 }), fewer: fc.integer({ min: 0, max: 3 }), event: fc.option(anEvent) });

export const aWorld: fc.Arbitrary<World> = fc
  .tuple(
    fc.uniqueArray(aPerson, { maxLength: 70, selector: ({ member }) => member }),
    fc.array(anEvent, { maxLength: 5 }),
    fc.array(aChange, { maxLength: 2 }),
  )
  .map(([people, events, changes]) => {
    const revisions = [{ people, events }];
    for (const { more, fewer, event } of changes) {
      const last = revisions.at(-1) ?? { people, events };
      const merged = new Map([...last.people.slice(fewer), ...more].map((person) => [person.member, person]));
      revisions.push({ people: [...merged.values()], events: event === null ? last.events : [...last.events, event] });
    }
    return revisions;
  });

function inputOf({ people, events }: World[number]): MonthInput {
  const signs = people.flatMap(({ member, days }): Sign[] =>
    Array.from({ length: days }, (_, i) => {
      const atMs = at(`2026-03-${String(10 + i).padStart(2, "0")}T12:00`);
      return { kind: "entry", member, fromMs: atMs, toMs: atMs };
    }),
  );
  const backgrounds = people.flatMap(({ member, target, town, age }): Background[] =>
    Object.entries({ target, municipality: town, age_band: age }).map(([what, value]) => ({ member, what, value, from: "2026-01-01" })),
  );
  const headcounts = events.map((event) => counted(event));
  const headcount = events.reduce((sum, event) => sum + event.people, 0);
  return aMonth({ people: { signs, seenBeforeMs: new Map(), activeMembers: null, headcount }, backgrounds, headcounts });
}

/** What is given away of a month's revisions. @param sticky  false: revisions know nothing of one another */
export function published(world: World, hide: Hide = hiddenRows, sticky = true): ReportTable[][] {
  const closed: MonthFigures[] = [];
  for (const revision of world) {
    const figures = monthFigures(inputOf(revision));
    closed.push(sticky ? { ...figures, hidden: hiddenSince(figures, closed) } : figures);
  }
  return closed.map((figures) => [...groupTables(figures, "en", hide), ...peopleTables(figures, en)]);
}

type Cell = { least: number; most: number };
type Known = {
  readonly cells: Map<string, Cell>;
  readonly sums: { readonly of: readonly string[]; readonly sum: number }[];
  readonly pairs: [string, string][];
};

/** The tables of one revision as bounds and sums. */
function known(tables: readonly ReportTable[], isFirst: boolean): Known {
  const cells = new Map<string, Cell>();
  const put = (key: string, shown: unknown): string => {
    const was = cells.get(key);
    // In the first revision a hidden group is somebody: nobody is shown. Later ones hide zeros too.
    const cell = typeof shown === "number" ? { least: shown, most: shown } : { least: isFirst ? 1 : 0, most: Number.POSITIVE_INFINITY };
    cells.set(key, was === undefined ? cell : { least: Math.max(was.least, cell.least), most: Math.min(was.most, cell.most) });
    return key;
  };
  const table = (id: string) => tables.find((each) => each.id === id)?.rows ?? [];
  const measure = (label: string): number => Number(table("people").find(([name]) => name === label)?.[1] ?? 0);
  const [people, days, headcount] = [measure(en.uniquePeople), measure(en.personDays), measure(en.headcount)];
  const blocks = new Map<string, { keys: string[]; sum: number }>();
  const add = (block: string, sum: number, value: unknown, shown: unknown): string => {
    const own = blocks.get(block) ?? { keys: [], sum };
    blocks.set(block, own);
    const key = put(`${block}/${String(value)}`, shown);
    own.keys.push(key);
    return key;
  };
  const pairs: [string, string][] = [];
  for (const [what, value, n, d] of table("backgrounds")) {
    // the target groups stand in two tables: the same cells
    const block = what === en.groups ? "target" : String(what);
    pairs.push([add(block, people, value, n), add(`${block} days`, days, value, d)]);
  }
  // A withheld column has no total either, and its rows are not those that it has.
  const isShown = (column: number): boolean => typeof tables.find(({ id }) => id === "groups")?.total?.[column] === "number";
  for (const [target, n, c] of table("groups")) {
    if (isShown(1)) put(`target/${String(target)}`, n);
    if (isShown(2)) add("counted", headcount, target, c);
  }
  for (const [kind, , n] of table("events")) add("event", headcount, kind, n);
  for (const [what, value, n] of table("counted")) add(`counted ${String(what)}`, headcount, value, n);
  return { cells, sums: [...blocks.values()].map(({ keys, sum }) => ({ of: keys, sum })), pairs };
}

/** Narrows all bounds by all sums until nothing changes. */
function narrow({ cells, sums, pairs }: Known): void {
  const cell = (key: string): Cell => cells.get(key) ?? { least: 0, most: Number.POSITIVE_INFINITY };
  for (let changed = true; changed; ) {
    changed = false;
    const set = (key: string, least: number, most: number): void => {
      const was = cell(key);
      if (least <= was.least && most >= was.most) return;
      cells.set(key, { least: Math.max(least, was.least), most: Math.min(most, was.most) });
      changed = true;
    };
    for (const { of, sum } of sums) {
      for (const key of of) {
        const others = of.filter((other) => other !== key).map(cell);
        const least = others.reduce((all, other) => all + other.least, 0);
        const most = others.reduce((all, other) => all + other.most, 0);
        set(key, sum - most, sum - least);
      }
    }
    for (const [people, days] of pairs) {
      set(people, 0, cell(days).most);
      set(days, cell(people).least, Number.POSITIVE_INFINITY);
    }
  }
}

/** Groups smaller than may be shown that the attacker now knows, in words. */
export function learned(revisions: readonly (readonly ReportTable[])[]): string[] {
  const found: string[] = [];
  const small = (n: number): boolean => Math.abs(n) > 0 && Math.abs(n) < smallestGroup;
  const solved = revisions.map((tables, i) => {
    const one = known(tables, i === 0);
    narrow(one);
    return one.cells;
  });
  solved.forEach((cells, i) => {
    for (const [key, { least, most }] of cells) {
      if (!key.includes(" days/") && least > 0 && most < smallestGroup) found.push(`${key} of revision ${i + 1} is ${least} to ${most}`);
    }
    for (const before of solved.slice(0, i)) {
      for (const key of new Set([...cells.keys(), ...before.keys()])) {
        if (key.includes(" days/") || !cells.has(key) || !before.has(key)) continue;
        const [now, was] = [cells.get(key), before.get(key)];
        if (now === undefined || was === undefined) continue;
        const by = [now.least - was.most, now.most - was.least];
        if (by[0] === by[1] && small(by[0] ?? 0)) found.push(`${key} differs by ${by[0]} between revisions`);
      }
    }
  });
  return found;
}

/** Hides only what is too small: what every such scheme begins with, and where it is broken. */
export const primaryOnly: Hide = (rows) => rows.map(({ size, anyway = false }) => anyway || (size > 0 && size < smallestGroup));
