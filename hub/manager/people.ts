/** What managers decide about people: ends of sessions that members ask for, and who has which role. */
import type { Reads } from "../ledger/types.ts";
import { labelOf, personOf } from "../staff/names.ts";
import type { Corrections, RoleSheet } from "../views-manager.ts";

const correctionsMost = 200;

export function correctionsOf(read: Reads, isOpen: boolean): Corrections {
  const rows = read.corrections(isOpen ? { open: true } : {}).slice(0, correctionsMost);
  return {
    zone: read.site().tz,
    rows: rows.map(({ correction, machine, member, startMs, wasMs, toMs, reason, askedMs, outcome, answer, answeredMs }) => ({
      ...{ correction, startMs, wasMs, toMs, reason, askedMs, outcome, answer, answeredMs },
      machine: labelOf(read, machine),
      who: personOf(read, member),
    })),
  };
}

export function rolesOf(read: Reads): RoleSheet {
  const { compare } = new Intl.Collator(read.site().locale, { sensitivity: "base", numeric: true });
  const courses = read.courses().map(({ course, label }) => ({ id: course, label }));
  const machines = read.resources().flatMap(({ id, kind, label }) => (kind === "machine" ? [{ id, label }] : []));
  const named = { trainer: courses, maintainer: machines };
  return {
    people: read
      .members({})
      .filter(({ roles, status }) => roles.length > 0 && status !== "left")
      .map(({ member, roles }) => ({ who: personOf(read, member), roles }))
      .sort((a, b) => compare(a.who.name, b.who.name)),
    qualifications: read
      .qualifications()
      .map(({ member, role, scope, from, through }) => ({
        ...{ role, from, through },
        who: personOf(read, member),
        scope: scope === null ? null : (named[role].find(({ id }) => id === scope) ?? { id: scope, label: scope }),
      }))
      .sort((a, b) => compare(a.who.name, b.who.name)),
    courses,
    machines,
  };
}
