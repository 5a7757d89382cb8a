/**
 * The live facts that no snapshot holds (domain.md D1): who is in and what runs elsewhere, put together from reports, durable events
 * and the ledger when somebody asks. What cannot be known is absent, never zero, free or fine.
 */
import type { Reported } from "#contract";
import type { LiveFacts } from "#core";
import type { Clock, LedgerEvent, Registry, Resource } from "../ports.ts";
import { createPresence } from "./presence.ts";

/** Whom the question is about. */
export type About = {
  readonly member: number;
  readonly host: number | null;
  /** the first of those who tapped along: supervisor or second person */
  readonly companion: number | null;
};
export type LiveFactsOf = (node: string, ch: string, nowMono: number, about: About) => Omit<LiveFacts, "lockouts" | "revoked" | "check">;

type Session = {
  readonly session: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly supervisor: number | null;
  readonly buddy: number | null;
  readonly isUnattended: boolean;
};
export type Report = { readonly body: Reported; readonly sinceMs: number };

export type LiveFactsBook = {
  events(events: readonly LedgerEvent[]): void;
  /** The next unknown card at this reader is to be enrolled, until the instant or until it has come. */
  capture(node: string, ch: string, untilMono: number): void;
  factsOf: LiveFactsOf;
  /** how many are known to be in the space now */
  peopleIn(): number;
};

type Given = {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly isOnline: (node: string) => boolean;
  readonly reportOf: (node: string, ch: string) => Report | undefined;
  /** last measured power, W */
  readonly powerOf: (node: string, ch: string) => number | null;
};

type SessionBook = {
  apply(event: LedgerEvent): void;
  at(node: string, ch: string): Session | undefined;
  all(): readonly Session[];
  /** when the last session there ended; 0: not known */
  freeSinceMs(node: string, ch: string): number;
};

/** Who works where, with whom, and whether they have left the machine to itself. */
function createSessionBook(registry: Registry): SessionBook {
  const sessions = new Map<string, Session>();
  const freeSince = new Map<string, number>(registry.lastEnds().map(({ node, ch, endMs }) => [keyOf(node, ch), endMs]));
  const open = registry.openSessions();
  for (const { session, node, ch, member } of open)
    sessions.set(session, { session, node, ch, member, supervisor: null, buddy: null, isUnattended: false });

  const apply = ({ body, node, ch, evtMs }: LedgerEvent): void => {
    if (body.kind === "mach.session_started") {
      const { session, member, supervisor = null, buddy = null } = body;
      sessions.set(session, { session, node, ch, member, supervisor, buddy, isUnattended: false });
      return;
    }
    if (!("session" in body) || body.session === null) return;
    const known = sessions.get(body.session);
    if (known === undefined) return;
    if (body.kind === "mach.session_closed") {
      sessions.delete(body.session);
      freeSince.set(keyOf(node, ch), evtMs);
    } else if (body.kind === "mach.session_unattended") sessions.set(body.session, { ...known, isUnattended: true });
    else if (body.kind === "mach.session_attended") sessions.set(body.session, { ...known, isUnattended: false });
    else if (body.kind === "mach.companion") sessions.set(body.session, { ...known, [body.role]: body.member });
    else if (body.kind === "mach.companion_missed") sessions.set(body.session, { ...known, [body.role]: null });
  };

  // Who stood beside the operator, and who has left the machine to itself, stands in the log only.
  const earliestMs = Math.min(...open.map((session) => session.startedMs));
  if (open.length > 0) for (const event of registry.eventsSince(earliestMs, sessionKinds)) apply(event);

  return {
    apply,
    at: (node, ch) => [...sessions.values()].findLast((session) => session.node === node && session.ch === ch),
    all: () => [...sessions.values()],
    freeSinceMs: (node, ch) => freeSince.get(keyOf(node, ch)) ?? 0,
  };
}

/** Since when it is free, and what runs beside it: in its group, on its circuit. */
function machineFacts({ registry, isOnline, reportOf, powerOf }: Given, book: SessionBook): (here: Resource) => Partial<LiveFacts> {
  /** Somebody answers for it, or its node says that its relay is closed; a node that is away may have anything on. */
  const mayRun = (resource: Resource): boolean =>
    book.at(resource.node, resource.ch) !== undefined ||
    !isOnline(resource.node) ||
    (reportOf(resource.node, resource.ch)?.body.relay ?? true);
  const others = (here: Resource): readonly Resource[] =>
    registry.resources().filter((resource) => resource.kind === "machine" && resource.id !== here.id);

  const groupBusy = (here: Resource): boolean | undefined => {
    const group = here.facts.exclusiveGroup;
    return group === undefined ? undefined : others(here).some((each) => each.facts.exclusiveGroup === group && mayRun(each));
  };
  const circuitLoadW = (here: Resource): number | undefined => {
    const circuit = here.facts.feed?.circuit;
    if (circuit === undefined) return undefined;
    const running = others(here).filter((each) => each.facts.feed?.circuit === circuit && mayRun(each));
    return running.reduce((sum, each) => sum + Math.max(each.facts.feed?.ratedW ?? 0, powerOf(each.node, each.ch) ?? 0), 0);
  };

  return (here) => {
    const free = book.at(here.node, here.ch) === undefined ? book.freeSinceMs(here.node, here.ch) : undefined;
    const busy = groupBusy(here);
    const loadW = circuitLoadW(here);
    return {
      ...(free === undefined ? {} : { freeSinceMs: free }),
      ...(busy === undefined ? {} : { groupBusy: busy }),
      ...(loadW === undefined ? {} : { circuitLoadW: loadW }),
    };
  };
}

