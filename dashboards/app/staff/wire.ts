/** What the pages of staff read from the hub beside the live picture, parsed once at the edge. A test holds them to hub/views-staff.ts. */
import * as z from "zod";

const named = z.object({ id: z.string(), label: z.string() });
const person = z.object({ member: z.number(), name: z.string() });
const instant = z.number();
const part = <T extends z.ZodType>(row: T) => z.object({ rows: z.array(row), next: z.string().nullable() });

const need = z.object({
  id: z.string(),
  kind: z.enum(["reported", "check", "denied", "unknown_card", "job_done", "exception", "booking"]),
  atMs: instant,
  where: named,
  who: person.nullable(),
  reason: z.string().nullable(),
  count: z.number(),
  note: z.string().nullable(),
  row: z.number().nullable(),
});
const soon = z.object({
  id: z.string(),
  kind: z.enum(["booking", "class", "closing", "opening"]),
  label: z.string(),
  who: person.nullable(),
  fromMs: instant,
  untilMs: instant.nullable(),
});
const shift = z.object({ shift: z.number(), who: person, zone: z.string().nullable(), fromMs: instant, untilMs: instant });
export const nowLanes = z.object({ needs: z.array(need), soon: z.array(soon), shifts: z.array(shift), roster: z.boolean() });

const machineInfo = z.object({
  ...named.shape,
  zone: named.nullable(),
  course: named.nullable(),
  riskClass: z.enum(["A", "B", "C"]).nullable(),
});
export const machineList = z.array(machineInfo);
const sessionLine = z.object({
  session: z.string(),
  who: person.nullable(),
  startedMs: instant,
  endedMs: instant.nullable(),
  busyMs: z.number(),
  energyWh: z.number(),
  end: z.string().nullable(),
});
export const logLine = z.object({
  id: z.string(),
  atMs: instant,
  kind: z.string(),
  where: named,
  who: person.nullable(),
  outcome: z.enum(["grant", "deny", "pending", "noop"]).nullable(),
  request: z.string().nullable(),
  reason: z.string().nullable(),
  also: z.array(z.string()),
  detail: z.string().nullable(),
  busyMs: z.number().nullable(),
  energyWh: z.number().nullable(),
});
export const machineDetail = z.object({
  ...machineInfo.shape,
  node: z.string(),
  attendance: z.string(),
  lockouts: z.array(
    z.object({
      lockout: z.number(),
      kind: z.enum(["maintenance", "oops", "fault", "tamper", "check"]),
      reason: z.string(),
      atMs: instant,
    }),
  ),
  day: z.object({ fromMs: instant, toMs: instant }),
  sessions: z.array(sessionLine),
  stops: z.array(z.object({ kind: z.string(), fromMs: instant, toMs: instant.nullable() })),
  bookings: z.array(
    z.object({
      booking: z.number(),
      who: person.nullable(),
      label: z.string().nullable(),
      fromMs: instant,
      untilMs: instant,
      state: z.string(),
    }),
  ),
  planned: z.array(z.object({ fromMs: instant, toMs: instant })),
  teachers: z.array(person),
  maintainers: z.array(person),
  care: z.object({ lastMs: instant.nullable(), busyMs: z.number(), dueMs: z.number().nullable() }),
  history: z.array(z.object({ date: z.string(), sessions: z.number(), busyMs: z.number().nullable(), energyWh: z.number().nullable() })),
  commissioned: z.object({ isValid: z.boolean(), atMs: instant, basis: z.enum(["tested", "taken_over"]) }).nullable(),
});
export const doorDetail = z.object({
  ...named.shape,
  node: z.string(),
  leadsTo: named.nullable(),
  leadsFrom: named.nullable(),
  failMode: z.enum(["safe", "secure"]).nullable(),
  course: named.nullable(),
  strikeMs: z.number().nullable(),
  events: z.array(logLine),
});

