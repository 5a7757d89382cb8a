/**
 * The hub's answer to a tap that no snapshot could prove (domain.md D1): decided in this process, written to the ledger, then
 * sent. A permissive answer waits for its durable record with a limit of 2 s (D10); after that nobody gets a late grant.
 */
import type { AccessRequest, AccessResponse, EventBody, Permit, SiteSettings } from "#contract";
import { type Decision, dialogueTimes, hubDefaults, registerWith } from "#core";
import type { Clock, Ids, Ledger, LedgerEvent, Log } from "../ports.ts";
import type { HubTime } from "./hub-time.ts";
import type { Judge, Judged } from "./judge.ts";
import type { Wire } from "./wire.ts";

/** Answers kept in case their request comes again (R02): those of the last seconds at 500 taps/s, longer on any real site. */
const answersKept = 2000;

export type Answers = {
  answer(node: string, link: { readonly boot: string; readonly conn: number }, request: AccessRequest): Promise<void>;
};

type Given = {
  readonly ledger: Ledger;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly time: HubTime;
  readonly ids: Ids;
  readonly log: Log;
  readonly boot: string;
  readonly judge: Judge;
  readonly settings: () => SiteSettings;
};

export function createAnswers(given: Given): Answers {
  const { ledger, wire, clock, ids, log, boot } = given;
  let seq = 0;
  /** by node and nonce; null while it is being decided */
  const answered = new Map<string, AccessResponse | null>();

  const record = (node: string, request: AccessRequest, judged: Judged, id: string, tookMs: number): LedgerEvent => {
    const { decision, facts, companions } = judged;
    const body: EventBody = {
      kind: "access.decided",
      request: request.kind,
      decision: id,
      outcome: decision.outcome === "ask" ? "deny" : decision.outcome,
      reason: decision.reason,
      also: [...decision.also],
      warnings: [...decision.warnings],
      member: decision.member,
      where: "hub",
      snapshot: facts === undefined ? null : { ...facts.snapshot, ageMs: 0 },
      tookMs,
      ...(decision.waived.length === 0 ? {} : { waived: [...decision.waived] }),
      ...(companions.length === 0 ? {} : { with: [...companions] }),
      ...(request.counter === undefined ? {} : { proof: { card: request.presented[0]?.cardKey ?? "", counter: request.counter, node } }),
    };
    return entry(request.ch, body);
  };

  /** An entry of the hub's own, in the order in which they are made. */
  const entry = (ch: string, body: EventBody): LedgerEvent => {
    seq += 1;
    const { nowMs, quality } = given.time.read();
    return {
      node: "hub",
      boot,
      seq,
      ch,
      atMono: Math.round(clock.monoMs()),
      atMs: nowMs,
      tq: quality,
      evtMs: nowMs,
      recvMs: nowMs,
      tqHub: quality,
      body,
    };
  };

  /** how long the reader waits for the next person */
  const windowOf = (node: string, ch: string): number => {
    const place = ledger.registry.resources().find((each) => each.node === node && each.ch === ch);
    return registerWith(dialogueTimes, { ...given.settings(), ...place?.settings }).windowMs;
  };

  const decideAndSend = async (node: string, link: { readonly boot: string; readonly conn: number }, request: AccessRequest) => {
    const startedMono = clock.monoMs();
    const { persistBudgetMs: limitMs } = registerWith(hubDefaults, given.settings());
    const key = `${node} ${request.nonce}`;
    const before = answered.get(key);
    if (before !== undefined) {
      // The same request again is answered with the same decision; nothing happens twice (R02).
      // It stays bound to the connection it was given on: a request from another one gets nothing permissive (I5).
      if (before !== null) await wire.sendSealed("accessResponse", node, before);
      return;
    }
    answered.set(key, null);
    const oldest = answered.keys().next().value;
    if (answered.size > answersKept && oldest !== undefined) answered.delete(oldest);
    const judged = await given.judge.request(node, request);
    const { decision } = judged;
    const id = ids.ulid();
    const event = record(node, request, judged, id, Math.round((clock.monoMs() - startedMono) * 1000) / 1000);
    const cardKey = request.presented[0]?.cardKey ?? "";
    const suspect = judged.lags ? [entry(request.ch, { kind: "card.suspect", cardKey, why: "counter did not rise", node })] : [];
    const duress = judged.isDuress ? [entry(request.ch, { kind: "access.duress", decision: id, member: decision.member, node })] : [];
    const durable = await within(clock, limitMs, ledger.append("hub", [event, ...suspect, ...duress]));
    if (decision.outcome === "grant" && !durable) {
      log.error({ node, ch: request.ch }, "No answer: the decision could not be recorded in time; the node decides by itself.");
      return;
    }
    if (clock.monoMs() - startedMono > limitMs) return;
    const answer = response(request, decision, id, link, decision.outcome === "pending" ? windowOf(node, request.ch) : null);
    answered.set(key, answer);
    await wire.sendSealed("accessResponse", node, answer);
  };

  return {
    /** Never rejects: what cannot be decided is not answered, and the node decides by itself. */
    async answer(node, link, request) {
      try {
        await decideAndSend(node, link, request);
      } catch (error) {
        log.error(
          { node, ch: request.ch, error: error instanceof Error ? error.message : String(error) },
          "No answer: the request could not be decided.",
        );
      }
    },
  };
}

function response(
  request: AccessRequest,
  decision: Decision,
  id: string,
  link: { readonly boot: string; readonly conn: number },
  pendingMs: number | null,
): AccessResponse {
  const due = decision.obligations;
  const permit: Permit | null = due === null ? null : { ...due, holdPolicy: due.holdPolicy === "indefinite" ? "indefinite" : "until_idle" }; // never `fixed`: it cuts a busy machine (I3)
  return {
    nonce: request.nonce,
    decision: id,
    outcome: decision.outcome === "ask" ? "deny" : decision.outcome,
    reason: decision.reason,
    also: [...decision.also],
    member: decision.member,
    display: { key: decision.reason, params: {} },
    permit: decision.outcome === "grant" ? permit : null,
    pendingMs,
    boot: link.boot,
    conn: link.conn,
  };
}

/** True when the promise kept its word in time; false when it failed or is late. Never rejects. */
function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after("decision record", limitMs, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      () => {
        cancel();
        resolve(false);
      },
    );
  });
}
