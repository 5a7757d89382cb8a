/**
 * What happened in a month that a safety log must hold, one by one: trips, faults, lockouts, power without leave, doors forced or held
 * open, sessions that were ended by force. Where and when, never who; that somebody opened under threat is for few eyes and not among
 * them.
 */
import type { EventBody } from "#contract";
import { type Span, within } from "#core";
import { type MonthSources, type Place, pages } from "./sources.ts";
import type { Incident, MachineFacts } from "./types.ts";

/** How each event stands in the log. */
const kinds = {
  "mach.safety_input": "trip",
  "mach.fault": "fault",
  "mach.bad_poweroff": "bad_poweroff",
  "mach.current_while_off": "power_while_off",
  "mach.manual_bypass": "bypass",
  "mach.verify_failed": "verify_failed",
  "mach.unattributed_use": "unattributed",
  "door.forced_open": "forced_open",
  "door.held_open": "held_open",
  "door.jam": "jam",
  "door.tamper": "tamper",
} as const satisfies Partial<Record<EventBody["kind"], Incident["kind"]>>;
type Told = keyof typeof kinds;
const told = Object.keys(kinds) as Told[]; // the keys of a literal are exactly those
const isTold = (kind: EventBody["kind"]): kind is Told => kind in kinds;

/** Of each of them at most so many: a contact that chatters would fill the report. */
export const incidentsMost = 500;

const detailOf = (body: EventBody): string => {
  switch (body.kind) {
    case "mach.fault":
    case "mach.manual_bypass":
      return body.cause;
    case "mach.current_while_off":
    case "mach.unattributed_use":
      return `${Math.round(body.powerW)} W`;
    default:
      return "";
  }
};

/** @param elapsed  the month up to the present; @param machines  theirs are labels of the month, and sessions by how they ended */
export function incidentsOf(sources: MonthSources, places: readonly Place[], machines: readonly MachineFacts[], elapsed: Span): Incident[] {
  const { read } = sources.ledger;
  const labels = new Map(machines.map(({ id, label }) => [id, label]));
  const labelOf = ({ id, label }: Pick<Place, "id" | "label">): string => labels.get(id) ?? label;
  const events = pages(read.events, { kinds: told, ...elapsed }).rows.flatMap(({ node, ch, evtMs, body }): Incident[] => {
    const place = places.find((one) => one.node === node && one.ch === ch);
    if (place === undefined || !isTold(body.kind) || (body.kind === "mach.manual_bypass" && !body.on)) return [];
    return [{ atMs: evtMs, untilMs: null, place: place.id, label: labelOf(place), kind: kinds[body.kind], detail: detailOf(body) }];
  });
  const locked = read.usage
    .lockouts(elapsed.fromMs, elapsed.toMs)
    .filter(({ fromMs }) => within(fromMs, elapsed))
    .map(({ machine, kind, fromMs, toMs }): Incident => {
      const label = labelOf({ id: machine, label: places.find(({ id }) => id === machine)?.label ?? machine });
      // What ended after the month would make it another one each time it is looked at.
      const untilMs = toMs !== null && toMs <= elapsed.toMs ? toMs : null;
      return { atMs: fromMs, untilMs, place: machine, label, kind: "lockout", detail: kind };
    });
  const forced = machines.flatMap(({ id, label, events: { sessions } }) =>
    sessions
      .filter(({ end, toMs }) => end === "forced" && within(toMs, elapsed))
      .map(({ toMs }): Incident => ({ atMs: toMs, untilMs: null, place: id, label, kind: "forced_stop", detail: "" })),
  );
  const left = new Map<string, number>();
  return [...events, ...locked, ...forced]
    .sort((a, b) => a.atMs - b.atMs || compare(a.place, b.place) || compare(a.kind, b.kind))
    .filter(({ place, kind }) => {
      const n = (left.get(`${place} ${kind}`) ?? 0) + 1;
      left.set(`${place} ${kind}`, n);
      return n <= incidentsMost;
    });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