const personRow = z.object({
  ...person.shape,
  status: z.enum(["active", "suspended", "banned", "left"]),
  plan: z.string().nullable(),
  validThrough: z.string().nullable(),
  cards: z.number(),
  hold: z.string().nullable(),
  roles: z.array(z.string()),
  lastSeenMs: instant.nullable(),
});
export const peoplePart = part(personRow);
export const personDetail = z.object({
  ...personRow.shape,
  locale: z.string(),
  birthDate: z.string().nullable(),
  cardList: z.array(
    z.object({
      cardKey: z.string(),
      label: z.string(),
      status: z.enum(["active", "lost", "stolen", "returned", "revoked"]),
      sinceMs: instant,
    }),
  ),
  trainings: z.array(
    z.object({
      course: named,
      result: z.enum(["passed", "failed", "supervised_only"]),
      by: person,
      on: z.string(),
      validThrough: z.string().nullable(),
      state: z.enum(["valid", "expired", "suspended", "revoked", "failed"]),
    }),
  ),
  memberships: z.array(z.object({ plan: named, from: z.string(), validThrough: z.string().nullable() })),
  holds: z.array(z.object({ place: z.string().nullable(), reason: z.string(), atMs: instant, through: z.string().nullable() })),
  visits: z.array(logLine),
  sessions: z.array(z.object({ ...sessionLine.shape, machine: named })),
});
export const choices = z.object({ plans: z.array(named), courses: z.array(named), readers: z.array(named) });
export const captureState = z.object({
  state: z.enum(["waiting", "done", "refused", "over"]),
  untilMs: instant,
  refused: z.string().nullable(),
});
export const captureOpened = z.object({ capture: z.number(), untilMs: instant, readers: z.array(z.string()) });
export const memberAdded = z.object({ member: z.number() });

export const trainingsView = z.object({
  courses: z.array(
    z.object({
      ...named.shape,
      machines: z.array(named),
      teachers: z.array(person),
      valid: z.number(),
      validityMonths: z.number().nullable(),
      nextClass: z.object({ label: z.string(), fromMs: instant, free: z.number().nullable() }).nullable(),
    }),
  ),
  queue: z.array(z.object({ who: person, course: named, atMs: instant, times: z.number(), signedUp: z.string().nullable() })),
  expiring: z.array(z.object({ who: person, course: named, validThrough: z.string() })),
  classes: z.array(z.object({ class: z.string(), label: z.string(), fromMs: instant, untilMs: instant, enrolled: z.array(person) })),
});
export const logPart = part(logLine);
export const nodesView = z.object({
  nodes: z.array(
    z.object({
      ...named.shape,
      kind: z.enum(["door", "machine", "mixed", "hosted"]),
      state: z.enum(["pending", "active", "quarantined", "revoked"]),
      firmware: z.string().nullable(),
      hangs: z.array(z.object({ ...named.shape, kind: z.enum(["door", "machine"]) })),
      wiring: z.enum(["tested", "taken_over", "ended", "none", "not_needed"]),
      uptimeMs: z.number().nullable(),
      signalDbm: z.number().nullable(),
    }),
  ),
  windowUntilMs: instant.nullable(),
  hubWords: z.string(),
  newcomers: z.array(
    z.object({
      fp: z.string(),
      words: z.string(),
      model: z.string(),
      firmware: z.string(),
      sinceMs: instant,
      adoptedAs: z.string().nullable(),
      channels: z.array(z.object({ ch: z.string(), kind: z.string() })),
    }),
  ),
});
export const energyView = z.object({
  fromMs: instant,
  toMs: instant,
  rows: z.array(
    z.object({
      machine: named,
      energyWh: z.number().nullable(),
      idleMs: z.number().nullable(),
      busyMs: z.number().nullable(),
      closedWh: z.number().nullable(),
      known: z.number(),
    }),
  ),
  bars: z.array(z.object({ fromMs: instant, energyWh: z.number() })),
});

export type Need = z.infer<typeof need>;
export type Soon = z.infer<typeof soon>;
export type Shift = z.infer<typeof shift>;
export type NowLanes = z.infer<typeof nowLanes>;
export type MachineInfo = z.infer<typeof machineInfo>;
export type MachineDetail = z.infer<typeof machineDetail>;
export type DoorDetail = z.infer<typeof doorDetail>;
export type PersonRow = z.infer<typeof personRow>;
export type PersonDetail = z.infer<typeof personDetail>;
export type LogLine = z.infer<typeof logLine>;
export type NodesView = z.infer<typeof nodesView>;
export type TrainingsView = z.infer<typeof trainingsView>;
export type EnergyView = z.infer<typeof energyView>;
