/** What the tests of the time accounting are told in: wall clock of Riga, and machines with only the facts that matter. */
import type { MachineEvents, MachineHistory, Metric, Purpose, SessionUse, Span, Step, TrainingFacts, Use } from "#core";

export const riga = "Europe/Riga";
export const hour = 3_600_000;
export const minute = 60_000;
export const at = (wall: string, zone = riga): number => Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds;
export const span = (from: string, to: string): Span => ({ fromMs: at(from), toMs: at(to) });
const ever: Span = { fromMs: 0, toMs: at("2100-01-01T00:00") };

/** A machine in service, off, enforced, without a calendar. */
export function aMachine(given: Partial<MachineHistory> = {}): MachineHistory {
  return {
    service: [ever],
    down: [],
    silent: [],
    open: null,
    use: [],
    away: [],
    policy: "enforced",
    leftOnAfterMs: 15 * minute,
    ...given,
    power: [{ ...ever, value: "off" }, ...(given.power ?? [])],
  };
}
export const noEvents: MachineEvents = {
  sessions: [],
  refused: [],
  trips: 0,
  metered: null,
  runs: [],
  participants: 0,
  bookings: { rows: [], family: [] },
  jobs: null,
  care: null,
  co2GPerKWh: null,
  reports: [],
  requests: null,
  materials: null,
};
export const noTraining: TrainingFacts = {
  records: [],
  uses: [],
  wishes: [],
  activeMembers: null,
  classes: [],
  joinedMs: new Map(),
  trainers: [],
};
export const step = <V>(from: string, to: string, value: V): Step<V> => ({ ...span(from, to), value });
export const busy = (from: string, to: string) => step(from, to, "busy" as const);
export const idle = (from: string, to: string) => step(from, to, "idle" as const);
export const session = (id: string, member: number, from: string, to: string, given: Partial<SessionUse> = {}): SessionUse => ({
  ...span(from, to),
  id,
  member,
  purpose: "member",
  end: "normal",
  ...given,
});
export const heldBy = ({ fromMs, toMs, id, member, purpose }: SessionUse): Step<Use> => ({
  fromMs,
  toMs,
  value: { kind: "session", id, member, purpose },
});
export const job = (id: string, member: number, from: string, to: string, purpose: Purpose = "member"): Step<Use> =>
  step(from, to, { kind: "job", id, member, purpose });
export function metricOf({ metrics }: { readonly metrics: readonly Metric[] }, id: string): Metric {
  const found = metrics.find((metric) => metric.id === id);
  if (found === undefined) throw new Error(`no metric ${id}`);
  return found;
}