export function createLiveFacts(given: Given): LiveFactsBook {
  const { registry, clock, reportOf } = given;
  const resourceAt = (node: string, ch: string): Resource | undefined =>
    registry.resources().find((resource) => resource.node === node && resource.ch === ch);
  const presence = createPresence(registry, resourceAt, clock.nowMs());
  const captures = new Map<string, number>();
  const book = createSessionBook(registry);

  const machineAt = machineFacts(given, book);

  /** A zone without a door of its own says nothing about who is in it: then the whole space counts. */
  const watched = (zone: string | null): string | null =>
    zone !== null && registry.resources().some((resource) => resource.kind === "door" && resource.zone === zone) ? zone : null;

  const peopleAt = (here: Resource, about: About): Partial<LiveFacts> => {
    const nowMs = clock.nowMs();
    const near = presence.within(watched(here.zone), nowMs);
    const elsewhere = book.all().filter((session) => session.node !== here.node || session.ch !== here.ch);
    const own = elsewhere.filter((session) => session.member === about.member);
    const isAttendedA = (session: Session): boolean => {
      const facts = resourceAt(session.node, session.ch)?.facts;
      return facts?.riskClass === "A" && facts.attendance === "attended" && !session.isUnattended;
    };
    const cameMs = presence.cameMs(about.member);
    return {
      memberSessions: { all: own.length, attendedA: own.filter(isAttendedA).length },
      occupancy: presence.within(here.zone, nowMs).size,
      memberInside: presence.within(here.zone, nowMs).has(about.member),
      othersPresent: near.size - (near.has(about.member) ? 1 : 0),
      checkedIn: cameMs !== null && localDate(cameMs, here.facts.tz) === localDate(nowMs, here.facts.tz),
      ...(about.host === null ? {} : { hostPresent: presence.within(null, nowMs).has(about.host) }),
      ...(about.companion === null ? {} : { supervised: elsewhere.filter((session) => session.supervisor === about.companion).length }),
      ...(here.facts.minCreditCents === undefined || about.member === 0 ? {} : { creditCents: registry.creditCents(about.member) }),
    };
  };

  return {
    events(events) {
      for (const event of events) {
        if (event.body.kind === "card.captured") captures.delete(keyOf(event.node, event.ch));
        book.apply(event);
      }
      presence.events(events);
    },
    peopleIn: () => presence.within(null, clock.nowMs()).size,
    capture: (node, ch, untilMono) => void captures.set(keyOf(node, ch), untilMono),
    factsOf(node, ch, nowMono, about) {
      const session = book.at(node, ch);
      const report = reportOf(node, ch);
      const here = resourceAt(node, ch);
      const st = report?.body.st ?? "";
      const phase = session?.isUnattended === true ? "unattended" : (phaseWord[st] ?? "idle");
      const idleForMs = phase === "idle" ? clock.nowMs() - (report?.sinceMs ?? clock.nowMs()) : 0;
      return {
        online: given.isOnline(node),
        session: session === undefined ? null : { member: session.member, phase, idleForMs, with: companionsOf(session) },
        ancillariesReady: true,
        readerPenaltyUntilMono: null,
        nowMono,
        capturing: (captures.get(keyOf(node, ch)) ?? 0) > nowMono,
        resting: resting.has(st),
        ...(here === undefined ? {} : peopleAt(here, about)),
        ...(here === undefined || here.kind === "door" ? {} : machineAt(here)),
      };
    },
  };
}

const sessionKinds = [
  "mach.session_started",
  "mach.companion",
  "mach.companion_missed",
  "mach.session_unattended",
  "mach.session_attended",
  "mach.session_closed",
] as const;
const keyOf = (node: string, ch: string): string => `${node}/${ch}`;
const companionsOf = ({ supervisor, buddy }: Session): readonly number[] => [supervisor, buddy].filter((member) => member !== null);
const localDate = (ms: number, tz: string): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(tz).toPlainDate().toString();
/** the interlock's words for being off but not yet at rest */
const resting: ReadonlySet<string> = new Set(["run_on"]);

export const phaseWord: Readonly<Record<string, "enabled" | "idle" | "busy" | "grace">> = {
  enabled: "enabled",
  on_idle: "idle",
  busy: "busy",
  stopping: "busy",
  stop10: "busy",
  grace: "grace",
};
