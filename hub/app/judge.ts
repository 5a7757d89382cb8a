/** What the hub knows of a request, put before the core's `decide`: who tapped, with whom, what is true of the place now. */
import type { AccessRequest, SiteMode } from "#contract";
import { type AccessQuestion, type Decision, type DecisionInput, decide, type Subject } from "#core";
import type { Clock, DecideFacts, Ledger, Permits } from "../ports.ts";
import type { HubTime } from "./hub-time.ts";
import type { LiveFactsOf } from "./live-facts.ts";

export type JudgeGiven = {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly time: Pick<HubTime, "read">;
  readonly liveFacts: LiveFactsOf;
  readonly mode: () => SiteMode;
};
export type Judged = {
  readonly decision: Decision;
  readonly facts: DecideFacts | undefined;
  readonly companions: readonly number[];
  /** a chip that counts its taps lags behind: there may be two of it */
  readonly lags: boolean;
  /** a right PIN, but the one that calls for help: answered as the other, and told to staff alone */
  readonly isDuress: boolean;
};

export type Judge = {
  /** Never longer than a PIN takes to check, about 50 ms. */
  request(node: string, request: AccessRequest): Promise<Judged>;
};

export function createJudge(given: JudgeGiven): Judge {
  const { ledger, clock } = given;
  const pins = createPinDesk(given);

  const inputOf = (
    place: { readonly node: string; readonly ch: string },
    facts: DecideFacts | undefined,
    question: AccessQuestion,
    beside: { readonly companions: readonly Subject[]; readonly strangers?: boolean },
  ): DecisionInput => {
    const { nowMs, floorMs, quality } = given.time.read();
    const subject = facts?.subject ?? null;
    const about = {
      member: subject?.member ?? 0,
      host: subject?.facts.guest?.host ?? null,
      companion: beside.companions.find((other) => other.facts.roles.includes("trainer"))?.member ?? beside.companions[0]?.member ?? null,
    };
    return {
      question,
      clock: quality === "unknown" ? { nowMs: null, floorMs, quality } : { nowMs, floorMs: nowMs, quality },
      subject,
      ...beside,
      resource: facts?.resource ?? null,
      schedules: facts?.schedules ?? [],
      live: {
        ...given.liveFacts(place.node, place.ch, clock.monoMs(), about),
        lockouts: facts?.lockouts ?? [],
        revoked: facts?.revoked ?? false,
        ...(facts?.check === undefined ? {} : { check: facts.check }),
      },
      mode: given.mode(),
      nodeAuthorised: true,
      where: { place: "hub" },
    };
  };

  /** A chip that counts its taps opens by each count once; a second one with the same key lags behind (security.md R41). */
  const isBehind = (node: string, { counter, presented }: AccessRequest): boolean =>
    counter !== undefined && !ledger.permits.isFreshCounter(node, presented[0]?.cardKey ?? "", counter);

  return {
    async request(node, request) {
      const [first, ...others] = request.presented;
      const facts = ledger.permits.decideFacts(node, request.ch, first?.cardKey ?? "");
      const beside = others.map(({ cardKey }) => ledger.permits.decideFacts(node, request.ch, cardKey));
      const companions = beside.flatMap((each) => (each === undefined || each.subject === null || each.revoked ? [] : [each.subject]));
      const pin = request.pin === undefined ? undefined : await pins.check(facts?.subject?.member ?? 0, request.pin);
      const lags = isBehind(node, request);
      const question: AccessQuestion = {
        kind: request.kind,
        ageMs: Math.max(0, ...request.presented.map((card) => card.ageMs)),
        usable: true,
        ...(request.assurance === undefined ? {} : { assurance: lags ? 1 : request.assurance }),
        ...(request.acknowledged === undefined ? {} : { acknowledged: request.acknowledged }),
        ...(pin === undefined ? {} : { pin: pin === "duress" ? "right" : pin }),
      };
      const strangers = companions.length < others.length;
      const decision = decide(inputOf({ node, ch: request.ch }, facts, question, { companions, strangers }));
      return { decision, facts, companions: companions.map(({ member }) => member), lags, isDuress: pin === "duress" };
    },
  };
}

const pinTries = { wrong: 5, withinMs: 600_000 } as const;
const pinsRemembered = 500;

/**
 * Checks PINs; after five wrong ones in ten minutes every further one is wrong until ten minutes have passed. A try counts before
 * it is compared, so that a hundred sent at once are no hundred guesses; a right one is forgotten, with those before it.
 */
function createPinDesk({ ledger, clock }: Pick<JudgeGiven, "ledger" | "clock">): {
  check(member: number, pin: string): ReturnType<Permits["checkPin"]>;
} {
  const tries = new Map<number, readonly number[]>();
  return {
    async check(member, pin) {
      const nowMono = clock.monoMs();
      const recent = (tries.get(member) ?? []).filter((at) => nowMono - at < pinTries.withinMs);
      if (recent.length >= pinTries.wrong) return "wrong";
      tries.delete(member); // the map's order is that of the latest try
      tries.set(member, [...recent, nowMono]);
      const [oldest] = tries.keys();
      if (tries.size > pinsRemembered && oldest !== undefined) tries.delete(oldest);
      const found = await ledger.permits.checkPin(member, pin);
      if (found !== "wrong") tries.delete(member);
      return found;
    },
  };
}
